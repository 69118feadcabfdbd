package dynamo

import "github.com/keyward/keyward/shared/apikey"

func noticeRoundItem(round apikey.NoticeRound) item {
	encoded := item{"firstOn": moment(round.FirstOn), "org": text(string(round.Org)), "after": text(""), "version": number(round.Version)}
	if round.After != (apikey.Position{}) {
		encoded["after"] = text(listingPosition(round.After.CreatedOn, round.After.ID))
	}
	return encoded
}

func decodeNoticeRound(encoded item) (apikey.NoticeRound, error) {
	r := &reader{item: encoded}
	round := apikey.NoticeRound{FirstOn: r.moment("firstOn"), Version: r.number("version", 1)}
	if r.text("org") != "" {
		round.Org = r.org("org")
	}
	if r.text("after") != "" {
		round.After = r.position("after")
	}
	return round, r.err
}
