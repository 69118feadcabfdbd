package apikey

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/keyward/keyward/shared/uuid"
)

// A list in order of creation, the earliest first, is read through the store's
// index, page by page. Any other order, and filters by use, need all keys that
// could match: they are read for each page and sorted in memory, up to a limit.
const (
	// MaxSortedKeys is how many keys such a list can have.
	MaxSortedKeys = 10_000
	// maxSortedReads is how many reads of the index it takes, of 1 MB each.
	maxSortedReads = 32
)

// Find returns keys of the caller's organization that match the query, in its
// order and after the position. It shows them as [Rules.List] does. Errors:
// those of [Rules.List]; [Invalid] also for a query that contradicts itself,
// and for more keys than can be sorted.
func (r *Rules) Find(ctx context.Context, by Caller, query KeyQuery, after Position, limit int) (page Page, err error) {
	if err := checkLimit(limit); err != nil {
		return Page{}, err
	}
	if err := query.check(r.now()); err != nil {
		return Page{}, err
	}
	query.Name, query.Text = r.NFC(query.Name), r.NFC(query.Text)
	query.Deleted = query.Deleted || query.State == StateDeleted
	// The listing does not wait for the caller's records. It is read for what
	// the authorizer saw, and again if that turns out to be wrong.
	var guess, whose uuid.UUID
	if by.Held != nil {
		guess, _ = by.listableOwner(by.Held, by.User)
	}
	var failed error
	err = concurrently(func() (err error) {
		whose, err = r.authorizeKeyList(ctx, by)
		return err
	}, func() error {
		page, failed = r.findPage(ctx, by.Org, query, guess, after, limit)
		return nil
	})
	if err != nil {
		return Page{}, err
	}
	if whose != guess {
		page, failed = r.findPage(ctx, by.Org, query, whose, after, limit)
	}
	if failed != nil {
		return Page{}, failed
	}
	return page, nil
}

// findPage reads one part of the list: of everybody's keys, or of a user's
// personal ones.
func (r *Rules) findPage(ctx context.Context, org OrgID, query KeyQuery, whose uuid.UUID, after Position, limit int) (Page, error) {
	filter, ok := query.ownedBy(whose)
	if !ok {
		return Page{}, nil
	}
	query.KeyFilter = filter
	read := r.sortedPart
	switch {
	case query.indexed() && whose.IsZero():
		read = r.indexedPart
	case query.indexed():
		read = r.ownPart
	}
	part, err := read(ctx, org, query, after, limit)
	if err != nil {
		return Page{}, err
	}
	var policies, users []uuid.UUID
	for _, key := range part.Records {
		policies, users = append(policies, key.Policy), append(users, key.OnBehalfOf)
	}
	var names Names
	var used map[uuid.UUID]LastUse
	err = concurrently(func() (err error) {
		names, err = r.Store.Names(ctx, org, policies, users)
		return err
	}, func() (err error) {
		if limit <= MaxPage { // who lists everything at once does not show it
			used, err = r.lastUses(ctx, part.Records)
		}
		return err
	})
	if err != nil {
		return Page{}, err
	}
	names.LastUses = used
	for i := range part.Records {
		part.Records[i].showOrphan(names)
	}
	return Page{part.Records, part.Next, part.Damaged, names}, nil
}

// ownPart is [Rules.indexedPart] for a user's list of their own keys. The store
// can stop at somebody else's key, whose id and time must not show in a cursor.
// So the list continues after the last key that it shows. If it shows none, the
// cursor is the store's position, with its time rounded down and without an id.
// The store is read on until that is after the last cursor. If maxSortedReads
// reads are not enough, the cursor is the exact position.
func (r *Rules) ownPart(ctx context.Context, org OrgID, query KeyQuery, after Position, limit int) (part Listed[Key, Position], err error) {
	var damaged []Damage
	for reads, from := 1, after; ; reads++ {
		if part, err = r.indexedPart(ctx, org, query, from, limit); err != nil {
			return Listed[Key, Position]{}, err
		}
		damaged = append(damaged, part.Damaged...)
		part.Damaged = damaged
		if part.Next == nil {
			return part, nil
		}
		if n := len(part.Records); n > 0 {
			last := part.Records[n-1]
			part.Next = &Position{CreatedOn: last.CreatedOn, ID: last.ID}
			return part, nil
		}
		if rounded := part.Next.roundedPast(after); rounded != nil || reads == maxSortedReads {
			part.Next = cmp.Or(rounded, part.Next)
			return part, nil
		}
		from = *part.Next
	}
}

// roundedPast returns the time of a position, rounded down to the coarsest unit
// with which it is still after another position; nil if a minute is too coarse.
func (p Position) roundedPast(after Position) *Position {
	for _, unit := range []time.Duration{24 * time.Hour, time.Hour, time.Minute} {
		if at := p.CreatedOn.Truncate(unit); at.After(after.CreatedOn) {
			return &Position{CreatedOn: at}
		}
	}
	return nil
}

