package verify

import (
	"context"
	"errors"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/routing"
)

var errDamaged = errors.New("the record is damaged")

// load reads everything that a batch requests, at once.
func (r *recordCache) load(ctx context.Context, b *batch) {
	if b.names[0].kind == claimKind {
		r.loadClaim(ctx, b)
		return
	}
	refs := make([]apikey.Ref, len(b.names))
	for i, n := range b.names {
		refs[i] = n.ref()
	}
	found, err := r.reader.Read(ctx, refs...)
	if err != nil {
		b.err = unavailable("read records", err)
		return
	}
	for _, n := range b.names {
		b.answers = append(b.answers, answerOf(r.decode(n, found)))
	}
}

// decode returns a record in its cached form. right says that it is the
// requested record.
func (r *recordCache) decode(n name, found apikey.Found) (value content, right bool, err error) {
	org := apikey.OrgID(n.org)
	switch n.kind {
	case keyKind:
		key, err := found.Key(n.id)
		return newKeyRecord(key), key.ID == n.id && key.Org != "", err
	case statusKind:
		status, err := found.Status(org)
		return &statusRecord{status.Suspended, status.Representative}, status.Org == org, err
	case policyKind:
		policy, err := found.Policy(org, n.id)
		return newPolicyRecord(policy), policy.Org == org && policy.ID == n.id, err
	case userKind:
		user, err := found.User(org, n.id)
		return newUserRecord(user), user.Org == org && user.ID == n.id, err
	}
	service, err := found.ServiceOf(routing.API{Account: n.org, ID: n.text})
	if err != nil {
		return nil, false, err
	}
	return r.guards.prepare(service), true, nil
}

// loadClaim reads the user who has a claim, and adds the user's record to the
// batch.
func (r *recordCache) loadClaim(ctx context.Context, b *batch) {
	n := b.names[0]
	user, err := r.users.UserByClaim(ctx, apikey.OrgID(n.org), n.text)
	record := newUserRecord(user)
	right := string(user.Org) == n.org && !user.ID.IsZero() && record.claim == n.text
	a := answerOf(&claimant{user.ID}, right, err)
	if b.answers, b.err = []answer{a}, a.err; a.value != nil {
		b.names = append(b.names, *userName(user.Org, user.ID).clone())
		b.answers = append(b.answers, answer{value: record})
	}
}

// answerOf refuses a record that is not the requested one, and turns every
// error but [apikey.NotFound] into [apikey.Unavailable].
func answerOf(value content, right bool, err error) answer {
	switch {
	case err != nil && apikey.KindOf(err) == apikey.NotFound:
		return answer{}
	case err == nil && !right:
		err = errDamaged
	}
	if err != nil {
		return answer{err: unavailable("read a record", err)}
	}
	return answer{value: value}
}

// unavailable turns every error into [apikey.Unavailable].
func unavailable(doing string, err error) error {
	if apikey.KindOf(err) == apikey.Unavailable {
		return err
	}
	return apikey.UnavailableError(doing, err)
}
