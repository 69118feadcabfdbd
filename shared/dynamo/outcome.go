package dynamo

import (
	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/dynamo/schema"
)

// outcomeAttributes names the moment from which DynamoDB may remove the item. The
// rules compare times themselves, because DynamoDB can be days late.
func outcomeAttributes(c *codec, outcome *apikey.Outcome) {
	c.org("org", &outcome.Org)
	c.id("caller", &outcome.Caller)
	c.sum("idempotencyKey", &outcome.Key, "a hash")
	c.sum("fingerprint", &outcome.Fingerprint, "a hash")
	c.id("apiKey", &outcome.APIKey)
	c.bytes("sealed", &outcome.Sealed)
	c.moment("on", &outcome.On)
	numeric(c, "version", &outcome.Version, 1)
	ends := outcome.Ends().Unix()
	numeric(c, schema.TimeToLive, &ends, 0)
	if !c.writing {
		c.checkOutcome(*outcome, ends)
	}
}

// checkOutcome compares an outcome with the item's key: one that was copied to
// another caller must not be that caller's.
func (r *reader) checkOutcome(outcome apikey.Outcome, ends int64) {
	if len(outcome.Sealed) == 0 {
		r.fail("sealed", "is empty")
	}
	if ends != outcome.Ends().Unix() {
		r.fail(schema.TimeToLive, "is not the outcome's end")
	}
	at := outcome.Ref()
	if r.text(schema.PartitionKey) != orgPartition(at.Org) || r.text(schema.SortKey) != outcomeSort+at.ID.String()+"#"+at.Service {
		r.fail(schema.SortKey, "is not the outcome's")
	}
}
