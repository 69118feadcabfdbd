package dynamo

import (
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/dynamo/schema"
)

// lastUseItem encodes a last use. It is in the index only if the key was used.
func lastUseItem(u apikey.LastUse) item {
	encoded := item{
		"org":       text(string(u.Org)),
		"usedOn":    optionalMoment(u.UsedOn),
		"secrets":   list(u.Secrets, secretUseMap),
		"retiredOn": optionalMoment(u.RetiredOn),
		"noticed":   texts(u.Noticed),
		"version":   number(u.Version),
	}
	putAddress(encoded, "usedFrom", u.UsedFrom)
	if !u.UsedOn.IsZero() {
		encoded[schema.ListingPartitionKey] = text(orgPartition(u.Org))
		encoded[schema.ListingSortKey] = text(listingPosition(u.UsedOn, u.Key))
	}
	return encoded
}

func secretUseMap(use apikey.SecretUse) types.AttributeValue {
	encoded := item{"generation": number(use.Generation), "on": moment(use.On), "firstOn": moment(use.FirstOn)}
	putAddress(encoded, "from", use.From)
	return mapOf(encoded)
}

func decodeLastUse(encoded item) (apikey.LastUse, error) {
	r := &reader{item: encoded}
	u := apikey.LastUse{
		Key: r.keyID(), Org: r.org("org"),
		UsedOn: r.optionalMoment("usedOn"), UsedFrom: r.address("usedFrom"),
		Secrets: mapsOf(r, "secrets", func(inner *reader) apikey.SecretUse {
			return inner.secretUse(int(inner.number("generation", 1)), "on", "firstOn", "from")
		}),
		RetiredOn: r.optionalMoment("retiredOn"),
		Noticed:   r.texts("noticed"),
		Version:   r.number("version", 1),
	}
	return u, r.err
}
