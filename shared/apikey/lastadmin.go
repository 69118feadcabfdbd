package apikey

import (
	"context"

	"github.com/keyward/keyward/shared/keytext"
)

// keepsAdministrator refuses writes after which no key could administer keys,
// unless the caller forces them: [LastAdministrator]. What was decided when
// nobody was asked, by a task or an operator, passes.
//
// It costs no read as long as the caller itself can administer keys afterwards.
// Otherwise it loads for another key that can, and adds what that depends on to
// the conditions of the change: two keys cannot end each other.
func (k *Keys) refuseLastAdministrator(ctx context.Context, who principal, writes []Write) error {
	if who.Force || who.view == nil || who.key == nil && who.grant.User == nil {
		return nil
	}
	before, after := who.view.beforeAndAfter(writes)
	if k.stillAdministers(ctx, who, after) {
		return nil
	}
	taken, certain := k.removesAdministrator(ctx, writes, before, after)
	if !taken {
		return nil
	}
	keys, err := k.listedKeys(ctx, who.view)
	if err != nil {
		return err
	}
	if other, err := k.administrator(ctx, after, keys); err != nil || other != nil {
		who.view.dependOn(other, after)
		return err
	}
	if !certain {
		if had, err := k.administrator(ctx, before, keys); err != nil || had == nil {
			return err
		}
	}
	return &Error{Kind: LastAdministrator, Detail: "After this, no API key could administer API keys. Give another key the permission " +
		AdministerAPIKeys + " first, or repeat the request with ?force=true."}
}

// takesAdministration reports whether the writes may take from a key that it can
// administer keys, and whether they certainly do: of a policy and a user it is
// not known here whether any key depends on them.
func (k *Keys) removesAdministrator(ctx context.Context, writes []Write, before, after *view) (taken, certain bool) {
	for _, w := range writes {
		switch w := w.(type) {
		case ReplaceKey:
			certain = certain || k.administers(ctx, before, w.Before) && !k.administers(ctx, after, w.After)
		case DeleteKey:
			certain = certain || !w.Damaged && k.administers(ctx, before, w.Key)
		case ReplacePolicy:
			taken = taken || w.Before.Permissions.Has(AdministerAPIKeys) && (w.After.Deleted || !w.After.Permissions.Has(AdministerAPIKeys))
		case ReplaceUser:
			taken = taken || userAdministers(ctx, before, w.Before) && !userAdministers(ctx, after, w.After)
		}
	}
	return taken || certain, certain
}

// stillAdministers reports whether the caller, by its key or its access token, can
// administer keys by the view.
func (k *Keys) stillAdministers(ctx context.Context, who principal, v *view) bool {
	if who.key == nil {
		user, err := v.found.User(who.Org, who.User)
		return err == nil && userAdministers(ctx, v, user)
	}
	key, err := v.found.Key(who.Key)
	return err == nil && k.administers(ctx, v, key)
}

// administrator returns one of the keys that can administer keys by the view, nil
// where none can. It first loads at those of which the view knows everything.
func (k *Keys) administrator(ctx context.Context, v *view, keys []Key) (*Key, error) {
	var unknown []Key
	var refs []Ref
	for _, key := range keys {
		if finding, known := v.found[KeyRef(key.ID)]; known {
			if key, known = finding.Record.(Key); !known {
				continue
			}
		}
		if !k.couldAdminister(v, key) {
			continue
		}
		if names := v.unread(key.grantRefs()...); len(names) > 0 {
			unknown, refs = append(unknown, key), append(refs, names...)
		} else if k.administers(ctx, v, key) {
			return &key, nil
		}
	}
	if err := v.read(ctx, refs...); err != nil {
		return nil, err
	}
	for _, key := range unknown {
		if k.administers(ctx, v, key) {
			return &key, nil
		}
	}
	return nil, nil
}

// administers reports whether a key can administer keys now.
func (k *Keys) administers(ctx context.Context, v *view, key Key) bool {
	if !k.couldAdminister(v, key) {
		return false
	}
	grant, err := Resolve(ctx, v, &key)
	return err == nil && (grant.All || grant.Permissions.Has(AdministerAPIKeys))
}

// mayAdminister reports whether a key can do so if its grant says so: one that is
// limited to services cannot be used here.
func (k *Keys) couldAdminister(v *view, key Key) bool {
	return key.Org == v.org && key.Live(k.Now()) && len(key.Services) == 0
}

// userAdministers reports whether a user's personal keys can administer keys, if
// they are not narrowed.
func userAdministers(ctx context.Context, v *view, user User) bool {
	grant, err := ResolveUser(ctx, v, user)
	return err == nil && (grant.All || grant.Permissions.Has(AdministerAPIKeys))
}

// listedKeys lists every key of the view's organization, once.
func (k *Keys) listedKeys(ctx context.Context, v *view) ([]Key, error) {
	if v.keys != nil {
		return v.keys, nil
	}
	var keys []Key
	if _, err := k.forEachKey(ctx, v.org, KeyFilter{}, func(key Key) error { keys = append(keys, key); return nil }); err != nil {
		return nil, err
	}
	v.keys = keys
	return keys, nil
}

// successors lists the organization's keys while a key that ends itself is being
// read, since another may have to take its place: most likely one of the user who
// represents the organization, who is read as well. Any other costs one read more.
// One that the gateway knew not to administer keys has no place to take.
func (k *Keys) prefetchSuccessors(ctx context.Context, by Caller, id keytext.ID) prefetch {
	if id != by.Key || by.Force || by.Held != nil && !by.Held.Has(AdministerAPIKeys) {
		return nil
	}
	return func(v *view) (refs []Ref, load func()) {
		if status, err := v.found.Status(v.org); err == nil {
			refs = []Ref{UserRef(v.org, status.Representative)}
		}
		return refs, func() { _, _ = k.listedKeys(ctx, v) } // what fails is tried again, if it is needed
	}
}
