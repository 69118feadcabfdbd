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
		"version":   number(u.Version),
	}
	putAddress(encoded, "usedFrom", u.UsedFrom)
	if n := u.Noticed; n != (apikey.Noticed{}) {
		encoded["notices"] = mapOf(item{"expiresOn": optionalMoment(n.ExpiresOn), "days": number(n.Days), "unusedSince": optionalMoment(n.UnusedSince)})
	}
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
		Version:   r.number("version", 1),
	}
	if r.has("notices") {
		u.Noticed = r.noticed("notices")
	}
	return u, r.err
}

func (r *reader) noticed(attribute string) apikey.Noticed {
	member, ok := r.item[attribute].(*types.AttributeValueMemberM)
	if !ok {
		r.fail(attribute, "is not a map")
		return apikey.Noticed{}
	}
	inner := &reader{item: member.Value}
	noticed := apikey.Noticed{ExpiresOn: inner.optionalMoment("expiresOn"), Days: int(inner.number("days", 0)), UnusedSince: inner.optionalMoment("unusedSince")}
	if inner.err != nil {
		r.fail(attribute, "is damaged")
	}
	return noticed
}
