package apikey

import (
	"context"

	"github.com/keyward/keyward/shared/keytext"
	"github.com/keyward/keyward/shared/permission"
	"github.com/keyward/keyward/shared/uuid"
)

// Shown is a key, with its text if a copy is stored.
type Shown struct {
	Key   Key
	Text  keytext.Key
	Names Names
}

// Reveal returns a recoverable key with its full text. The audit record is
// written first; without it, the text is not shown. The caller must hold
// everything that the key grants, because it could use the key. Errors:
// [Unauthenticated], [Forbidden], [NotHeld], [NotFound], [NotRecoverable],
// [Unavailable].
func (r *Rules) Reveal(ctx context.Context, by Caller, id uuid.UUID) (key Key, text keytext.Key, err error) {
	shown, err := r.show(ctx, by, id, false)
	return shown.Key, shown.Text, err
}

// Show is [Rules.Reveal] for a recoverable key. For any other key it is
// [Rules.Get]: no text, and no audit record.
func (r *Rules) Show(ctx context.Context, by Caller, id uuid.UUID) (Shown, error) {
	return r.show(ctx, by, id, true)
}

func (r *Rules) show(ctx context.Context, by Caller, id uuid.UUID, optional bool) (shown Shown, err error) {
	err = retryStale(ctx, func() error {
		var stored sealed
		who, key, err := r.authorizeKeyRead(ctx, by, id, r.prefetchSealed(ctx, id, &stored))
		if err != nil {
			return err
		}
		shown = Shown{Key: key, Names: who.view.names(key)}
		if optional && !key.Recoverable {
			return nil
		}
		if err := r.authorizeReveal(ctx, who, key); err != nil {
			return err
		}
		if shown.Text, err = r.openSealed(ctx, key, stored); err != nil {
			return err
		}
		return r.commitAction(ctx, who, ActionRevealKey, key.ID.String(), nil, nil)
	})
	if err != nil {
		return Shown{}, err
	}
	return shown, nil
}

func (r *Rules) authorizeReveal(ctx context.Context, who principal, key Key) error {
	if who.asOwn || !who.grant.Permissions.Has(permission.RevealAPIKeys) {
		return forbiddenError()
	}
	return r.authorizeHandover(ctx, who, key)
}

// authorizeHandover refuses a caller who could do more with a key's text than
// without it.
func (r *Rules) authorizeHandover(ctx context.Context, who principal, key Key) error {
	// A key that grants nothing today could be given a grant later, and the
	// text would then already be known.
	if _, err := who.view.keyGrant(ctx, key); err != nil {
		if KindOf(err) == Unauthenticated {
			return &Error{Kind: Forbidden, Detail: "This API key cannot be shown: it no longer has its policy or its user."}
		}
		return err
	}
	return r.authorizeKeyGrant(ctx, who, Key{}, key)
}

// sealed is the encrypted copy of a key, or why it could not be read.
type sealed struct {
	copy []byte
	err  error
}

// prefetchSealed returns a prefetch of a recoverable key's encrypted copy. It
// does not decrypt it.
func (r *Rules) prefetchSealed(ctx context.Context, id uuid.UUID, stored *sealed) prefetch {
	return func(v *view) ([]Ref, func()) {
		if key, err := v.found.Key(id); err != nil || key.Org != v.org || key.Deleted() || !key.Recoverable {
			return nil, nil
		}
		return nil, func() { stored.copy, stored.err = r.Store.Sealed(ctx, id) }
	}
}

// openSealed decrypts a key's copy.
func (r *Rules) openSealed(ctx context.Context, key Key, stored sealed) (keytext.Key, error) {
	if !key.Recoverable {
		return keytext.Key{}, &Error{Kind: NotRecoverable, Detail: "This API key cannot be shown: it was not created recoverable, so no copy is stored. Create a new key instead."}
	}
	if stored.err != nil && KindOf(stored.err) == NotFound {
		// The key may have been deleted since it was read, together with its
		// copy.
		if _, err := r.view(key.Org).Key(ctx, key.ID); err != nil {
			return keytext.Key{}, err
		}
	}
	if stored.err != nil {
		return keytext.Key{}, unavailableIfMissing("read the copy of a recoverable key", stored.err)
	}
	opened, err := r.Vault.Open(ctx, key.ID, stored.copy)
	if err != nil {
		return keytext.Key{}, err
	}
	text, err := keytext.Parse(opened)
	if err != nil || text.ID() != key.ID {
		return keytext.Key{}, UnavailableError("open the copy of a recoverable key: it is another text", err)
	}
	return text, nil
}
