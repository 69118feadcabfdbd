package apikey

import (
	"net/netip"
	"time"

	"github.com/keyward/keyward/shared/uuid"
)

// AuditRecord says who did what to what, when and from where. It never holds a
// secret or a digest.
type AuditRecord struct {
	// ID is unique. The id of a change's first record identifies the change, so
	// committing it again changes nothing.
	ID     uuid.UUID
	Org    OrgID
	At     time.Time
	Action Action
	Actor  Actor
	// Key is the key that the actor used; zero for none.
	Key uuid.UUID
	// Target is the id of what was changed, or its name if it has no id.
	Target               string
	Source               netip.Addr
	UserAgent, RequestID string
	// Before and After describe the target by field. If the target is created
	// or deleted, one of them describes all of it. If it is changed, they hold
	// the texts that changed, and Removed and Added the list elements that
	// changed; nil if nothing did. Lists are joined by commas. A value that is
	// too long is cut and ends with a mark in brackets, such as "[12 more]".
	//
	// Records of earlier versions have whole copies in Before and After.
	Before, After  map[string]string
	Removed, Added map[string]string
}

// Action names what was done.
type Action string

// The actions.
const (
	ActionCreateKey Action = "apikey.create"
	ActionUpdateKey Action = "apikey.update"
	ActionDeleteKey Action = "apikey.delete"
	ActionRevealKey Action = "apikey.reveal"
	// ActionExposeKey records that somebody reported the key as leaked.
	ActionExposeKey  Action = "apikey.expose"
	ActionRestoreKey Action = "apikey.restore"
	// ActionPurgeKey removes what was kept of a deleted key.
	ActionPurgeKey  Action = "apikey.purge"
	ActionRotateKey Action = "apikey.rotate"
	// ActionEndPreviousSecret ends a rotation's overlap. ActionStartOverlap sets
	// its end, because the new secret was used.
	ActionEndPreviousSecret Action = "apikey.end_previous_secret"
	ActionStartOverlap      Action = "apikey.start_overlap"
	// ActionRetiredSecretUsed says that somebody still has a secret that has ended.
	// It is recorded at most once an hour for each key.
	ActionRetiredSecretUsed Action = "apikey.retired_secret_used"
	// ActionKeyExpiring says that a key expires in 30, 7 or 1 days, ActionKeyStale
	// that it was not used for as long as its organization allows. Both are recorded
	// once.
	ActionKeyExpiring  Action = "apikey.expiring"
	ActionKeyStale     Action = "apikey.stale"
	ActionCreatePolicy Action = "policy.create"
	ActionUpdatePolicy Action = "policy.update"
	ActionDeletePolicy Action = "policy.delete"
	// ActionPurgePolicy ends a deletion: the policy has no keys left.
	ActionPurgePolicy        Action = "policy.purge"
	ActionCreateUser         Action = "user.create"
	ActionUpdateUser         Action = "user.update"
	ActionDeleteUser         Action = "user.delete"
	ActionPutService         Action = "service.put"
	ActionDeleteService      Action = "service.delete"
	ActionCreateOrganization Action = "organization.create"
	ActionUpdateOrganization Action = "organization.update"
	// ActionSuspendOrganization and ActionResumeOrganization also record the
	// operator's reason.
	ActionSuspendOrganization Action = "organization.suspend"
	ActionResumeOrganization  Action = "organization.resume"
	// ActionCreatePepper makes a new version of the pepper, which is then
	// active. ActionRetirePepper retires an older one, and so ends the secrets
	// that are still under it.
	ActionCreatePepper Action = "pepper.create"
	ActionRetirePepper Action = "pepper.retire"
	// ActionWithdrawPermission ends a withdrawal: nothing holds the permission
	// any more.
	ActionWithdrawPermission Action = "permission.withdraw"
)
