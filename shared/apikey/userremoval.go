package apikey

import (
	"context"
	"fmt"

	"github.com/keyward/keyward/shared/uuid"
)

// DeleteUser removes a user and disables the user's personal keys, in the same
// transaction if it can (the Supermetrics document). A user who keeps making or
// changing keys, or a damaged key, could make that transaction fail every time.
// After some attempts, the user is therefore removed first, which stops all the
// keys, and they are disabled afterwards. Only an OWNER can remove a damaged
// user, who may be an OWNER. Damaged keys stay, and act for nobody. Errors:
// [Unauthenticated], [Forbidden], [NotHeld], [NotFound], [PreconditionFailed],
// [InUse] for the last OWNER, [LastAdministrator], [Unavailable].
func (r *Rules) DeleteUser(ctx context.Context, by Caller, id uuid.UUID, version int64) error {
	attempts := 0
	return retryStale(ctx, func() error {
		attempts++
		return r.removeUser(ctx, by, id, version, attempts > staleAttempts/2)
	})
}

// removeUser removes a user and disables the user's personal keys in one
// transaction or, with keysLater, afterwards.
func (r *Rules) removeUser(ctx context.Context, by Caller, id uuid.UUID, version int64, keysLater bool) error {
	var impact userImpact
	who, user, err := r.authorizeUserChange(ctx, by, id, version, r.prefetchUserImpact(ctx, id, "", &impact))
	damaged := who.view != nil && salvage(who.view, UserRef(who.Org, id), &user, &err)
	if damaged {
		user.Org = who.Org
		err = checkVersion(version, user.Version, SubjectUser)
	}
	if err != nil {
		return err
	}
	if (user.Role == RoleOwner || damaged) && !who.isOwner() {
		return &Error{Kind: NotHeld, Detail: "Only an OWNER can remove an OWNER."}
	}
	writes, err := r.ownerWritesOnRemoval(ctx, who, user, damaged, impact)
	if err != nil {
		return err
	}
	was := user.auditFields()
	was.flag("damaged", damaged)
	audit, err := r.newAuditRecord(who, ActionDeleteUser, id.String(), was, nil)
	if err != nil {
		return err
	}
	writes, audits := append(writes, DeleteUser{user, !damaged && !keysLater, damaged}), []AuditRecord{audit}
	if keysLater {
		if err := r.commit(ctx, who, audits, writes...); err != nil {
			return err
		}
		r.disableOrphans(ctx, who, id)
		return nil
	}
	disabled, records, err := r.disableKeys(ctx, who, user, impact, true, !damaged)
	if err != nil {
		return err
	}
	return r.commit(ctx, who, append(audits, records...), append(writes, disabled...)...)
}

// disableOrphans disables the personal keys of a user who was removed, one by
// one. It ignores failures. A key that stays enabled authenticates nobody,
// because its user is gone. It is shown as disabled, and its next change
// disables it.
func (r *Rules) disableOrphans(ctx context.Context, who principal, user uuid.UUID) {
	who = principal{Caller: who.Caller, actor: who.actor}
	var ids []uuid.UUID
	_, _ = r.forEachKey(ctx, who.Org, KeyFilter{OnBehalfOf: user, Personal: true}, func(key Key) error { ids = append(ids, key.ID); return nil })
	for _, id := range ids {
		_ = retryStale(ctx, func() error {
			before, err := r.view(who.Org).Key(ctx, id)
			if err != nil || before.OnBehalfOf != user {
				return err
			}
			after := r.disabled(who, before, true)
			return r.commitAction(ctx, who, ActionUpdateKey, id.String(), before.auditFields(), after.auditFields(), ReplaceKey{Before: before, After: after})
		})
	}
}

// disabled returns a disabled copy of the key. With orphan, the copy has no
// user either.
func (r *Rules) disabled(who principal, key Key, orphan bool) Key {
	key.Disabled = true
	if orphan {
		key.OnBehalfOf, key.UserPolicy = uuid.UUID{}, uuid.UUID{}
	}
	key.modified(who.actor, r.now())
	key.Version++
	return key
}

