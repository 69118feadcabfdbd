//go:generate go test -count=1 -run ^TestEventSchemas$ . -update

package canonical

import (
	"encoding/json"
	"time"

	"github.com/keyward/keyward/shared/apikey"
)

// EventSource is the source of every event.
const EventSource = "keyward"

// EventVersion is the version of the events' details. It grows when a member is
// removed or changes its meaning; members may be added without it.
const EventVersion = 1

// Event is an event about an audit record, for an event bus.
type Event struct {
	// ID is the audit record's id. If an event is published twice, both have it.
	ID string
	// Type is one of [EventTypes]; for an action of a later version, the action.
	Type string
	// Subject is what the event is about. The events of a subject are in order.
	Subject string
	At      time.Time
	// Detail is an [EventDetail] as JSON.
	Detail string
}

// EventDetail is what an event says: an audit event, and whose it is.
type EventDetail struct {
	Version      int    `json:"version" doc:"The version of this schema. Members may be added without a new version."`
	Organization string `json:"organization" doc:"The id of the organization."`
	AuditEvent
}

// EventType is a kind of event: audit records of an action. If Field is not
// empty, only those after which that field has the value Value.
type EventType struct {
	Type         string
	Action       apikey.Action
	Field, Value string
	// Doc says what has happened.
	Doc string
}

// EventTypes lists all kinds of events. A record is of the first kind that fits.
var EventTypes = []EventType{
	{Type: "apikey.created", Action: apikey.ActionCreateKey, Doc: "A key was created."},
	{Type: "apikey.disabled", Action: apikey.ActionUpdateKey, Field: "disabled", Value: "true", Doc: "A key was disabled, perhaps with other changes. Within the bound of revocation it opens nothing."},
	{Type: "apikey.changed", Action: apikey.ActionUpdateKey, Doc: "A key was changed, or enabled again: then disabled is in before and not in after."},
	{Type: "apikey.deleted", Action: apikey.ActionDeleteKey, Doc: "A key was deleted."},
	{Type: "apikey.revealed", Action: apikey.ActionRevealKey, Doc: "The text of a recoverable key was shown."},
	{Type: "apikey.exposed", Action: apikey.ActionExposeKey, Doc: "A key, or a secret that it once had, was reported as leaked. If the report disabled the key, disabled is in after."},
	{Type: "apikey.restored", Action: apikey.ActionRestoreKey, Doc: "A deleted key was restored. It is disabled."},
	{Type: "apikey.purged", Action: apikey.ActionPurgeKey, Doc: "The time to restore a deleted key is over, and nothing is kept of it."},
	{Type: "apikey.rotated", Action: apikey.ActionRotateKey, Doc: "A key got a new secret."},
	{Type: "apikey.overlap_started", Action: apikey.ActionStartOverlap, Doc: "The new secret of a rotated key was used for the first time, which sets the end of the previous one."},
	{Type: "apikey.previous_secret_ended", Action: apikey.ActionEndPreviousSecret, Doc: "The previous secret of a rotated key was ended before its time."},
	{Type: "apikey.retired_secret_used", Action: apikey.ActionRetiredSecretUsed, Doc: "Somebody used a secret that a rotation has ended, and was refused. At most one an hour and key."},
	{Type: "apikey.expiring", Action: apikey.ActionKeyExpiring, Doc: "A key expires soon: in at most so many days as days in after says, which is 30, 7 or 1. Each is told at most once; of several that are due, only the nearest."},
	{Type: "apikey.stale", Action: apikey.ActionKeyStale, Doc: "A key was not used for as long as its organization allows: since unusedSince in after. It is told again if the key is used, or gets another secret, and is then not used again."},
	{Type: "policy.created", Action: apikey.ActionCreatePolicy, Doc: "A policy was created."},
	{Type: "policy.changed", Action: apikey.ActionUpdatePolicy, Doc: "A policy was changed, and so what its keys may do."},
	{Type: "policy.deleted", Action: apikey.ActionDeletePolicy, Doc: "A policy was deleted. Its keys open nothing any more, and are deleted next."},
	{Type: "policy.purged", Action: apikey.ActionPurgePolicy, Doc: "The last key of a deleted policy is deleted."},
	{Type: "user.created", Action: apikey.ActionCreateUser, Doc: "A user was created."},
	{Type: "user.changed", Action: apikey.ActionUpdateUser, Doc: "A user was changed, and so what their personal keys may do."},
	{Type: "user.deleted", Action: apikey.ActionDeleteUser, Doc: "A user was removed."},
	{Type: "service.put", Action: apikey.ActionPutService, Doc: "A service was registered or changed."},
	{Type: "service.deleted", Action: apikey.ActionDeleteService, Doc: "A service was removed."},
	{Type: "organization.created", Action: apikey.ActionCreateOrganization, Doc: "An organization was created."},
	{Type: "organization.changed", Action: apikey.ActionUpdateOrganization, Doc: "An organization's settings were changed."},
	{Type: "organization.suspended", Action: apikey.ActionSuspendOrganization, Doc: "An operator suspended an organization: none of its keys opens anything."},
	{Type: "organization.resumed", Action: apikey.ActionResumeOrganization, Doc: "An operator ended a suspension."},
	{Type: "pepper.created", Action: apikey.ActionCreatePepper, Doc: "A new version of the pepper was made."},
	{Type: "pepper.retired", Action: apikey.ActionRetirePepper, Doc: "An operator retired a version of the pepper. The keys that were under it, as many as keys says, stop working."},
	{Type: "permission.withdrawn", Action: apikey.ActionWithdrawPermission, Doc: "Nothing holds a permission any more that no service declares."},
}

// FromAudit returns the event about an audit record.
func FromAudit(record apikey.AuditRecord) Event {
	detail := EventDetail{EventVersion, string(record.Org), auditEvent(record)}
	text, _ := json.Marshal(detail) // texts, numbers and maps of texts have no errors
	return Event{
		ID: detail.ID, Type: eventType(record), Subject: detail.Organization + " " + record.Target, At: record.At, Detail: string(text),
	}
}

func eventType(record apikey.AuditRecord) string {
	for _, kind := range EventTypes {
		if kind.Action == record.Action && (kind.Field == "" || record.After[kind.Field] == kind.Value) {
			return kind.Type
		}
	}
	return string(record.Action)
}
