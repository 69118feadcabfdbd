package dynamo

import "github.com/keyward/keyward/shared/apikey"

// secrets reads or writes what only a rotated key has: the number of its current
// secret, and its older secrets. A version that ignores them accepts the current
// secret alone, so they require no format. A key without them has its first secret.
func (c *codec) secrets(key *apikey.Key) {
	if !c.optional(key.Generation > 1 || !key.SecretOn.IsZero() || len(key.Older) > 0, "generation", "secretOn", "older") {
		key.Generation = 1
		return
	}
	numeric(c, "generation", &key.Generation, 1)
	c.optionalMoment("secretOn", &key.SecretOn)
	mapsOf(c, "older", &key.Older, func(c *codec, s *apikey.OlderSecret) {
		numeric(c, "generation", &s.Generation, 1)
		c.text("redacted", &s.Redacted)
		c.text("start", &s.Start)
		c.digest(&s.Digest)
		c.moment("createdOn", &s.CreatedOn)
		c.moment("endsOn", &s.EndsOn)
		c.boolean("awaitsUse", &s.AwaitsUse)
		numeric(c, "overlap", &s.Overlap, 0)
		if c.optional(!s.ExposedOn.IsZero(), "exposedOn") {
			c.moment("exposedOn", &s.ExposedOn)
		}
	})
	if len(key.Older) > apikey.MaxOlder {
		c.fail("older", "has too many elements")
	}
}
