package dynamo

import "github.com/keyward/keyward/shared/apikey"

func noticeRoundAttributes(c *codec, round *apikey.NoticeRound) {
	c.moment("firstOn", &round.FirstOn)
	numeric(c, "version", &round.Version, 1)
	// Between rounds, there is neither an organization nor a key.
	after := ""
	if round.After != (apikey.Position{}) {
		after = listingPosition(round.After.CreatedOn, round.After.ID)
	}
	textOf(c, "org", &round.Org)
	c.text("after", &after)
	if c.writing {
		return
	}
	if round.Org != "" {
		c.org("org", &round.Org)
	}
	if after != "" {
		round.After = c.position("after")
	}
}
