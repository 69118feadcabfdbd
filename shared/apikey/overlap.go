package apikey

import (
	"context"
	"slices"
	"time"

	"github.com/keyward/keyward/shared/keytext"
)

// EndPreviousSecret ends the overlap of a rotation: the key's previous secret
// stops to verify. Whoever may rotate the key may do so, even if they hold less
// than the key. A version other than 0 must be the current one. Errors:
// [Unauthenticated], [Forbidden], [NotFound], also if no previous secret is
// live, [PreconditionFailed], [Unavailable].
func (r *Rules) EndPreviousSecret(ctx context.Context, by Caller, id keytext.ID, version int64) error {
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
		after.LastModifiedBy, after.LastModifiedOn = who.actor, now
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

// usageRecorder is the actor of changes that follow from the use of a key.
var usageRecorder = Actor{Username: "record-usage"}

// StartOverlap sets the end of a key's previous secret, if that waits for the
// first use of its successor: the overlap counts from firstUsed, when the secret
// of that generation was first used. Otherwise it does nothing, so it can be
// called again. It is for the system, which has no caller. Errors:
// [Unavailable].
func (r *Rules) StartOverlap(ctx context.Context, org OrgID, id keytext.ID, generation int, firstUsed time.Time) error {
	return retryStale(ctx, func() error {
		before, err := r.view(org).Key(ctx, id)
		switch {
		case err != nil && KindOf(err) == NotFound:
			return nil
		case err != nil:
			return err
		case before.Org != org || before.Generation != generation || len(before.Older) == 0 || !before.Older[0].AwaitsUse:
			return nil
		}
		// Clocks differ: no secret is used before it is made.
		if firstUsed.Before(before.SecretOn) {
			firstUsed = before.SecretOn
		}
		ends := firstUsed.UTC().Truncate(time.Millisecond).Add(before.Older[0].Overlap)
		if last := before.Older[0].EndsOn; last.Before(ends) {
			ends = last
		}
		after := before.endingPrevious(ends)
		after.LastModifiedBy, after.LastModifiedOn = usageRecorder, r.now()
		who := principal{Caller: Caller{Org: org}, actor: usageRecorder}
		return r.commitAction(ctx, who, ActionStartOverlap, id.String(), before.auditFields(), after.auditFields(), ReplaceKey{Before: before, After: after})
	})
}
