package apikey

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/keyward/keyward/shared/permission"
)

// A permission that no service declares any more is withdrawn: it is taken from
// everything that holds it. The withdrawal ends, or a service declares the
// permission again, only if it is certain that nothing holds it. Otherwise a later
// declaration would revive old grants.
//
// The listing of keys may miss recent changes. No recent change can grant a
// withdrawn permission, because no service declares it. So every holder existed
// before the withdrawal, and nothing holds the permission if three things are
// true: the listing has as many keys as the organization counts, none of them was
// created since, and none of them holds it when read by its id. Listings of
// policies and users are always current.

const (
	// maxKeysToCheck limits how many keys are read to declare a permission
	// again. A sweep reads that many at once.
	maxKeysToCheck = 1000
	// ChangeTimeout is how long a function that creates keys can run, and so how
	// long after its CreatedOn a key can still be committed.
	ChangeTimeout = 10 * time.Second
	// clockSkew is how far the clocks of two functions may differ.
	clockSkew = time.Second
	// listingDelay is when to ask again after a listing that is behind.
	// sweepInterval is when to ask again after one that shows a holder: a sweep
	// runs every 5 minutes.
	listingDelay  = 2 * time.Second
	sweepInterval = 5 * time.Minute
	// maxDamagedNamed limits how many damaged records an error names.
	maxDamagedNamed = 10
)

// remainder is what may still hold withdrawn permissions.
type remainder struct {
	// wait is when to look again; 0 if nothing readable holds them.
	wait time.Duration
	// damaged are records that could hold anything. They have to be deleted.
	damaged []Damage
}

// add notes a record that holds these permissions.
func (r *remainder) add(held, gone permission.Set) {
	if held.HasAny(gone...) {
		r.wait = sweepInterval
	}
}

// checkRedeclarable determines whether withdrawn permissions may be declared
// again: all of them or none. The organization was read later than since.
func (r *Rules) checkRedeclarable(ctx context.Context, org Organization, since time.Time, again permission.Set, impact *withdrawalImpact) error {
	var keys, policies, users remainder
	err := concurrently(
		func() (err error) {
			if org.KeyCount > maxKeysToCheck {
				keys.wait = sweepInterval
				keys.damaged, err = r.forEachKey(ctx, org.ID, KeyFilter{}, func(Key) error { return nil })
				return err
			}
			keys, err = r.remainingKeys(ctx, org, since, again)
			return err
		},
		func() (err error) {
			policies.damaged, err = r.forEachPolicy(ctx, org.ID, func(p Policy) error { policies.add(p.Permissions, again); return nil })
			return err
		},
		func() (err error) {
			users.damaged, err = r.forEachUser(ctx, org.ID, func(u User) error { users.add(u.Permissions, again); return nil })
			return err
		},
	)
	impact.left = remainder{max(keys.wait, policies.wait, users.wait), slices.Concat(keys.damaged, policies.damaged, users.damaged)}
	if err == nil && impact.left.wait == 0 && len(impact.left.damaged) == 0 {
		impact.redeclarable = again
	}
	return err
}

// remainingKeys returns which keys may still hold any of the permissions. The
// organization, with its count of keys, was read later than since.
func (r *Rules) remainingKeys(ctx context.Context, org Organization, since time.Time, gone permission.Set) (left remainder, err error) {
	// A key that was created before this was committed before the count was read.
	oldest := since.Add(-ChangeTimeout - clockSkew)
	var refs []Ref
	left.damaged, err = r.forEachKey(ctx, org.ID, KeyFilter{}, func(key Key) error {
		refs = append(refs, KeyRef(key.ID))
		if !key.CreatedOn.Before(oldest) {
			left.wait = max(left.wait, key.CreatedOn.Sub(oldest).Truncate(time.Second)+time.Second)
		}
		return nil
	})
	if err != nil {
		return left, err
	}
	count := 0
	for page := range slices.Chunk(refs, maxKeysToCheck) {
		found, err := r.Store.Read(ctx, page...)
		if err != nil {
			return left, err
		}
		for ref, finding := range found {
			key, there := finding.Record.(Key)
			switch {
			case there && key.Deleted(): // since it was listed
			case there && finding.Err == nil:
				count++
				left.add(key.Permissions, gone)
			case KindOf(finding.Err) != NotFound:
				left.damaged = append(left.damaged, Damage{ref, finding.Err})
			}
		}
	}
	if count+len(left.damaged) != org.KeyCount {
		left.wait = max(left.wait, listingDelay)
	}
	return left, nil
}

// stillWithdrawing returns the error for declaring permissions that are still
// being withdrawn. If records are damaged, waiting does not help.
func stillWithdrawing(permissions permission.Set, left remainder) *Error {
	names := strings.Join(permissions, ", ")
	if len(left.damaged) == 0 {
		wait := cmp.Or(left.wait, sweepInterval)
		return &Error{Kind: Withdrawing, Subject: SubjectPermission, RetryAfter: wait, Detail: fmt.Sprintf(
			"Permissions that were removed before are still being taken from their holders: %s. Try again in %s.", names, durationText(wait))}
	}
	var records []string
	for _, damage := range left.damaged[:min(len(left.damaged), maxDamagedNamed)] {
		records = append(records, damage.Ref.String())
	}
	return &Error{Kind: InUse, Subject: SubjectPermission, Use: &Use{}, Cause: left.damaged[0].Cause, Detail: fmt.Sprintf(
		"Permissions that were removed before cannot be declared again, because %d damaged records may still hold them: %s. Delete these records first: %s.",
		len(left.damaged), names, strings.Join(records, ", "))}
}
