package canonical

import (
	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/dialect/wire"
)

// AuditEvent is a record of the audit log.
type AuditEvent struct {
	ID     string        `json:"id" format:"uuid"`
	At     string        `json:"at" format:"date-time"`
	Action apikey.Action `json:"action" doc:"What was done. Older versions of Keyward wrote other actions, and later versions may add some."`
	Actor  Creator       `json:"actor"`
	KeyID  string        `json:"keyId,omitzero" format:"uuid" doc:"The id of the key that the actor used. Absent if the actor used none."`
	Target string        `json:"target" doc:"The id or name of what was changed or revealed."`
	Source string        `json:"source,omitzero" doc:"The address that the request came from."`
	Agent  string        `json:"userAgent,omitzero"`
	// RequestID is empty if no request caused the event.
	RequestID string            `json:"requestId,omitzero"`
	Before    map[string]string `json:"before,omitzero" doc:"The target's fields before the change. A change of an existing target shows only the texts that changed; lists are in removed and added. Events of earlier versions have complete copies in before and after. Long values are cut and end in [cut] or [12 more]. Absent if the target did not exist, or if no text changed."`
	After     map[string]string `json:"after,omitzero" doc:"The target's fields after the change, in the form of before. Absent if the target does not exist any more, or if no text changed."`
	Removed   map[string]string `json:"removed,omitzero" doc:"What the change removed from each of the target's lists, such as permissions, joined by commas and cut as in before."`
	Added     map[string]string `json:"added,omitzero" doc:"What the change added to each of the target's lists, in the form of removed."`
}

// AuditEventList is one page of the audit log, newest event first.
type AuditEventList struct {
	Items []AuditEvent `json:"items"`
	Paging
}

// FromAudits returns a page of the audit log in wire form.
func FromAudits(page apikey.Listed[apikey.AuditRecord, apikey.Position]) AuditEventList {
	return AuditEventList{wire.List(page.Records, auditEvent), paging(page.Next, Cursor, page.Damaged)}
}

func auditEvent(r apikey.AuditRecord) AuditEvent {
	return AuditEvent{
		ID: r.ID.String(), At: Time(r.At), Action: r.Action, Actor: Creator(r.Actor), KeyID: r.Key.String(), Target: r.Target, Source: Address(r.Source),
		Agent: r.UserAgent, RequestID: r.RequestID, Before: r.Before, After: r.After, Removed: r.Removed, Added: r.Added,
	}
}
