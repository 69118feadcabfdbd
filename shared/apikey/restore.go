package apikey

import (
	"context"
	"time"

	"github.com/keyward/keyward/shared/uuid"
)

// Restore brings a deleted key back. It is disabled, whatever it was before,
// and has what it granted, except for permissions that were withdrawn in the
// meantime. The caller must hold all of that. Users do not restore keys of
// their own without a permission, because they could not enable them. Errors:
// [Unauthenticated], [Forbidden], [NotHeld], [NotFound], [NotRestorable],
// [QuotaReached], [NameTaken], [Unavailable].
func (r *Rules) Restore(ctx context.Context, by Caller, id uuid.UUID) (after Key, names Names, err error) {
	access := keyAccess{permissions: by.createPermissions(), forAll: by.managePermissions(), own: principal.owns, tombstones: true}
	err = retryStale(ctx, func() error {
		who, before, err := r.authorizeKey(ctx, by, id, access, nil, nil)
		switch {
		case err != nil:
			return err
		case who.asOwn:
			return &Error{Kind: Forbidden, Detail: "Without a permission to manage API keys you cannot restore them, not even your own."}
		case before.Deleted() && !r.now().Before(before.PurgeOn):
			return NoSuchKey()
		}
		if after, err = r.restored(ctx, who, before); err != nil {
			return err
		}
		if err := r.authorizeKeyGrant(ctx, who, Key{}, after); err != nil {
			return err
		}
		names = who.view.names(after)
		return r.commitAction(ctx, who, ActionRestoreKey, id.String(), before.auditFields(), after.auditFields(), ReplaceKey{Before: before, After: after})
	})
	if err != nil {
		return Key{}, Names{}, err
	}
	return after, names, nil
}

// restored returns the key that a tombstone becomes; [NotRestorable] if what it
// depends on is gone.
func (r *Rules) restored(ctx context.Context, who principal, key Key) (Key, error) {
	switch {
	case !key.Deleted():
		return Key{}, notRestorable("The API key is not deleted.")
	case key.Exposure != nil:
		return Key{}, notRestorable("The API key was reported as leaked, so it cannot be restored. Create a new key instead.")
	}
	org, err := who.view.Organization(ctx)
	if err != nil {
		return Key{}, err
	}
	if !key.Policy.IsZero() {
		policy, err := who.view.Policy(ctx, key.Org, key.Policy)
		if err == nil && policy.Deleted || err != nil && KindOf(err) == NotFound {
			return Key{}, notRestorable("The policy of the API key does not exist any more. Create a new key instead.")
		} else if err != nil {
			return Key{}, err
		}
	}
	if key.Type == TypePersonal || !key.OnBehalfOf.IsZero() {
		user, err := who.view.User(ctx, key.Org, key.OnBehalfOf)
		if err != nil && KindOf(err) == NotFound {
			return Key{}, notRestorable("The user of the API key does not exist any more. Create a new key instead.")
		} else if err != nil {
			return Key{}, err
		}
		if key.Type == TypePersonal {
			key.UserPolicy = user.Policy
		}
	}
	key.Permissions = key.Permissions.And(org.declares())
	key.Disabled, key.DeletedOn, key.PurgeOn = true, time.Time{}, time.Time{}
	key.modified(who.actor, r.now())
	key.Version++
	return key, nil
}

func notRestorable(detail string) *Error { return &Error{Kind: NotRestorable, Detail: detail} }

// deletionBy returns the write with which the caller deletes a key. The key
// becomes a tombstone, unless its organization keeps none, it is damaged, or an
// earlier version let it grow so large that a tombstone's fields do not fit.
func (r *Rules) deletionBy(ctx context.Context, who principal, key Key, damaged bool) (was *auditFields, write Write) {
	retention := DefaultRetention
	if org, err := who.view.Organization(ctx); err == nil {
		retention = org.Retention
	}
	after := key
	after.DeletedOn = r.now()
	after.PurgeOn = after.DeletedOn.Add(retention)
	after.modified(who.actor, after.DeletedOn)
	after.Version++
	if damaged || retention <= 0 || r.Store.Size(after) > maxGrownKeyRecord {
		return r.deletion(key, damaged)
	}
	return key.auditFields(), ReplaceKey{Before: key, After: after}
}
