package apikey

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/keyward/keyward/shared/keytext"
)

// Minted is a new key with its text, which is shown once and kept nowhere.
type Minted struct {
	Key  Key
	Text keytext.Key
}

// Create makes a key in the caller's organization. Errors: [Unauthenticated],
// [Forbidden], [Invalid], [NotHeld], [QuotaReached], [NameTaken],
// [Unavailable].
func (k *Keys) Create(ctx context.Context, by Caller, draft Draft) (minted Minted, err error) {
	err = retryStale(ctx, func() error {
		own, err := k.manager(ctx, by)
		if err != nil {
			return err
		}
		org, err := k.organization(ctx, own.Org)
		if err != nil {
			return err
		}
		if err := draft.validate(org.declares(), nil); err != nil {
			return err
		}
		if err := mayGrant(own, draft.Permissions); err != nil {
			return err
		}
		if org.KeyCount >= org.MaxKeys {
			return QuotaError(org.MaxKeys)
		}
		if minted, err = k.mint(ctx, org, draft, own.Actor()); err != nil {
			return err
		}
		return k.commit(ctx, by, own, ActionCreateKey, nil, &minted.Key, CreateKey{minted.Key})
	})
	if err != nil {
		return Minted{}, err
	}
	return minted, nil
}

// Replace puts draft in the place of all that a caller can write of a key.
// Where version is not 0, it must be the key's current one. Errors: those of
// [Keys.Create] but the quota, and [NotFound], [PreconditionFailed].
func (k *Keys) Replace(ctx context.Context, by Caller, id keytext.ID, version int64, draft Draft) (Key, error) {
	return k.change(ctx, by, id, version, func(Key) Draft { return draft })
}

// Patch changes the fields that edit names. Errors: those of [Keys.Replace].
func (k *Keys) Patch(ctx context.Context, by Caller, id keytext.ID, version int64, edit Edit) (Key, error) {
	return k.change(ctx, by, id, version, edit.apply)
}

func (k *Keys) change(ctx context.Context, by Caller, id keytext.ID, version int64, draftOf func(Key) Draft) (after Key, err error) {
	err = retryStale(ctx, func() error {
		own, before, err := k.manages(ctx, by, id)
		if err != nil {
			return err
		}
		if version != 0 && version != before.Version {
			return preconditionFailed()
		}
		org, err := k.organization(ctx, own.Org)
		if err != nil {
			return err
		}
		draft := draftOf(before)
		if err := draft.validate(org.declares(), before.Permissions); err != nil {
			return err
		}
		if err := mayGrant(own, draft.Permissions.Without(before.Permissions)); err != nil {
			return err
		}
		after = before
		after.Name, after.Description, after.Permissions = draft.Name, draft.Description, draft.Permissions
		after.LastModifiedBy, after.LastModifiedOn = own.Actor(), k.now()
		after.Version++
		return k.commit(ctx, by, own, ActionUpdateKey, &before, &after, ReplaceKey{before, after})
	})
	if err != nil {
		return Key{}, err
	}
	return after, nil
}

// Delete removes a key for good. Where version is not 0, it must be the key's
// current one. Errors: [Unauthenticated], [Forbidden], [NotFound],
// [PreconditionFailed], [Unavailable].
func (k *Keys) Delete(ctx context.Context, by Caller, id keytext.ID, version int64) error {
	return retryStale(ctx, func() error {
		own, key, err := k.manages(ctx, by, id)
		if err != nil {
			return err
		}
		if version != 0 && version != key.Version {
			return preconditionFailed()
		}
		return k.commit(ctx, by, own, ActionDeleteKey, &key, nil, DeleteKey{key})
	})
}

// commit writes a change of one key, on the condition that the caller's own key
// is still what own says, and its audit record.
func (k *Keys) commit(ctx context.Context, by Caller, own Key, action Action, before, after *Key, write Write) error {
	audit, err := k.audit(own.Org, action, own.Actor())
	if err != nil {
		return err
	}
	audit.Source, audit.UserAgent, audit.RequestID = by.Source, by.UserAgent, by.RequestID
	self := false
	if before != nil {
		audit.Target, audit.Before, self = before.ID.String(), before.facts(), before.ID == own.ID
	}
	if after != nil {
		audit.Target, audit.After = after.ID.String(), after.facts()
	}
	writes := []Write{write}
	if !self {
		writes = append(writes, RequireKey{own.ID, own.Version})
	}
	return k.Store.Commit(ctx, Change{Writes: writes, Audit: audit})
}

func (k *Keys) audit(org OrgID, action Action, actor Actor) (AuditRecord, error) {
	id, err := keytext.NewID(k.Entropy)
	if err != nil {
		return AuditRecord{}, Failed("read entropy", err)
	}
	return AuditRecord{ID: id, Org: org, At: k.now(), Action: action, Actor: actor}, nil
}

// mint makes a key's text and record.
func (k *Keys) mint(ctx context.Context, org Organization, draft Draft, creator Actor) (Minted, error) {
	text, err := keytext.Generate(org.KeyPrefix, k.Entropy)
	if err != nil {
		return Minted{}, Failed("generate a key", err)
	}
	digest, err := DigestOf(ctx, k.Digester, text)
	if err != nil {
		return Minted{}, err
	}
	return Minted{Text: text, Key: Key{
		ID: text.ID(), Org: org.ID,
		Name: draft.Name, Description: draft.Description, Permissions: draft.Permissions,
		Redacted: text.Redacted(), Start: text.Start(), Digest: digest,
		CreatedBy: creator, CreatedOn: k.now(), Version: 1,
	}}, nil
}

// QuotaError is the error of a full organization, for rules and stores alike.
func QuotaError(limit int) *Error {
	return &Error{Kind: QuotaReached, Detail: fmt.Sprintf("The organization has all the %d API keys that it may have.", limit)}
}

// NameError is the error of a name that is taken, for stores.
func NameError(subject Subject) *Error {
	detail := map[Subject]string{
		SubjectKey: "Another API key of the organization has this name.", SubjectPolicy: "Another policy has this name.",
		SubjectUser: "Another user has this e-mail address.", SubjectService: "Another service has one of these APIs.",
	}[subject]
	return &Error{Kind: NameTaken, Subject: subject, Detail: detail}
}

// StaleError is the error of a change of something that has changed, for
// stores.
func StaleError() *Error {
	return &Error{Kind: Stale, Detail: "Something that the change depends on has changed."}
}

func preconditionFailed() *Error {
	return &Error{Kind: PreconditionFailed, Detail: "The API key has changed since the version that If-Match names."}
}

const staleAttempts = 8

// retryStale runs a change again, from its reads on, as long as something that
// it read changed before it was committed. The waits are short, random and
// bounded; a change that never gets through is [Unavailable].
func retryStale(ctx context.Context, attempt func() error) error {
	for n := range staleAttempts {
		err := attempt()
		if err == nil || KindOf(err) != Stale {
			return err
		}
		select {
		case <-ctx.Done():
			return Failed("commit a change before the deadline", ctx.Err())
		case <-time.After(rand.N(10 * time.Millisecond << min(n, 5))):
		}
	}
	return Failed("commit a change under contention", nil)
}
