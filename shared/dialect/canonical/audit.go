package canonical

import "github.com/keyward/keyward/shared/apikey"

// AuditEvent is a record of the audit log.
type AuditEvent struct {
	ID     string        `json:"id" format:"uuid"`
	At     string        `json:"at" format:"date-time"`
	Action apikey.Action `json:"action" doc:"What was done: one of these. Events of older versions may have others, and later versions add some."`
	Actor  Creator       `json:"actor"`
	KeyID  string        `json:"keyId,omitzero" format:"uuid" doc:"The key that the actor used. Absent: none."`
	Target string        `json:"target" doc:"The id, or name, of what was changed or shown."`
	Source string        `json:"source,omitzero" doc:"The address that the request came from."`
	Agent  string        `json:"userAgent,omitzero"`
	// RequestID is empty if no request caused the event.
	RequestID string            `json:"requestId,omitzero"`
	Before    map[string]string `json:"before,omitzero" doc:"What the target was, by field. Of a change, only the texts that changed; lists are in removed and added. Events of earlier versions have whole copies in before and after. What is too long is cut, and ends with [cut] or [12 more]. Absent: the target did not exist, or no text changed."`
	After     map[string]string `json:"after,omitzero" doc:"What the target is, by field, like before. Absent: it does not exist any more, or no text changed."`
	Removed   map[string]string `json:"removed,omitzero" doc:"What a change took out of the target's lists, such as permissions, by field; joined by commas, and cut like before."`
	Added     map[string]string `json:"added,omitzero" doc:"What a change added to the target's lists, like removed."`
}

// AuditEventList is one page of the audit log, newest event first.
type AuditEventList struct {
	Items []AuditEvent `json:"items"`
	Paging
}

// FromAudits returns a page of the audit log in wire form.
func FromAudits(page apikey.AuditPage) AuditEventList {
	list := AuditEventList{make([]AuditEvent, 0, len(page.Records)), paging(page.Next, Cursor, page.Damaged)}
	for _, r := range page.Records {
		event := AuditEvent{
			ID: r.ID.String(), At: Time(r.At), Action: r.Action, Actor: Creator(r.Actor), KeyID: r.Key.String(),
			Target: r.Target, Agent: r.UserAgent, RequestID: r.RequestID, Before: r.Before, After: r.After, Removed: r.Removed, Added: r.Added,
		}
		if r.Source.IsValid() {
			event.Source = r.Source.String()
		}
		list.Items = append(list.Items, event)
	}
	return list
}
