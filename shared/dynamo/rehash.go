package dynamo

import "github.com/keyward/keyward/shared/apikey"

// rehash reads or writes the proposal to move a digest to a newer pepper, if there is
// one.
func (c *codec) rehash(name string, proposed *apikey.Rehash) {
	if !c.optional(*proposed != apikey.Rehash{}, name) {
		return
	}
	c.nested(name, func(c *codec) {
		numeric(c, "generation", &proposed.Generation, 1)
		c.digest(&proposed.To)
		numeric(c, "fromPepper", &proposed.From.Pepper, 1)
		c.sum("fromDigest", &proposed.From.Sum, "a digest")
	})
}
