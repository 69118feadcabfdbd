package apikey

import (
	"context"
	"net/netip"

	"github.com/keyward/keyward/shared/keytext"
)

// Caller is who asks, as the authorizer found out, and from where.
type Caller struct {
	Org OrgID
	Key keytext.ID
	// Source is the address that the gateway saw; zero where it is unknown.
	Source               netip.Addr
	UserAgent, RequestID string
}

// current reads the caller's own key as it is now. A key that is gone, or that
// is of another organization than the gateway said, is [Unauthenticated].
func (k *Keys) current(ctx context.Context, by Caller) (Key, error) {
	if by.Key.IsZero() || by.Org == "" {
		return Key{}, NotAuthenticated()
	}
	key, err := k.Store.Key(ctx, by.Key)
	switch {
	case KindOf(err) == NotFound && err != nil, err == nil && key.Org != by.Org:
		return Key{}, NotAuthenticated()
	case err != nil:
		return Key{}, err
	}
	return key, nil
}

// manager is the caller's own key, if it may manage keys at all.
func (k *Keys) manager(ctx context.Context, by Caller) (Key, error) {
	own, err := k.current(ctx, by)
	if err != nil {
		return Key{}, err
	}
	if !own.Permissions.HasAny(AdministerAPIKeys, ManageAPIKeys) {
		return Key{}, forbidden()
	}
	return own, nil
}

// manages reads the key that the caller wants to see or change. Another
// organization's key is [NotFound], as is the zero id, which names nothing; one
// of its own that it did not create is [Forbidden] without [AdministerAPIKeys]
// (the Polaris document).
func (k *Keys) manages(ctx context.Context, by Caller, id keytext.ID) (own, key Key, err error) {
	if own, err = k.manager(ctx, by); err != nil {
		return Key{}, Key{}, err
	}
	if id.IsZero() {
		return Key{}, Key{}, NoSuchKey()
	}
	key, err = k.Store.Key(ctx, id)
	if err != nil {
		return Key{}, Key{}, err
	}
	if key.Org != own.Org {
		return Key{}, Key{}, NoSuchKey()
	}
	if !own.Permissions.Has(AdministerAPIKeys) && !key.createdBy(own.ID) {
		return Key{}, Key{}, forbidden()
	}
	return own, key, nil
}

// mayGrant refuses a grant of anything that the caller does not hold.
func mayGrant(own Key, added Permissions) error {
	lacking := added.Without(own.Permissions)
	if len(lacking) == 0 {
		return nil
	}
	err := &Error{Kind: NotHeld, Detail: "A key can only be given permissions that its creator holds."}
	for _, name := range lacking {
		err.Fields = append(err.Fields, FieldError{"permissions", FieldNotHeld, "You do not hold " + name + "."})
	}
	return err
}
