// Package question answers whether keys may do something, for callers that do not
// stand behind a gateway. It lets a [verify.Verifier] decide, on records that were
// read for all keys at once.
package question

import (
	"context"
	"slices"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/uuid"
	"github.com/keyward/keyward/shared/verify"
)

// Asker answers questions. It is safe for concurrent use.
type Asker struct {
	cached, read apikey.Rules
	records      *cachedRecords
}

// New returns an asker under the rules. It caches records for Regions.CacheTTL, and
// at most 16 MB of them.
func New(rules *apikey.Rules) *Asker {
	a := &Asker{*rules, *rules, newCachedRecords(rules.Regions.CacheTTL, rules.Now)}
	a.cached.Store, a.read.Store = memory{rules.Store, a.records}, tables{rules.Store, a.records}
	return a
}

// Ask answers a question of a caller about each of its keys, in their order. The
// caller needs the rights of [apikey.Rules.Examine]. A text that is not that of a
// key costs nothing. Cached records answer only if they allow everything: before
// anything is refused or explained, all is read, so that a new key, right or secret
// counts at once. An answer's TTL counts from when the question was sent. An answer may
// be used until Regions.CacheTTL after the oldest record that it depends on was read.
// Errors are those of Examine, and [apikey.Unavailable] if there is no decision about
// one of the keys.
func (a *Asker) Ask(ctx context.Context, by apikey.Caller, q apikey.Question) ([]apikey.Verification, error) {
	q.Keys = nil
	for _, text := range q.Authorizations {
		if id, ok := verify.ClaimedID(text); ok {
			q.Keys = append(q.Keys, id)
		}
	}
	refused := func(v apikey.Verification) bool { return !v.Valid }
	if !q.Explained { // whoever wants to know why wants to know it now
		if answers, err := a.ask(ctx, &a.cached, by, q); err == nil && !slices.ContainsFunc(answers, refused) {
			return answers, nil
		}
	}
	return a.ask(ctx, &a.read, by, q)
}

func (a *Asker) ask(ctx context.Context, rules *apikey.Rules, by apikey.Caller, q apikey.Question) ([]apikey.Verification, error) {
	asked := rules.Now()
	evidence, err := rules.Examine(ctx, by, q.Examination)
	if err != nil {
		return nil, err
	}
	at, err := a.records.target(rules, evidence)
	if err != nil {
		return nil, err
	}
	most := rules.Regions.CacheTTL - evidence.Age(asked)
	answers := make([]apikey.Verification, len(q.Authorizations))
	for i, text := range q.Authorizations {
		request := verify.Request{
			Authorization: []string{text}, API: apikey.ExaminedAPI, Source: q.Source,
			Method: q.Method, Route: q.Route, Path: q.Path, Instead: evidence.Route,
		}
		decision, err := at.decider.DecideOn(ctx, evidence.Found, request)
		if err != nil {
			return nil, err
		}
		answers[i] = answer(decision, evidence, rules.Now(), most)
		if q.Explained {
			answers[i].Rule, answers[i].Change = explain(request, decision, answers[i].Key, at.service)
		}
	}
	return answers, nil
}

// answer returns a decision as an answer that may be used for at most a time.
func answer(d verify.Decision, evidence apikey.Evidence, now time.Time, most time.Duration) apikey.Verification {
	a := apikey.Verification{Valid: d.Outcome == verify.Allowed, Code: string(d.Code)}
	if d.Use.Key != (uuid.UUID{}) {
		a.Key = evidence.Key(d.Use.Key)
		a.MadeOn, a.EndsOn = a.Key.MadeOn(d.Use.Generation), a.Key.EndsOn(d.Use.Generation)
	}
	if !a.Valid {
		return a
	}
	if !a.EndsOn.IsZero() {
		most = min(most, a.EndsOn.Sub(now))
	}
	a.User, a.UserByDefault = d.Identity.UserID, d.Identity.ByDefault
	a.Permissions, a.TTL = d.Identity.Permissions, max(0, most).Truncate(time.Second)
	return a
}
