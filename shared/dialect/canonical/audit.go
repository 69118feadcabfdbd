package canonical

import "github.com/keyward/keyward/shared/apikey"

// AuditEvent is a record of the audit log.
type AuditEvent struct {
	ID     string  `json:"id" format:"uuid"`
	At     string  `json:"at" format:"date-time"`
	Action string  `json:"action" doc:"What was done, such as apikey.create."`
	Actor  Creator `json:"actor"`
	KeyID  string  `json:"keyId,omitzero" format:"uuid" doc:"The key that the actor used. Absent: none."`
	Target string  `json:"target" doc:"The id, or name, of what was changed or shown."`
	Source string  `json:"source,omitzero" doc:"The address that the request came from."`
	Agent  string  `json:"userAgent,omitzero"`
	// RequestID is empty for what no request asked for.
	RequestID string            `json:"requestId,omitzero"`
	Before    map[string]string `json:"before,omitzero" doc:"What the target was, by field. Absent: it did not exist, or did not change."`
	After     map[string]string `json:"after,omitzero" doc:"What the target is, by field. Absent: it does not exist any more, or did not change."`
}

// AuditEventList is one page of the audit log, the newest event first.
type AuditEventList struct {
	Items []AuditEvent `json:"items"`
	Paging
}

// FromAudits is the form of a page of the audit log.
func FromAudits(page apikey.AuditPage) AuditEventList {
	list := AuditEventList{make([]AuditEvent, 0, len(page.Records)), paging(page.Next, Cursor, page.Damaged)}
	for _, r := range page.Records {
		event := AuditEvent{
			ID: r.ID.String(), At: Time(r.At), Action: string(r.Action), Actor: Creator(r.Actor), KeyID: r.Key.String(),
			Target: r.Target, Agent: r.UserAgent, RequestID: r.RequestID, Before: r.Before, After: r.After,
		}
		if r.Source.IsValid() {
			event.Source = r.Source.String()
		}
		list.Items = append(list.Items, event)
	}
	return list
}