// indexedPart reads a part in order of creation. It then drops the keys that the
// query does not match and the store cannot filter out.
func (r *Rules) indexedPart(ctx context.Context, org OrgID, query KeyQuery, after Position, limit int) (Listed[Key, Position], error) {
	if !query.filtersAfterwards() {
		return r.Store.Keys(ctx, org, query.KeyFilter, after, limit)
	}
	part, err := r.Store.Keys(ctx, org, query.KeyFilter, after, NoLimit)
	if err != nil {
		return Listed[Key, Position]{}, err
	}
	all, now := part.Records, r.now()
	part.Records = nil
	for n, key := range all {
		if !query.matches(key, time.Time{}, now) {
			continue
		}
		if part.Records = append(part.Records, key); len(part.Records) == limit && n < len(all)-1 {
			part.Next = &Position{CreatedOn: key.CreatedOn, ID: key.ID}
			break
		}
	}
	return part, nil
}

// sortedPart reads all keys that could match, sorts them, and returns those
// after the position.
func (r *Rules) sortedPart(ctx context.Context, org OrgID, query KeyQuery, after Position, limit int) (part Listed[Key, Position], err error) {
	var keys []Key
	var uses map[uuid.UUID]time.Time
	err = concurrently(func() (err error) {
		keys, part.Damaged, err = r.allKeys(ctx, org, query)
		return err
	}, func() (err error) {
		uses, err = r.allLastUses(ctx, org, query)
		return err
	})
	if err != nil {
		return Listed[Key, Position]{}, err
	}
	var found []ranked
	for now := r.now(); len(keys) > 0; keys = keys[1:] {
		if key := keys[0]; query.matches(key, uses[key.ID], now) {
			found = append(found, query.rank(key, uses[key.ID]))
		}
	}
	slices.SortFunc(found, func(a, b ranked) int { return query.compare(a.value, a.ID, b.value, b.ID) })
	if after != (Position{}) {
		part.Damaged = nil // they were on the first page
		found = slices.DeleteFunc(found, func(k ranked) bool { return query.compare(k.value, k.ID, after.Value, after.ID) <= 0 })
	}
	for n, key := range found[:min(limit, len(found))] {
		part.Records = append(part.Records, key.Key)
		if len(part.Records) == limit && n < len(found)-1 {
			part.Next = &Position{CreatedOn: key.CreatedOn, ID: key.ID, Value: key.value}
		}
	}
	return part, nil
}

// allKeys reads all keys that pass the query's filter.
func (r *Rules) allKeys(ctx context.Context, org OrgID, query KeyQuery) (keys []Key, damaged []Damage, err error) {
	reads := 0
	for next := new(Position); next != nil; reads++ {
		if len(keys) > MaxSortedKeys || reads == maxSortedReads {
			return nil, nil, query.tooMany()
		}
		part, err := r.Store.Keys(ctx, org, query.KeyFilter, *next, NoLimit)
		if err != nil {
			return nil, nil, err
		}
		keys, damaged, next = append(keys, part.Records...), append(damaged, part.Damaged...), part.Next
	}
	if len(keys) > MaxSortedKeys {
		return nil, nil, query.tooMany()
	}
	return keys, damaged, nil
}

// allLastUses returns when keys were last used, as far as the query needs it.
func (r *Rules) allLastUses(ctx context.Context, org OrgID, query KeyQuery) (map[uuid.UUID]time.Time, error) {
	if !query.needsUses() {
		return nil, nil
	}
	uses := map[uuid.UUID]time.Time{}
	reads := 0
	for next := new(Position); next != nil; reads++ {
		if reads == maxSortedReads {
			return nil, query.tooMany()
		}
		part, err := r.Store.LastUses(ctx, org, *next, NoLimit)
		if err != nil {
			return nil, err
		}
		for _, use := range part.Records {
			uses[use.Key] = use.UsedOn
		}
		next = part.Next
	}
	return uses, nil
}

// tooMany returns the error for a list that cannot be sorted. It names a part of
// the query that needs sorting.
func (q KeyQuery) tooMany() error {
	field := "sort"
	switch {
	case q.Use != "":
		field = "neverUsed"
	case !q.UnusedSince.IsZero():
		field = "unusedSince"
	case q.byCreation():
		field = "order"
	}
	return InvalidError(FieldError{field, FieldTooLong, fmt.Sprintf(
		"%s must read all keys that match the other filters, and these are more than %d, or more than %d MB. Add policyId, onBehalfOf, createdBy or state=deleted, or leave %s out.", field, MaxSortedKeys, maxSortedReads, field)})
}
