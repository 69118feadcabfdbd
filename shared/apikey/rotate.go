package apikey

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/keyward/keyward/shared/keytext"
	"github.com/keyward/keyward/shared/permission"
	"github.com/keyward/keyward/shared/uuid"
)

// MaxOverlap is the longest time for which a key's previous secret stays live
// after a rotation, and the longest wait for the first use of the new one.
const MaxOverlap = 30 * 24 * time.Hour

// Rotation says how long the previous secret of a rotated key stays live. The
// zero Rotation ends it at once.
type Rotation struct {
	// Overlap counts from the rotation or, with FromFirstUse, from the first use
	// of the new secret. The previous secret then ends after [MaxOverlap] at the
	// latest, used or not. It never outlasts the key. A key that was reported as
	// leaked has no overlap.
	Overlap      time.Duration
	FromFirstUse bool
}

// Rotate gives a key a new secret, and returns its text. Everything else of the
// key stays. Besides those who may change the key, its user can do this for
// their personal keys, and a key that holds [permission.SelfRotate] for itself.
// The caller must hold everything that the key grants, because it could use the
// key. A version other than 0 must be the current one. A caller with an
// [Idempotency] gets the key that the request rotated before, if it did. Errors:
// [Unauthenticated], [Forbidden], [NotHeld], [NotFound], [PreconditionFailed],
// [Invalid], [NotRotatable] for a key that is disabled or has expired,
// [SecretLive] if the secret from before is still live, [Reused], [Unavailable].
//
// A key that was reported as leaked is sound again, because no secret from before
// works, unless it rotated itself: whoever has the leaked secret can do that. Such
// a key can be rotated even while it is disabled, and stays so, because enabling
// it first would let the leaked secret in.
func (r *Rules) Rotate(ctx context.Context, by Caller, id uuid.UUID, version int64, rotation Rotation) (minted Minted, err error) {
	err = retryStale(ctx, func() error {
		who, before, err := r.authorizeSecrets(ctx, by, id)
		if err != nil {
			return err
		}
		minted, err = r.mintOnce(ctx, who, ActionRotateKey, before.auditFields(), func(minted *Minted) (Write, error) {
			if err := r.checkRotation(ctx, who, before, version, rotation); err != nil {
				return nil, err
			}
			after := before.retiring(rotation, r.now())
			if !who.isKey(before) {
				after.Exposure = nil
			}
			sealed, err := r.renew(ctx, who, after, minted)
			return ReplaceKey{before, minted.Key, sealed}, err
		})
		return err
	})
	if err != nil {
		return Minted{}, err
	}
	return minted, nil
}

// authorizeSecrets reads a key whose secrets the caller wants to change. Unlike
// other changes, the key's user can make this one, and a key with
// [permission.SelfRotate] its own.
func (r *Rules) authorizeSecrets(ctx context.Context, by Caller, id uuid.UUID) (who principal, key Key, err error) {
	return r.authorizeKey(ctx, by, id, keyAccess{permissions: by.createPermissions(), forAll: by.managePermissions(), own: principal.ownsSecrets}, nil, nil)
}

// checkRotation returns an error unless the caller may rotate the key in this
// way now.
func (r *Rules) checkRotation(ctx context.Context, who principal, key Key, version int64, rotation Rotation) error {
	if err := checkVersion(version, key.Version, SubjectKey); err != nil {
		return err
	}
	// The key itself gets nothing that it does not have.
	if !who.isKey(key) {
		if err := r.authorizeHandover(ctx, who, key); err != nil {
			return err
		}
	}
	now := r.now()
	return cmp.Or(key.checkRotatable(now), rotation.check(key, now))
}

// ownsSecrets reports whether the caller may change the key's secrets without a
// permission for keys.
func (who principal) ownsSecrets(key Key) bool {
	if who.isKey(key) && who.grant.Permissions.Has(permission.SelfRotate) {
		return true
	}
	self := who.selfServiceUser()
	return self != nil && key.Org == who.Org && key.Type == TypePersonal && key.OnBehalfOf == self.ID
}

// isKey reports whether the caller uses that key.
func (who principal) isKey(key Key) bool { return who.key != nil && who.key.ID == key.ID }

// checkRotatable returns an error unless the key can get another secret now.
func (k *Key) checkRotatable(now time.Time) error {
	switch previous := k.Previous(now); {
	case k.Disabled && k.Exposure == nil:
		return &Error{Kind: NotRotatable, Detail: "The API key is disabled. Enable it first, or create another key."}
	case !k.ExpiresOn.IsZero() && !now.Before(k.ExpiresOn):
		return &Error{Kind: NotRotatable, Detail: "The API key has expired. Give it a later expiresOn first, or create another key."}
	case previous != nil:
		return &Error{Kind: SecretLive, Detail: fmt.Sprintf(
			"The API key's previous secret works until %s. A key has at most two secrets that work: end the previous one first, with DELETE on the key's secrets/previous.",
			previous.EndsOn.UTC().Format(time.RFC3339))}
	}
	return nil
}

// check returns the faults of a rotation of the key at that time.
func (r Rotation) check(key Key, now time.Time) error {
	most, why := MaxOverlap, ""
	if left := key.ExpiresOn.Sub(now).Truncate(time.Second); !key.ExpiresOn.IsZero() && left < most {
		most, why = left, ", because the API key expires on "+key.ExpiresOn.UTC().Format(time.RFC3339)
	}
	if key.Exposure != nil {
		most, why = 0, ", because the API key was reported as leaked"
		if r.FromFirstUse {
			return InvalidError(FieldError{"overlapFrom", FieldConflict, "The API key was reported as leaked, so its secret must end at once. Send overlapFrom now, or leave it out."})
		}
	}
	if r.Overlap >= 0 && r.Overlap <= most && r.Overlap%time.Second == 0 {
		return nil
	}
	return InvalidError(FieldError{"overlapSeconds", FieldValue, fmt.Sprintf("overlapSeconds must be a whole number from 0 to %d%s.", most/time.Second, why)})
}

// retiring returns the key's next version, in which the current secret is the
// newest of the older ones. The caller must give it a new secret.
func (k Key) retiring(rotation Rotation, now time.Time) Key {
	old := OlderSecret{
		Generation: max(1, k.Generation), Redacted: k.Redacted, Start: k.Start, Digest: k.Digest,
		CreatedOn: k.CurrentSecretOn(), EndsOn: now.Add(rotation.Overlap),
	}
	if rotation.FromFirstUse {
		old.AwaitsUse, old.Overlap, old.EndsOn = true, rotation.Overlap, now.Add(MaxOverlap)
		if !k.ExpiresOn.IsZero() && k.ExpiresOn.Before(old.EndsOn) {
			old.EndsOn = k.ExpiresOn
		}
	}
	k.Older = slices.Concat([]OlderSecret{old}, k.Older)
	k.Older = k.Older[:min(len(k.Older), MaxOlder)]
	k.Generation, k.SecretOn = old.Generation+1, now
	k.Version++
	return k
}

// renew gives the key a new text as the caller, and returns the encrypted copy if
// the key is recoverable.
func (r *Rules) renew(ctx context.Context, who principal, key Key, minted *Minted) (sealed []byte, err error) {
	org, err := who.view.Organization(ctx)
	if err != nil {
		return nil, err
	}
	text, err := keytext.Renew(key.ID, org.KeyPrefix, r.Entropy)
	if err != nil {
		return nil, UnavailableError("generate a secret", err)
	}
	key.modified(who.actor, key.SecretOn)
	return r.giveText(ctx, key, text, minted)
}
