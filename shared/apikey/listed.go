package apikey

import (
	"context"
	"errors"
	"math"

	"github.com/keyward/keyward/shared/uuid"
)

// Listed is one part of a listing: the result of one read of the store. Damaged
// records do not keep the others from being listed.
type Listed[T, P any] struct {
	Records []T
	// Next is the position after this part; nil at the end of the listing.
	Next *P
	// Damaged are the records of this part that cannot be read. They are not in
	// Records.
	Damaged []Damage
}

// Damage is a stored record that cannot be read, because it is broken or a
// newer version wrote it.
type Damage struct {
	// Ref names the record. It has no id if the id cannot be read.
	Ref Ref
	// Cause says what is wrong with the record, for the log. It contains no
	// value.
	Cause error
}

// ErrDamaged is the cause of [Unavailable] from a method of a [Store] without a
// place for [Damage], if a record is damaged and a retry cannot help.
var ErrDamaged = errors.New("a record is damaged")

// NoLimit asks for as many records as one read returns.
const NoLimit = math.MaxInt32

// forEach calls each for every readable record of a listing, and returns the
// damaged ones.
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

// firstRecords returns the first records of a listing, up to want, and the
// damaged ones it met before them.
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

// unavailableIfDamaged returns an [Unavailable] error if there are damaged
// records, for a rule that must know every record.
func unavailableIfDamaged(damaged []Damage, err error) error {
	if err == nil && len(damaged) > 0 {
		err = UnavailableError("read "+damaged[0].Ref.String(), damaged[0].Cause)
	}
	return err
}

// forEachKey calls each for every key of an organization that matches the
// filter, and returns the damaged ones.
func (r *Rules) forEachKey(ctx context.Context, org OrgID, filter KeyFilter, each func(Key) error) ([]Damage, error) {
	return forEach(r.keyLister(ctx, org, filter, NoLimit), each)
}

// forEachPolicy calls each for every policy of an organization except
// tombstones, and returns the damaged ones.
func (r *Rules) forEachPolicy(ctx context.Context, org OrgID, each func(Policy) error) ([]Damage, error) {
	return forEach(func(after uuid.UUID) (Listed[Policy, uuid.UUID], error) {
		return r.Store.Policies(ctx, org, after, NoLimit)
	}, func(policy Policy) error {
		if policy.Deleted {
			return nil
		}
		return each(policy)
	})
}

// forEachUser calls each for every user of an organization, and returns the
// damaged ones.
func (r *Rules) forEachUser(ctx context.Context, org OrgID, each func(User) error) ([]Damage, error) {
	return forEach(func(after uuid.UUID) (Listed[User, uuid.UUID], error) {
		return r.Store.Users(ctx, org, after, NoLimit)
	}, each)
}

// keyLister returns a function that lists keys after a position.
func (r *Rules) keyLister(ctx context.Context, org OrgID, filter KeyFilter, limit int) func(Position) (Listed[Key, Position], error) {
	return func(after Position) (Listed[Key, Position], error) {
		return r.Store.Keys(ctx, org, filter, after, limit)
	}
}
