package apikey

import (
	"context"
	"math"

	"github.com/keyward/keyward/shared/keytext"
)

// Listed is a part of a listing: what one read of the store gave. One damaged
// record does not keep the others from being listed.
type Listed[T, P any] struct {
	Records []T
	// Next is where the listing goes on, behind all that this part has; nil at
	// its end.
	Next *P
	// Damaged are the records of this part that cannot be read. They are not
	// among Records.
	Damaged []Damage
}

// Damage is a stored record that cannot be read: it is broken, or a newer
// version wrote it.
type Damage struct {
	// Ref names the record. Where not even its id can be read, the ref has none.
	Ref Ref
	// Cause says for the log what is wrong with the record. It shows no value.
	Cause error
}

// AsMany is the limit of a part that has as many records as one read gives.
const NoLimit = math.MaxInt32

// every calls each for all records of a listing that can be read, and returns
// those that cannot.
func forEach[T, P any](list func(after P) (Listed[T, P], error), each func(T) error) (damaged []Damage, err error) {
	for next := new(P); next != nil; {
		part, err := list(*next)
		if err != nil {
			return damaged, err
		}
		damaged, next = append(damaged, part.Damaged...), part.Next
		for _, record := range part.Records {
			if err := each(record); err != nil {
				return damaged, err
			}
		}
	}
	return damaged, nil
}

// some returns the first records of a listing, as many as are wanted if there are,
// and the damaged ones that it met on the way.
func firstRecords[T, P any](list func(after P) (Listed[T, P], error), want int) (records []T, damaged []Damage, err error) {
	for next := new(P); next != nil && len(records) < want; {
		part, err := list(*next)
		if err != nil {
			return nil, nil, err
		}
		records, damaged, next = append(records, part.Records...), append(damaged, part.Damaged...), part.Next
	}
	return records[:min(len(records), want)], damaged, nil
}

// complete makes an error of damaged records, for a rule that has to know every
// record: [Unavailable].
func unavailableIfDamaged(damaged []Damage, err error) error {
	if err == nil && len(damaged) > 0 {
		err = UnavailableError("read "+damaged[0].Ref.String(), damaged[0].Cause)
	}
	return err
}

// everyKey calls each for all keys of an organization that the filter lets pass,
// and returns the damaged ones.
func (k *Keys) forEachKey(ctx context.Context, org OrgID, filter KeyFilter, each func(Key) error) ([]Damage, error) {
	return forEach(k.keyLister(ctx, org, filter, NoLimit), each)
}

// everyPolicy calls each for all policies of an organization that are no
// tombstones, and returns the damaged ones.
func (k *Keys) forEachPolicy(ctx context.Context, org OrgID, each func(Policy) error) ([]Damage, error) {
	return forEach(func(after keytext.ID) (Listed[Policy, keytext.ID], error) {
		return k.Store.Policies(ctx, org, after, NoLimit)
	}, func(policy Policy) error {
		if policy.Deleted {
			return nil
		}
		return each(policy)
	})
}

// everyUser calls each for all users of an organization, and returns the damaged
// ones.
func (k *Keys) forEachUser(ctx context.Context, org OrgID, each func(User) error) ([]Damage, error) {
	return forEach(func(after keytext.ID) (Listed[User, keytext.ID], error) {
		return k.Store.Users(ctx, org, after, NoLimit)
	}, each)
}

// keys lists keys from a position on.
func (k *Keys) keyLister(ctx context.Context, org OrgID, filter KeyFilter, limit int) func(Position) (Listed[Key, Position], error) {
	return func(after Position) (Listed[Key, Position], error) {
		return k.Store.Keys(ctx, org, filter, after, limit)
	}
}
