package apikey

import (
	"context"
	"slices"
	"time"

	"github.com/keyward/keyward/shared/uuid"
)

// EndPreviousSecret ends the overlap of a rotation: the key's previous secret
// stops working. Whoever may rotate the key may do so, even if they hold less
// than the key. A version other than 0 must be the current one. Errors:
// [Unauthenticated], [Forbidden], [NotFound], also if no previous secret is
// live, [PreconditionFailed], [Unavailable].
func (r *Rules) EndPreviousSecret(ctx context.Context, by Caller, id uuid.UUID, version int64) error {
	return retryStale(ctx, func() error {
		who, before, err := r.authorizeSecrets(ctx, by, id)
		if err != nil {
			return err
		}
		if err := checkVersion(version, before.Version, SubjectKey); err != nil {
			return err
		}
		now := r.now()
		if before.Previous(now) == nil {
			return &Error{Kind: NotFound, Subject: SubjectSecret, Detail: "The API key has no previous secret that still works."}
		}
		after := before.endingPrevious(now)
		after.modified(who.actor, now)
		return r.commitAction(ctx, who, ActionEndPreviousSecret, id.String(), before.auditFields(), after.auditFields(), ReplaceKey{Before: before, After: after})
	})
}

// endingPrevious returns the key's next version, in which the newest older
// secret ends at that time.
func (k Key) endingPrevious(at time.Time) Key {
	k.Older = slices.Clone(k.Older)
	k.Older[0].EndsOn, k.Older[0].AwaitsUse, k.Older[0].Overlap = at, false, 0
	k.Version++
	return k
}

// startingOverlap returns the key's next version, in which the end of its
// previous secret is set: the current one was first used at that time. ok is
// false if no secret waits for that. A tombstone waits until it is restored.
func (k Key) startingOverlap(firstUsed time.Time) (after Key, ok bool) {
	if k.Deleted() || len(k.Older) == 0 || !k.Older[0].AwaitsUse || firstUsed.IsZero() {
		return k, false
	}
	// Clocks differ: no secret is used before it is made.
	if firstUsed.Before(k.SecretOn) {
		firstUsed = k.SecretOn
	}
	ends := firstUsed.UTC().Truncate(time.Millisecond).Add(k.Older[0].Overlap)
	if last := k.Older[0].EndsOn; last.Before(ends) {
		ends = last
	}
	return k.endingPrevious(ends), true
}
