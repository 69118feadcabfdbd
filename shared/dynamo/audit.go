package dynamo

import (
	"net/netip"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/dynamo/schema"
	"github.com/keyward/keyward/shared/keytext"
)

func auditItem(record apikey.AuditRecord) item {
	encoded := item{"org": text(string(record.Org))}
	encoded["at"] = moment(record.At)
	encoded["action"] = text(string(record.Action))
	encoded["target"] = text(record.Target)
	encoded["userAgent"] = text(record.UserAgent)
	encoded["requestID"] = text(record.RequestID)
	encoded["key"] = text(record.Key.String())
	putActor(encoded, "actor", record.Actor)
	if record.Source.IsValid() {
		encoded["source"] = text(record.Source.String())
	}
	putTextMap(encoded, "before", record.Before)
	putTextMap(encoded, "after", record.After)
	putTextMap(encoded, "removed", record.Removed)
	putTextMap(encoded, "added", record.Added)
	return encoded
}

func putTextMap(encoded item, attribute string, facts map[string]string) {
	if facts == nil {
		return
	}
	inner := make(item)
	for field, value := range facts {
		inner[field] = text(value)
	}
	encoded[attribute] = mapOf(inner)
}

func decodeAudit(encoded item) (apikey.AuditRecord, error) {
	r := &reader{item: encoded}
	record := apikey.AuditRecord{
		ID:        r.auditID(),
		Org:       r.org("org"),
		At:        r.moment("at"),
		Action:    apikey.Action(r.text("action")),
		Actor:     r.actor("actor"),
		Target:    r.text("target"),
		UserAgent: r.text("userAgent"),
		RequestID: r.text("requestID"),
		Before:    r.textMap("before"),
		After:     r.textMap("after"),
		Removed:   r.textMap("removed"),
		Added:     r.textMap("added"),
	}
	if r.has("key") {
		record.Key = r.optionalID("key")
	}
	if r.has("source") {
		source, err := netip.ParseAddr(r.text("source"))
		if err != nil {
			r.fail("source", "is not an address")
		}
		record.Source = source
	}
	if r.err != nil {
		return apikey.AuditRecord{}, r.err
	}
	return record, nil
}

func (r *reader) auditID() keytext.ID {
	_, suffix, _ := strings.Cut(r.text(schema.SortKey), "#")
	id, err := keytext.ParseID(suffix)
	if err != nil {
		r.fail(schema.SortKey, "is not an audit record's")
	}
	return id
}

// textMap reads a map of texts. Records of earlier versions have lists as
// values.
func (r *reader) textMap(attribute string) map[string]string {
	if !r.has(attribute) {
		return nil
	}
	inner, ok := r.item[attribute].(*types.AttributeValueMemberM)
	if !ok {
		r.fail(attribute, "is not a map")
		return nil
	}
	facts, f := make(map[string]string), &reader{item: inner.Value}
	for field, value := range inner.Value {
		if _, several := value.(*types.AttributeValueMemberL); several {
			facts[field] = strings.Join(f.texts(field), ",")
		} else {
			facts[field] = f.text(field)
		}
	}
	if f.err != nil {
		r.fail(attribute, "is damaged")
	}
	return facts
}
