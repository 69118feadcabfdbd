package apikey

import (
	"context"
	"fmt"

	"github.com/keyward/keyward/shared/keytext"
)

// ownerWritesOnRemoval returns the writes that keep the organization's count of
// OWNERs and its representative correct when a user is removed. Whether a
// damaged user counted is unknown, so the others are counted again.
func (k *Keys) ownerWritesOnRemoval(ctx context.Context, who principal, user User, damaged bool, impact userImpact) (writes []Write, err error) {
	org, err := who.view.Organization(ctx)
	if err != nil {
		return nil, err
	}
	if !damaged {
		return k.ownerWrites(ctx, who, org, user, User{}, impact)
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
func (k *Keys) disableKeys(ctx context.Context, who principal, user User, impact userImpact, orphan, counted bool) (writes []Write, audits []AuditRecord, err error) {
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
		after := before
		after.Disabled = true
		if orphan {
			after.OnBehalfOf = keytext.ID{}
		}
		after.LastModifiedBy, after.LastModifiedOn = who.actor, k.now()
		after.Version++
		audit, err := k.newAuditRecord(who, ActionUpdateKey, after.ID.String(), before.auditFields(), after.auditFields())
		if err != nil {
			return nil, nil, err
		}
		writes, audits = append(writes, ReplaceKey{before, after}), append(audits, audit)
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
