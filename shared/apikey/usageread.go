package apikey

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/keyward/keyward/shared/permission"
	"github.com/keyward/keyward/shared/uuid"
)

const (
	// MaxUsageHours limits the period of a [UsageQuery] by hour.
	MaxUsageHours = 7 * Day
	// MaxUsageDays limits the period of a [UsageQuery] by day.
	MaxUsageDays = UsageRetention + Day
	// MaxUsedKeys is how many keys [Rules.TopKeys] compares: those used last.
	MaxUsedKeys = 100
)

// UsageQuery selects uses by time. The zero query asks for the last seven days,
// by day.
type UsageQuery struct {
	// From and To bound the time; To is excluded. They are rounded down to whole
	// steps. Zero means seven days before To, and now.
	From, To time.Time
	// ByHour sums up by hour instead of by day.
	ByHour bool
}

// step returns the length of the time that a row covers.
func (q UsageQuery) step() time.Duration {
	if q.ByHour {
		return time.Hour
	}
	return Day
}

// bounded returns the query with both times, in whole steps. The error is
// [Invalid] if they are too close together or too far apart.
func (q UsageQuery) bounded(now time.Time) (UsageQuery, error) {
	longest := MaxUsageDays
	if q.ByHour {
		longest = MaxUsageHours
	}
	if q.To.IsZero() {
		q.To = now.Add(q.step())
	}
	if q.From.IsZero() {
		q.From = q.To.Add(-MaxUsageHours)
	}
	q.From, q.To = q.From.UTC().Truncate(q.step()), q.To.UTC().Truncate(q.step())
	switch took := q.To.Sub(q.From); {
	case took <= 0:
		return q, InvalidError(FieldError{"to", FieldValue, "to must be later than from, by an hour or a day."})
	case took > longest:
		return q, InvalidError(FieldError{"from", FieldValue, "from and to must be at most 7 days apart (by=hour) or 91 days (by=day)."})
	}
	return q, nil
}

// UsageRow is what a key was used for in one hour or day.
type UsageRow struct {
	Start time.Time
	// Allowed and Refused are numbers of requests. Permissions counts the allowed
	// ones by the permission that opened the route, empty if it needed none, and
	// Refusals the refused ones by code.
	Allowed, Refused int64
	Permissions      map[string]int64
	Refusals         map[string]int64
}

func (r *UsageRow) add(count UseCount) {
	if count.Code != "" {
		r.Refused += count.Requests
		r.Refusals[count.Code] += count.Requests
		return
	}
	r.Allowed += count.Requests
	r.Permissions[count.Permission] += count.Requests
}

// Usage returns what a key was used for, and the period that this covers, for a
// caller who may see the key. The rows are in order of time; a time without
// requests has none. It may miss the last five minutes. Errors: those of
// [Rules.Get], [Invalid].
func (r *Rules) Usage(ctx context.Context, by Caller, id uuid.UUID, query UsageQuery) ([]UsageRow, UsageQuery, error) {
	query, err := query.bounded(r.now())
	if err != nil {
		return nil, query, err
	}
	var days []Uses
	err = concurrently(func() error { _, _, err := r.authorizeKeyRead(ctx, by, id, nil); return err }, func() (err error) {
		days, err = r.Store.Uses(ctx, id, query.From, query.To)
		return err
	})
	if err != nil {
		return nil, query, err
	}
	return usageRows(days, query), query, nil
}

func usageRows(days []Uses, query UsageQuery) []UsageRow {
	rows := map[time.Time]*UsageRow{}
	for _, uses := range days {
		for _, count := range uses.Counts {
			at := uses.Day.Add(time.Duration(count.Hour) * time.Hour).Truncate(query.step())
			if at.Before(query.From) || !at.Before(query.To) {
				continue
			}
			if rows[at] == nil {
				rows[at] = &UsageRow{Start: at, Permissions: map[string]int64{}, Refusals: map[string]int64{}}
			}
			rows[at].add(count)
		}
	}
	var all []UsageRow
	for _, row := range rows {
		all = append(all, *row)
	}
	slices.SortFunc(all, func(a, b UsageRow) int { return a.Start.Compare(b.Start) })
	return all
}

// KeyUsage is how much a key was used.
type KeyUsage struct {
	LastUse
	Allowed, Refused int64
}

// UsedKeys are the keys that were used most, and the period that they cover.
type UsedKeys struct {
	Keys    []KeyUsage
	Covers  UsageQuery
	Damaged []Damage
}

// TopKeys returns the keys that were used most in the period of the query, most
// requests first. It compares the [MaxUsedKeys] keys that were used last; it may
// miss the last five minutes. Keys that are gone stay until their uses are
// forgotten. A key whose uses are damaged is left out. Errors: [Unauthenticated],
// [Forbidden], [Invalid], [Unavailable].
func (r *Rules) TopKeys(ctx context.Context, by Caller, query UsageQuery) (UsedKeys, error) {
	covers, err := query.bounded(r.now())
	if err != nil {
		return UsedKeys{}, err
	}
	return listAuthorized(ctx, r, by, []string{permission.AdministerAPIKeys}, func() (UsedKeys, error) {
		keys, damaged, err := r.topKeys(ctx, by.Org, covers)
		return UsedKeys{keys, covers, damaged}, err
	})
}

func (r *Rules) topKeys(ctx context.Context, org OrgID, query UsageQuery) ([]KeyUsage, []Damage, error) {
	used, damaged, err := firstRecords(func(before Position) (Listed[LastUse, Position], error) {
		return r.Store.LastUses(ctx, org, before, MaxUsedKeys)
	}, MaxUsedKeys)
	if err != nil {
		return nil, nil, err
	}
	top, unread := make([]KeyUsage, len(used)), make([]error, len(used))
	var reads []func() error
	for i, use := range used {
		top[i].LastUse = use
		reads = append(reads, func() error {
			days, err := r.Store.Uses(ctx, use.Key, query.From, query.To)
			if errors.Is(err, ErrDamaged) {
				unread[i] = err
				return nil
			}
			for _, row := range usageRows(days, query) {
				top[i].Allowed += row.Allowed
				top[i].Refused += row.Refused
			}
			return err
		})
	}
	if err := concurrently(reads...); err != nil {
		return nil, nil, err
	}
	for i, err := range unread {
		if err != nil {
			damaged = append(damaged, Damage{LastUseRef(used[i].Key), err})
		}
	}
	top = slices.DeleteFunc(top, func(u KeyUsage) bool { return u.Allowed+u.Refused == 0 })
	slices.SortStableFunc(top, func(a, b KeyUsage) int { return cmp.Compare(b.Allowed+b.Refused, a.Allowed+a.Refused) })
	return top, damaged, nil
}

// lastUses reads the last uses of keys, all at once.
func (r *Rules) lastUses(ctx context.Context, keys []Key) (map[uuid.UUID]LastUse, error) {
	var refs []Ref
	for _, key := range keys {
		refs = append(refs, LastUseRef(key.ID))
	}
	if refs == nil {
		return nil, nil
	}
	found, err := r.Store.Read(ctx, refs...)
	if err != nil {
		return nil, err
	}
	uses := map[uuid.UUID]LastUse{}
	for _, key := range keys {
		if use, err := found.LastUse(key.ID); err == nil {
			uses[key.ID] = use
		}
	}
	return uses, nil
}