// miscountedError returns the error for a promotion to OWNER that no retry can
// complete: the user's KeyCount includes a key that no listing shows as the
// user's. Once repaired, such a key could act as an OWNER.
func (r *Rules) miscountedError(ctx context.Context, who principal, user User, impact userImpact) error {
	damaged, err := r.forEachKey(ctx, who.Org, KeyFilter{}, func(Key) error { return nil })
	if err != nil {
		return err
	}
	detail := fmt.Sprintf("The user's record counts %d personal API keys, but %d are found. ", user.KeyCount, len(impact.keys))
	for _, d := range damaged {
		key, err := who.view.Key(ctx, d.Ref.ID)
		if known := salvage(who.view, d.Ref, &key, &err); err != nil || known && key.OnBehalfOf.IsZero() {
			detail += fmt.Sprintf("The damaged key %s may be the user's. Delete it first. ", d.Ref.ID)
			break
		}
	}
	return &Error{Kind: InUse, Subject: SubjectUser, Detail: detail + "If this is still so after a minute, remove the user and create a new one with the same e-mail address."}
}

// ownerWritesOnRemoval returns the writes that keep the organization's count of
// OWNERs and its representative correct when a user is removed. For a damaged
// user, whose role may be unknown, the other OWNERs are counted again.
func (r *Rules) ownerWritesOnRemoval(ctx context.Context, who principal, user User, damaged bool, impact userImpact) (writes []Write, err error) {
	org, err := who.view.Organization(ctx)
	if err != nil {
		return nil, err
	}
	if !damaged {
		return r.ownerWrites(ctx, who, org, user, User{}, impact)
	}
	if impact.err != nil {
		return nil, impact.err
	}
	if impact.otherOwners < 1 {
		return nil, lastOwnerError()
	}
	next := org
	next.Owners = impact.otherOwners
	next.Version++
	writes = append(writes, ReplaceOrganization{org, next})
	status, err := who.view.Status(ctx, org.ID)
	if err != nil || status.Representative != user.ID {
		return writes, err
	}
	moved := status
	moved.Representative = impact.successor.ID
	moved.Version++
	return append(writes, ReplaceStatus{status, moved}), nil
}

// disableKeys returns the writes that disable a user's personal keys, and their
// audit records. With orphan, the keys also lose their user. Each write
// requires that the key is as it was listed, including keys that are disabled
// already. With counted, a listing that does not show all of them yet is
// [Stale].
//
// A damaged key cannot be disabled. That does not stop the user's removal,
// because the key then acts for nobody. It does stop a promotion to OWNER,
// because the key would act as an OWNER once it is repaired.
//
// A user has at most [MaxPersonalKeys] of [MaxKeyRecord] bytes each, so all of
// this fits into one transaction.
func (r *Rules) disableKeys(ctx context.Context, who principal, user User, impact userImpact, orphan, counted bool) (writes []Write, audits []AuditRecord, err error) {
	if impact.err != nil {
		return nil, nil, impact.err
	}
	found := 0
	for _, before := range impact.keys {
		if before.Type != TypePersonal {
			continue
		}
		found++
		if before.Disabled && !orphan {
			writes = append(writes, Require{KeyRef(before.ID), before.Version})
			continue
		}
		after := r.disabled(who, before, orphan)
		audit, err := r.newAuditRecord(who, ActionUpdateKey, after.ID.String(), before.auditFields(), after.auditFields())
		if err != nil {
			return nil, nil, err
		}
		writes, audits = append(writes, ReplaceKey{Before: before, After: after}), append(audits, audit)
	}
	unread, err := who.countDamagedPersonal(ctx, impact.damaged)
	switch {
	case err != nil:
		return nil, nil, err
	case unread > 0 && !orphan:
		return nil, nil, &Error{Kind: InUse, Subject: SubjectKey, Use: &Use{Keys: unread}, Detail: fmt.Sprintf(
			"%d API keys of the user are damaged, such as %s. Delete these first.", unread, impact.damaged[0].Ref.ID)}
	case counted && (found > user.KeyCount || found+unread < user.KeyCount):
		return nil, nil, StaleError()
	}
	return writes, audits, nil
}

// countDamagedPersonal counts the damaged keys that may be personal ones,
// judging by what can be read of them.
func (who principal) countDamagedPersonal(ctx context.Context, damaged []Damage) (n int, err error) {
	var refs []Ref
	for _, d := range damaged {
		refs = append(refs, d.Ref)
	}
	if err := who.view.read(ctx, refs...); err != nil {
		return 0, err
	}
	for _, ref := range refs {
		key, err := who.view.Key(ctx, ref.ID)
		if err == nil || KindOf(err) == NotFound {
			continue // repaired or deleted since it was listed
		}
		known := salvage(who.view, ref, &key, &err)
		if !known || key.Org == who.Org && key.Type != TypeService && key.Type != TypeShared {
			n++
		}
	}
	return n, nil
}
