package dynamo

import (
	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/dynamo/schema"
)

// lastUseAttributes puts a last use into the index only if the key was used.
func lastUseAttributes(c *codec, u *apikey.LastUse) {
	if !c.writing {
		u.Key = c.keyID()
	} else if !u.UsedOn.IsZero() {
		c.item[schema.ListingPartitionKey] = text(orgPartition(u.Org))
		c.item[schema.ListingSortKey] = text(listingPosition(u.UsedOn, u.Key))
	}
	c.org("org", &u.Org)
	c.optionalMoment("usedOn", &u.UsedOn)
	c.address("usedFrom", &u.UsedFrom)
	mapsOf(c, "secrets", &u.Secrets, func(c *codec, use *apikey.SecretUse) {
		numeric(c, "generation", &use.Generation, 1)
		c.secretUse(use, "on", "firstOn", "from")
	})
	c.optionalMoment("retiredOn", &u.RetiredOn)
	numeric(c, "version", &u.Version, 1)
	if n := &u.Noticed; c.optional(*n != apikey.Noticed{}, "notices") {
		c.nested("notices", func(c *codec) {
			c.optionalMoment("expiresOn", &n.ExpiresOn)
			numeric(c, "days", &n.Days, 0)
			c.optionalMoment("unusedSince", &n.UnusedSince)
		})
	}
}

// secretUse reads or writes the use of a secret, in attributes of those names. An
// older version stored only when it was used last.
func (c *codec) secretUse(use *apikey.SecretUse, on, first, from string) {
	if c.moment(on, &use.On); c.later(first) {
		c.moment(first, &use.FirstOn)
	} else {
		use.FirstOn = use.On
	}
	if c.later(from) {
		c.address(from, &use.From)
	}
}
