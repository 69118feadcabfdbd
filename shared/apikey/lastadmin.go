package apikey

import (
	"context"

	"github.com/keyward/keyward/shared/keytext"
)

// refuseLastAdministrator returns [LastAdministrator] for writes after which no
// key could administer keys, unless the caller forces them. Changes by tasks
// and operators pass.
//
// It reads nothing if the caller itself can administer keys afterwards.
// Otherwise it looks for another key that can, and makes that key a condition
// of the change, so that two keys cannot delete each other.
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

// removesAdministrator reports whether the writes may stop a key from
// administering keys (taken), and whether they certainly do (certain). For a
// policy or a user it is not certain, because no key may depend on them.
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
		case DeleteUser:
			// With Counted, the writes of the user's keys decide.
			taken = taken || !w.Counted && !w.Damaged && userAdministers(ctx, before, w.User)
		}
	}
	return taken || certain, certain
}

// stillAdministers reports whether the caller can administer keys in the view,
// by its key or its access token.
func (k *Keys) stillAdministers(ctx context.Context, who principal, v *view) bool {
	if who.key == nil {
		user, err := v.found.User(who.Org, who.User)
		return err == nil && userAdministers(ctx, v, user)
	}
	key, err := v.found.Key(who.Key)
	return err == nil && k.administers(ctx, v, key)
}

// administrator returns a key that can administer keys in the view; nil if
// there is none. It tries the keys about which the view knows everything first.
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

// couldAdminister reports whether a key could administer keys if its grant
// allows it: it is live and not limited to services.
func (k *Keys) couldAdminister(v *view, key Key) bool {
	return key.Org == v.org && key.Live(k.Now()) && len(key.Services) == 0
}

// userAdministers reports whether a user's personal keys can administer keys if
// they are not narrowed.
func userAdministers(ctx context.Context, v *view, user User) bool {
	grant, err := ResolveUser(ctx, v, user)
	return err == nil && (grant.All || grant.Permissions.Has(AdministerAPIKeys))
}

// listedKeys returns every key of the view's organization. It lists them only
// once.
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

// prefetchSuccessors lists the organization's keys for a key that deletes
// itself, because another key may have to take its place. It also reads the
// organization's representative, whose keys are the likeliest successors; any
// other costs one more read. It returns nil if the authorizer saw that the key
// does not administer keys.
func (k *Keys) prefetchSuccessors(ctx context.Context, by Caller, id keytext.ID) prefetch {
	if id != by.Key || by.Force || by.Held != nil && !by.Held.Has(AdministerAPIKeys) {
		return nil
	}
	return func(v *view) (refs []Ref, load func()) {
		if status, err := v.found.Status(v.org); err == nil {
			refs = []Ref{UserRef(v.org, status.Representative)}
		}
		return refs, func() { _, _ = k.listedKeys(ctx, v) } // a failed listing is repeated if it is needed
	}
}
