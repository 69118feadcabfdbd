package dynamo

import (
	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/dynamo/schema"
)

// outcomeItem names the moment from which DynamoDB may remove the item. The
// rules compare times themselves, because DynamoDB can be days late.
func outcomeItem(outcome apikey.Outcome) item {
	return item{
		"org":             text(string(outcome.Org)),
		"caller":          text(outcome.Caller.String()),
		"idempotencyKey":  binary(outcome.Key[:]),
		"fingerprint":     binary(outcome.Fingerprint[:]),
		"apiKey":          text(outcome.APIKey.String()),
		"sealed":          binary(outcome.Sealed),
		"on":              moment(outcome.On),
		"version":         number(outcome.Version),
		schema.TimeToLive: number(outcome.Ends().Unix()),
	}
}

// decodeOutcome also compares the attributes with the item's key: an outcome
// that was copied to another caller must not be that caller's.
func decodeOutcome(encoded item) (apikey.Outcome, error) {
	r := &reader{item: encoded}
	outcome := apikey.Outcome{
		Org: r.org("org"), Caller: r.id("caller"),
		Idempotency: apikey.Idempotency{Key: r.hash("idempotencyKey"), Fingerprint: r.hash("fingerprint")},
		APIKey:      r.id("apiKey"), Sealed: r.bytes("sealed"), On: r.moment("on"), Version: r.number("version", 1),
	}
	if len(outcome.Sealed) == 0 {
		r.fail("sealed", "is empty")
	}
	if r.number(schema.TimeToLive, 0) != outcome.Ends().Unix() {
		r.fail(schema.TimeToLive, "is not the outcome's end")
	}
	at := outcome.Ref()
	if r.text(schema.PartitionKey) != orgPartition(at.Org) || r.text(schema.SortKey) != outcomeSort+at.ID.String()+"#"+at.Service {
		r.fail(schema.SortKey, "is not the outcome's")
	}
	return outcome, r.err
}

// hash requires the exact length.
func (r *reader) hash(attribute string) (sum [32]byte) {
	if read := r.bytes(attribute); len(read) == len(sum) {
		copy(sum[:], read)
	} else {
		r.fail(attribute, "does not have the length of a hash")
	}
	return sum
}
