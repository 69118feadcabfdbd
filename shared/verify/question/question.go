// Package question answers whether keys may do something, for callers that do not
// stand behind a gateway. It lets a [verify.Verifier] decide, on records that were
// read for all keys at once.
package question

import (
	"cmp"
	"context"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/keytext"
	"github.com/keyward/keyward/shared/verify"
)

// Ask answers a question of a caller about each of its keys, in their order. The
// caller needs the rights of [apikey.Rules.Examine], which reads everything: a text
// that is not that of a key costs nothing. An answer may be used for at most the
// revocation bound of the rules' regions. Errors are those of Examine, and
// [apikey.Unavailable] if there is no decision about one of the keys.
func Ask(ctx context.Context, rules *apikey.Rules, by apikey.Caller, q apikey.Question) ([]apikey.Verification, error) {
	q.Keys = nil
	for _, text := range q.Authorizations {
		if id, ok := verify.ClaimedID(text); ok {
			q.Keys = append(q.Keys, id)
		}
	}
	evidence, err := rules.Examine(ctx, by, q.Examination)
	if err != nil {
		return nil, err
	}
	decider := verify.New(verify.Config{
		Reader: evidence, Digester: rules.Digester, Now: rules.Now,
		Builtin: func() []apikey.Service { return []apikey.Service{evidence.Service} },
	})
	answers := make([]apikey.Verification, len(q.Authorizations))
	for i, text := range q.Authorizations {
		asked := request(q, evidence, text)
		decision, err := decider.Decide(ctx, asked)
		if err != nil {
			return nil, err
		}
		answers[i] = answer(decision, evidence, rules.Now(), rules.Regions.CacheTTL)
		if q.Explained {
			answers[i].Rule, answers[i].Change = explain(asked, decision, answers[i].Key, evidence.Service)
		}
	}
	return answers, nil
}

// request returns the request that a question is about, with one of its keys. A
// question about no request is about the evidence's only route.
func request(q apikey.Question, evidence apikey.Evidence, authorization string) verify.Request {
	r := verify.Request{
		Authorization: []string{authorization}, API: evidence.API, Method: cmp.Or(q.Method, "GET"), Route: q.Route, Path: q.Path, Source: q.Source,
	}
	if q.Method == "" {
		r.Route = "/"
	}
	return r
}

// answer returns a decision as an answer that may be used for at most a time.
func answer(d verify.Decision, evidence apikey.Evidence, now time.Time, most time.Duration) apikey.Verification {
	a := apikey.Verification{Valid: d.Outcome == verify.Allowed, Code: string(d.Code)}
	if d.Use.Key != (keytext.ID{}) {
		a.Key = evidence.Key(d.Use.Key)
		a.EndsOn = a.Key.EndsOn(d.Use.Generation)
	}
	if !a.Valid {
		return a
	}
	a.User, a.UserByDefault = d.Identity.UserID, d.Identity.ByDefault
	a.Permissions, a.TTL = d.Identity.Permissions, most
	if !a.EndsOn.IsZero() {
		a.TTL = min(most, a.EndsOn.Sub(now)).Truncate(time.Second)
	}
	return a
}
