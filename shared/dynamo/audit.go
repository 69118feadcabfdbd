package dynamo

import (
	"context"
	"net/netip"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/dynamo/schema"
	"github.com/keyward/keyward/shared/keytext"
)

// auditPut adds a record, and fails where it is there already. It never says
// what was there: the functions may write this table, not read it.
func (s *Store) auditPut(record apikey.AuditRecord) types.TransactWriteItem {
	return types.TransactWriteItem{Put: &types.Put{
		TableName: &s.names.Audit, Item: auditItem(record), ConditionExpression: aws.String(isNew),
	}}
}

func auditItem(record apikey.AuditRecord) item {
	encoded := primaryKey(orgPartition(record.Org), listingPosition(record.At, record.ID))
	encoded["org"] = text(string(record.Org))
	encoded["at"] = moment(record.At)
	encoded["action"] = text(string(record.Action))
	encoded["target"] = text(record.Target)
	encoded["userAgent"] = text(record.UserAgent)
	encoded["requestID"] = text(record.RequestID)
	putActor(encoded, "actor", record.Actor)
	if record.Source.IsValid() {
		encoded["source"] = text(record.Source.String())
	}
	putFacts(encoded, "before", record.Before)
	putFacts(encoded, "after", record.After)
	return encoded
}

func putFacts(encoded item, attribute string, facts *apikey.KeyFacts) {
	if facts != nil {
		encoded[attribute] = mapOf(item{
			"name": text(facts.Name), "description": text(facts.Description), "permissions": texts(facts.Permissions),
		})
	}
}

// AuditRecords reads every audit record of an organization in order of time,
// strongly consistent. It needs the right to query the audit table, which the
// functions that change keys do not have. Errors: [apikey.Unavailable].
func (s *Store) AuditRecords(ctx context.Context, org apikey.OrgID) ([]apikey.AuditRecord, error) {
	input := &dynamodb.QueryInput{
		TableName:                 &s.names.Audit,
		KeyConditionExpression:    aws.String(schema.PartitionKey + " = :p"),
		ExpressionAttributeValues: item{":p": text(orgPartition(org))},
		ConsistentRead:            aws.Bool(true),
	}
	return query(ctx, s, "read the audit log", input, 0, decodeAudit)
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
		Before:    r.facts("before"),
		After:     r.facts("after"),
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

func (r *reader) facts(attribute string) *apikey.KeyFacts {
	if !r.has(attribute) {
		return nil
	}
	inner, ok := r.item[attribute].(*types.AttributeValueMemberM)
	if !ok {
		r.fail(attribute, "is not a map")
		return nil
	}
	f := &reader{item: inner.Value}
	facts := &apikey.KeyFacts{Name: f.text("name"), Description: f.text("description"), Permissions: f.permissions("permissions")}
	if f.err != nil {
		r.fail(attribute, "is damaged")
	}
	return facts
}
