package apikey

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/keyward/keyward/shared/uuid"
)

// retiredOften is the minimum time between two audit records of uses of a key's
// ended secrets.
const retiredOften = time.Hour

// usageRecorder is the actor of changes that follow from the use of a key.
var usageRecorder = Actor{Username: "record-usage"}

// keysAtOnce is how many keys' last uses are written at the same time.
const keysAtOnce = 16

// RecordUses brings the last uses of keys up to date with what authorizers
// counted, which may come in any order and more than once. It records the use of
// an ended secret in the audit log, at most once an hour for each key. If a
// previous secret waits for the first use of its successor, it sets its end,
// which counts from that use and can be past. It also moves the digests of used
// secrets to the active pepper. It returns an error, or nil, for each of the
// uses: [Unavailable] or [Permanent]. Uses of keys that are gone are ignored,
// and so are those that name another organization than the key's, which would
// show the key there.
func (r *Rules) RecordUses(ctx context.Context, all []Uses) []error {
	errs, of := make([]error, len(all)), map[uuid.UUID][]Uses{}
	var refs []Ref
	for _, uses := range all {
		if of[uses.Key] == nil {
			refs = append(refs, KeyRef(uses.Key), LastUseRef(uses.Key))
		}
		of[uses.Key] = append(of[uses.Key], uses)
	}
	found, err := r.Store.Read(ctx, refs...)
	active, err := r.activeFor(ctx, all, err)
	ids := slices.Collect(maps.Keys(of))
	outcomes := make([]error, len(ids))
	inTurns(keysAtOnce, len(ids), func(i int) {
		if outcomes[i] = err; err == nil {
			outcomes[i] = r.recordKeyUses(ctx, ids[i], found, active, of[ids[i]])
		}
	})
	for i, uses := range all {
		errs[i] = outcomes[slices.Index(ids, uses.Key)]
	}
	return errs
}

// recordKeyUses records the uses of one key, given what was read of it, and the
// active pepper.
func (r *Rules) recordKeyUses(ctx context.Context, id uuid.UUID, found Found, active int, uses []Uses) error {
	return retryStale(ctx, func() (err error) {
		if found == nil {
			found, err = r.Store.Read(ctx, KeyRef(id), LastUseRef(id))
			if active, err = r.activeFor(ctx, uses, err); err != nil {
				return err
			}
		}
		key, err := found.Key(id)
		if err != nil && KindOf(err) == NotFound {
			return nil
		}
		before, err := found.LastUse(id)
		if err != nil && KindOf(err) != NotFound {
			return err
		}
		found = nil // read again if it has changed
		uses = slices.DeleteFunc(uses, func(u Uses) bool { return u.Org != key.Org })
		change, err := r.useChange(key, before, active, uses)
		if err != nil || len(change.Writes) == 0 {
			return err
		}
		return r.Store.Commit(ctx, change)
	})
}

// useChange returns the change that uses make; without writes if they make none.
// All of it is one change, so that nothing is lost or done twice.
func (r *Rules) useChange(key Key, before LastUse, active int, uses []Uses) (change Change, err error) {
	after := before
	for _, u := range uses {
		after = after.with(u)
		if !u.Retired.On.Before(after.RetiredOn.Add(retiredOften)) && !u.Retired.On.IsZero() {
			audit, err := r.retiredRecord(key, u)
			if err != nil {
				return Change{}, err
			}
			change.Audits, after.RetiredOn = append(change.Audits, audit), u.Retired.On
		}
	}
	if !same(before, after) {
		after.Version++
		change.Writes = append(change.Writes, PutLastUse{before, after})
	}
	next, err := r.startOverlap(&change, key, after.SecretUse(key.Generation).FirstOn)
	moved, moves := r.move(next, active, uses)
	if moves {
		// Once the pepper is no longer active, no digest is moved to it, however
		// late a proposal comes.
		change.Writes = append(change.Writes, RequirePepper{active, PepperActive})
	}
	if moves || next.Version != key.Version {
		moved.Version = key.Version + 1
		change.Writes = append(change.Writes, ReplaceKey{Before: key, After: moved})
	}
	return change, err
}

// startOverlap returns the key's next version and adds its audit record to a
// change, if the current secret of the key was first used at that time. It
// returns the key unchanged if that time is zero, or if the first use was seen
// before.
func (r *Rules) startOverlap(change *Change, key Key, firstUsed time.Time) (Key, error) {
	after, starts := key.startingOverlap(firstUsed)
	if !starts {
		return key, nil
	}
	after.modified(usageRecorder, r.now())
	who := principal{Caller: Caller{Org: key.Org}, actor: usageRecorder}
	audit, err := r.newAuditRecord(who, ActionStartOverlap, key.ID.String(), key.auditFields(), after.auditFields())
	change.Audits = append(change.Audits, audit)
	return after, err
}

// retiredRecord returns the audit record of the use of an ended secret. Its
// actor is the key, because nobody knows who used it.
func (r *Rules) retiredRecord(key Key, u Uses) (AuditRecord, error) {
	fields := newAuditFields()
	fields.put("secret", strconv.Itoa(u.Retired.Generation))
	fields.time("usedOn", u.Retired.On)
	who := principal{Caller: Caller{Org: u.Org, Key: u.Key, Source: u.RetiredFrom}, actor: key.Actor()}
	return r.newAuditRecord(who, ActionRetiredSecretUsed, u.Key.String(), nil, fields)
}
