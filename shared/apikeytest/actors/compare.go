package actors

import (
	"context"
	"fmt"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/uuid"
)

// compare returns an error if the store's records, or what the rules resolve
// from them, differ from the world.
func (w *world) compare(ctx context.Context, store apikey.Reader) error {
	found, err := store.Read(ctx, w.refs()...)
	if err != nil {
		return err
	}
	if err := w.compareOrganization(found); err != nil {
		return err
	}
	for _, p := range w.policies {
		kept, err := found.Policy(demo, p.ID)
		if n := w.keysUnder(p.Policy); err != nil || kept.Version != p.Version || kept.KeyCount != n {
			return fmt.Errorf("%s is kept as %+v, %w; it has %d keys", p.Name, kept, err, n)
		}
	}
	for _, u := range w.users {
		if err := w.compareUser(ctx, found, u); err != nil {
			return err
		}
	}
	for _, k := range w.keys {
		if err := w.compareKey(ctx, found, k); err != nil {
			return err
		}
	}
	return nil
}

// refs returns the records of the world and what they mention.
func (w *world) refs() []apikey.Ref {
	refs := []apikey.Ref{apikey.OrganizationRef(demo), apikey.StatusRef(demo)}
	known := map[uuid.UUID]bool{{}: true}
	add := func(ref apikey.Ref) {
		if !known[ref.ID] {
			refs, known[ref.ID] = append(refs, ref), true
		}
	}
	for _, p := range w.policies {
		add(apikey.PolicyRef(demo, p.ID))
	}
	for _, u := range w.users {
		add(apikey.UserRef(demo, u.ID))
		add(apikey.PolicyRef(demo, u.Policy))
	}
	for _, k := range w.keys {
		add(apikey.KeyRef(k.ID))
		add(apikey.PolicyRef(demo, k.Policy))
		add(apikey.UserRef(demo, k.OnBehalfOf))
	}
	return refs
}

func (w *world) compareOrganization(found apikey.Found) error {
	org, err := found.Organization(demo)
	if err != nil {
		return err
	}
	status, err := found.Status(demo)
	if err != nil {
		return err
	}
	switch first := w.representative(); {
	case org.KeyCount != len(w.keys) || org.Owners != w.owners():
		return fmt.Errorf("the organization counts %d keys and %d OWNERs, and has %d and %d", org.KeyCount, org.Owners, len(w.keys), w.owners())
	case status.Suspended != w.suspended:
		return fmt.Errorf("the organization is kept as suspended: %v", status.Suspended)
	case status.Representative != first:
		return fmt.Errorf("shared keys identify as %s, where %s is the first OWNER or ADMIN", w.nameOf(status.Representative), w.nameOf(first))
	}
	return nil
}

func (w *world) compareUser(ctx context.Context, found apikey.Found, u *user) error {
	kept, err := found.User(demo, u.ID)
	if n := w.keysOf(u.User); err != nil || kept.Version != u.Version || kept.KeyCount != n {
		return fmt.Errorf("%s is kept as %+v, %w; there are %d personal keys", u.Name, kept, err, n)
	}
	grant, err := apikey.ResolveUser(ctx, snapshot{found}, kept)
	return w.compareGrant(u.Name, grant, err, w.holdsUser(u), false)
}

func (w *world) compareKey(ctx context.Context, found apikey.Found, k *key) error {
	kept, err := found.Key(k.ID)
	if err != nil || kept.Version != k.Version {
		return fmt.Errorf("%s is kept as %+v, %w", k.Name, kept, err)
	}
	grant, err := apikey.Resolve(ctx, snapshot{found}, &kept)
	held, dead := w.holds(k)
	if err := w.compareGrant(k.Name, grant, err, held, dead); err != nil || w.suspended || dead {
		return err
	}
	if err := w.compareOrphan(ctx, found, k, kept); err != nil {
		return err
	}
	if identity, byDefault := w.identity(k); grant.Identity != identity || grant.ByDefault != byDefault {
		return fmt.Errorf("%s identifies as %s, by default %v, and is %s's", k.Name, w.nameOf(grant.Identity), grant.ByDefault, w.nameOf(identity))
	}
	return nil
}

// compareOrphan compares the identity that a shared key would have if its user
// were removed.
func (w *world) compareOrphan(ctx context.Context, found apikey.Found, k *key, kept apikey.Key) error {
	if k.Type != apikey.TypeShared || w.user(k.OnBehalfOf) == nil {
		return nil
	}
	grant, err := apikey.Resolve(ctx, without{snapshot{found}, k.OnBehalfOf}, &kept)
	if err != nil {
		return err
	}
	if grant.Identity.IsZero() == k.labelled {
		return fmt.Errorf("%s would identify as %s without its user", k.Name, w.nameOf(grant.Identity))
	}
	return nil
}

// compareGrant compares what the rules resolve with the world.
func (w *world) compareGrant(name string, grant apikey.Grant, err error, held powers, dead bool) error {
	granted := powersOf(grant.Permissions...)
	if grant.All {
		granted = everything
	}
	switch {
	case dead || w.suspended:
		if err == nil || apikey.KindOf(err) != apikey.Unauthenticated {
			return fmt.Errorf("%s is dead and grants %v, %w", name, granted, err)
		}
	case err != nil || granted != held:
		return fmt.Errorf("%s grants %v, %w, and was given %v", name, granted, err, held)
	}
	return nil
}
