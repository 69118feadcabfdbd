package apikey

import (
	"cmp"
	"context"

	"github.com/keyward/keyward/shared/keytext"
	"github.com/keyward/keyward/shared/uuid"
)

// Minted is a new key, or one with a new secret, with its text. The text is
// shown once and stored nowhere, unless the key is recoverable or the request
// can be repeated.
type Minted struct {
	Key   Key
	Text  keytext.Key
	Names Names
	// Repeated says that an earlier request with the same Idempotency-Key created
	// or rotated the key. Text is then the zero Key once it is not shown any more.
	Repeated bool
}

// Create creates a key in the caller's organization. A personal key without a
// user becomes the caller's own; that needs no permission unless the
// organization turned self service off. A caller with an [Idempotency] gets the
// key that the request created before, if it did. Errors: [Unauthenticated],
// [Forbidden], [Invalid], [NotHeld], [QuotaReached], [NameTaken], [Reused],
// [Unavailable].
func (r *Rules) Create(ctx context.Context, by Caller, draft Draft) (minted Minted, err error) {
	err = retryStale(ctx, func() error {
		who, err := r.authenticate(ctx, by, nil, draft.refs(by.Org)...)
		if err != nil {
			return err
		}
		org, err := who.view.Organization(ctx)
		if err != nil {
			return err
		}
		if err := who.authorizeCreate(org, draft); err != nil {
			return err
		}
		minted, err = r.mintOnce(ctx, who, ActionCreateKey, nil, func(minted *Minted) (Write, error) {
			key, err := r.keyFromDraft(ctx, who, org, draft)
			if err != nil {
				return nil, err
			}
			limit, err := who.checkQuota(org)
			if err != nil {
				return nil, err
			}
			sealed, err := r.mint(ctx, org, key, who.actor, minted)
			return CreateKey{minted.Key, sealed, limit}, err
		})
		return err
	})
	if err != nil {
		return Minted{}, err
	}
	return minted, nil
}

// keyFromDraft returns the new key that the draft describes, if the caller may
// create it.
func (r *Rules) keyFromDraft(ctx context.Context, who principal, org Organization, draft Draft) (Key, error) {
	if draft.Type == TypePersonal && draft.OnBehalfOf.IsZero() && who.grant.User != nil {
		draft.OnBehalfOf = who.grant.User.ID
	}
	key, err := r.applyDraft(ctx, who, org, Key{}, draft)
	if err != nil {
		return Key{}, err
	}
	key.Org = org.ID
	return key, r.authorizeKeyGrant(ctx, who, Key{}, key)
}

// mint gives a key its text, id and digest, and returns the encrypted copy if
// the key is recoverable.
func (r *Rules) mint(ctx context.Context, org Organization, key Key, creator Actor, minted *Minted) (sealed []byte, err error) {
	text, err := keytext.Generate(org.KeyPrefix, r.Entropy)
	if err != nil {
		return nil, UnavailableError("generate a key", err)
	}
	key.ID, key.Org = text.ID(), org.ID
	key.CreatedBy, key.CreatedOn, key.Version, key.Generation = creator, r.now(), 1, 1
	return r.giveText(ctx, key, text, minted)
}

// giveText makes a text the key's current one, and returns the encrypted copy if
// the key is recoverable.
func (r *Rules) giveText(ctx context.Context, key Key, text keytext.Key, minted *Minted) (sealed []byte, err error) {
	if key.Digest, err = DigestOf(ctx, r.Digester, text); err != nil {
		return nil, err
	}
	key.Redacted, key.Start = text.Redacted(), text.Start()
	minted.Key, minted.Text = key, text
	if !key.Recoverable {
		return nil, nil
	}
	return r.Vault.Seal(ctx, key.ID, text.Reveal())
}

// Patch changes the fields of a key that edit names. A version other than 0
// must be the current one. An edit that changes nothing leaves the version as
// it is. A user without a permission for keys can disable their own personal
// keys. Errors: those of [Rules.Create] except for the organization's quota, and
// [NotFound], [PreconditionFailed], [LastAdministrator].
func (r *Rules) Patch(ctx context.Context, by Caller, id uuid.UUID, version int64, edit Edit) (after Key, names Names, err error) {
	err = retryStale(ctx, func() error {
		who, before, err := r.authorizeKeyChange(ctx, by, id, nil, edit.refs(by.Org)...)
		if err != nil {
			return err
		}
		if err := checkVersion(version, before.Version, SubjectKey); err != nil {
			return err
		}
		org, err := who.view.Organization(ctx)
		if err != nil {
			return err
		}
		if after, err = r.applyDraft(ctx, who, org, before, edit.apply(before)); err != nil {
			return err
		}
		if err := cmp.Or(who.authorizeChange(before, after), r.authorizeKeyGrant(ctx, who, before, after)); err != nil {
			return err
		}
		names = who.view.names(after)
		unseen := after
		unseen.UserPolicy = before.UserPolicy
		if same(before, unseen) {
			after = before
			return nil
		}
		after.modified(who.actor, r.now())
		after.Version++
		return r.commitAction(ctx, who, ActionUpdateKey, after.ID.String(), before.auditFields(), after.auditFields(), ReplaceKey{Before: before, After: after})
	})
	if err != nil {
		return Key{}, Names{}, err
	}
	return after, names, nil
}

// Delete ends a key, even a damaged one. It can be restored for as long as its
// organization keeps deleted keys; a damaged one cannot. Users need no
// permission to delete their own personal keys. A version other than 0 must be
// the current one. Errors: [Unauthenticated], [Forbidden], [NotFound],
// [PreconditionFailed], [LastAdministrator], [Unavailable].
func (r *Rules) Delete(ctx context.Context, by Caller, id uuid.UUID, version int64) error {
	return retryStale(ctx, func() error {
		who, key, err := r.authorizeKeyChange(ctx, by, id, r.prefetchSuccessors(ctx, by, id))
		damaged := err != nil && !key.ID.IsZero()
		if err != nil && !damaged {
			return err
		}
		if err := checkVersion(version, key.Version, SubjectKey); err != nil {
			return err
		}
		was, deletion := r.deletionBy(ctx, who, key, damaged)
		return r.commitAction(ctx, who, ActionDeleteKey, key.ID.String(), was, nil, deletion)
	})
}
