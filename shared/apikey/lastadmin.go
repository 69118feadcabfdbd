package apikey

import (
	"cmp"
	"context"
	"slices"

	"github.com/keyward/keyward/shared/permission"
	"github.com/keyward/keyward/shared/uuid"
)

// refuseLastAdministrator returns [LastAdministrator] for writes after which no
// key could administer keys, unless the caller may force them and does. Changes
// by tasks and operators pass.
//
// It reads nothing if the caller itself can administer keys afterwards.
// Otherwise it looks for another key that can, and makes that key a condition
// of the change, so that two keys cannot delete each other.
func (r *Rules) refuseLastAdministrator(ctx context.Context, who principal, writes []Write) error {
	mayForce := who.mayForceLockout(writes)
	if who.Force && mayForce || who.view == nil || who.key == nil && who.grant.User == nil {
		return nil
	}
	before, after := who.view.beforeAndAfter(writes)
	if who.locksItselfOut(writes, r.now()) {
		after.found[KeyRef(who.Key)] = Finding{Err: NoSuchKey()}
	}
	if r.stillAdministers(ctx, who, after) {
		return nil
	}
	possible, certain := r.removesAdministrator(ctx, writes, before, after)
	if !possible {
		return nil
	}
	if other, err := r.otherAdministrator(ctx, who.view, after); err != nil || other != nil {
		who.view.dependOn(other, after)
		return err
	}
	if !certain {
		if had, err := r.administrator(ctx, before, who.view.keys); err != nil || had == nil {
			return err
		}
	}
	if org, err := who.view.Organization(ctx); err != nil || len(who.view.keys)+who.view.damagedKeys < org.KeyCount {
		return cmp.Or(err, error(StaleError())) // the listing may not show another administrator yet
	}
	detail := "After this, no API key could administer API keys. Give another key the permission " + permission.AdministerAPIKeys + " first"
	if mayForce {
		detail += ", or repeat the request with ?force=true"
	}
	return &Error{Kind: LastAdministrator, Detail: detail + "."}
}

// removesAdministrator reports whether the writes may stop a key from
// administering keys (possible), and whether they do (certain). A change of a
// policy or a user is never certain, because there may be no key that depends
// on it.
func (r *Rules) removesAdministrator(ctx context.Context, writes []Write, before, after *view) (possible, certain bool) {
	for _, w := range writes {
		switch w := w.(type) {
		case ReplaceKey:
			now, err := after.found.Key(w.After.ID)
			certain = certain || r.administers(ctx, before, w.Before) && (err != nil || !r.administers(ctx, after, now))
		case DeleteKey:
			certain = certain || !w.Damaged && r.administers(ctx, before, w.Key)
		case ReplacePolicy:
			possible = possible || w.Before.Permissions.Has(permission.AdministerAPIKeys) && (w.After.Deleted || !w.After.Permissions.Has(permission.AdministerAPIKeys))
		case ReplaceUser:
			possible = possible || w.Before.KeyCount > 0 && userAdministers(ctx, before, w.Before) && !userAdministers(ctx, after, w.After)
		case DeleteUser:
			// With Counted, the writes of the user's keys decide.
			possible = possible || !w.Counted && !w.Damaged && w.User.KeyCount > 0 && userAdministers(ctx, before, w.User)
		}
	}
	return possible || certain, certain
}

// stillAdministers reports whether the caller can administer keys in the view,
// by its key or its access token.
func (r *Rules) stillAdministers(ctx context.Context, who principal, v *view) bool {
	if who.key == nil {
		user, err := v.found.User(who.Org, who.User)
		return err == nil && userAdministers(ctx, v, user)
	}
	key, err := v.found.Key(who.Key)
	return err == nil && r.administers(ctx, v, key)
}

// administrator returns a key that can administer keys in the view; nil if
// there is none. It first tries the keys whose grants the view has already
// read, then the others, some at a time.
func (r *Rules) administrator(ctx context.Context, v *view, keys []Key) (*Key, error) {
	var unknown []Key
	for _, key := range keys {
		if finding, known := v.found[KeyRef(key.ID)]; known {
			if key, known = finding.Record.(Key); !known {
				continue
			}
		}
		if !r.couldAdminister(v, key) {
			continue
		}
		if len(v.unread(key.grantRefs()...)) > 0 {
			unknown = append(unknown, key)
		} else if r.administers(ctx, v, key) {
			return &key, nil
		}
	}
	for some := range slices.Chunk(unknown, MaxPage) {
		var refs []Ref
		for _, key := range some {
			refs = append(refs, key.grantRefs()...)
		}
		if err := v.read(ctx, refs...); err != nil {
			return nil, err
		}
		for _, key := range some {
			if r.administers(ctx, v, key) {
				return &key, nil
			}
		}
	}
	return nil, nil
}

// otherAdministrator returns a key that can administer keys in the view after;
// nil if there is none. It lists the organization's keys until it finds one. If
// there is none, all the keys are in v.keys.
func (r *Rules) otherAdministrator(ctx context.Context, v, after *view) (other *Key, err error) {
	if v.keys != nil {
		return r.administrator(ctx, after, v.keys)
	}
	keys, damaged := []Key{}, 0
	for next := new(Position); next != nil; {
		part, err := r.Store.Keys(ctx, v.org, KeyFilter{}, *next, NoLimit)
		if err != nil {
			return nil, err
		}
		if other, err := r.administrator(ctx, after, part.Records); err != nil || other != nil {
			return other, err
		}
		keys, damaged, next = append(keys, part.Records...), damaged+len(part.Damaged), part.Next
	}
	v.keys, v.damagedKeys = keys, damaged
	return nil, nil
}

// administers reports whether a key can administer keys now.
func (r *Rules) administers(ctx context.Context, v *view, key Key) bool {
	if !r.couldAdminister(v, key) {
		return false
	}
	grant, err := Resolve(ctx, v, &key)
	return err == nil && (grant.All || grant.Permissions.Has(permission.AdministerAPIKeys))
}

// couldAdminister reports whether a key could administer keys if its grant
// allows it: it is live and not limited to services.
func (r *Rules) couldAdminister(v *view, key Key) bool {
	return key.Org == v.org && key.Live(r.Now()) && len(key.Services) == 0
}

// userAdministers reports whether a user's personal keys can administer keys if
// they are not narrowed.
func userAdministers(ctx context.Context, v *view, user User) bool {
	grant, err := ResolveUser(ctx, v, user)
	return err == nil && (grant.All || grant.Permissions.Has(permission.AdministerAPIKeys))
}

// prefetchSuccessors returns a prefetch that lists the organization's keys for a
// key that deletes itself, because another key may have to take its place. It
// also reads the organization's representative, whose keys are the likeliest
// successors; any other costs one more read. It returns nil if the authorizer
// saw that the key does not administer keys.
func (r *Rules) prefetchSuccessors(ctx context.Context, by Caller, id uuid.UUID) prefetch {
	if id != by.Key || by.Force || by.Held != nil && !by.Held.Has(permission.AdministerAPIKeys) {
		return nil
	}
	return func(v *view) (refs []Ref, load func()) {
		if status, err := v.found.Status(v.org); err == nil {
			refs = []Ref{UserRef(v.org, status.Representative)}
		}
		return refs, func() {
			keys := []Key{}
			damaged, err := r.forEachKey(ctx, v.org, KeyFilter{}, func(key Key) error { keys = append(keys, key); return nil })
			if err == nil { // otherwise it is listed again if it is needed
				v.keys, v.damagedKeys = keys, len(damaged)
			}
		}
	}
}
