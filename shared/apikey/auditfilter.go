package apikey

import (
	"strings"

	"github.com/keyward/keyward/shared/uuid"
)

// Actions lists every action that an audit record can have.
var Actions = []Action{
	ActionCreateKey, ActionUpdateKey, ActionDeleteKey, ActionRevealKey, ActionRestoreKey, ActionPurgeKey, ActionExposeKey, ActionRetiredSecretUsed,
	ActionRotateKey, ActionEndPreviousSecret, ActionStartOverlap, ActionKeyExpiring, ActionKeyStale,
	ActionCreatePolicy, ActionUpdatePolicy, ActionDeletePolicy, ActionPurgePolicy,
	ActionCreateUser, ActionUpdateUser, ActionDeleteUser,
	ActionPutService, ActionDeleteService,
	ActionCreateOrganization, ActionUpdateOrganization, ActionSuspendOrganization, ActionResumeOrganization,
	ActionCreatePepper, ActionRetirePepper, ActionWithdrawPermission,
}

// AuditTarget returns text in the form in which audit records hold targets: an
// id as [uuid.UUID.String] writes it, or the name of a service, an
// organization or a pepper, or permissions joined by commas. For any other
// text, ok is false.
func AuditTarget(text string) (target string, ok bool) {
	if id, err := uuid.Parse(text); err == nil {
		return id.String(), true
	}
	for name := range strings.SplitSeq(text, ",") {
		if !validName(name) {
			return "", false
		}
	}
	return text, true
}
