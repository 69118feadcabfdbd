package apikeytest

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/uuid"
)

// dayOfUse names the uses of a key on a day in a region.
type dayOfUse struct {
	key    uuid.UUID
	day    time.Time
	region string
}

// AddUses implements [apikey.UsesAdder].
func (s *Store) AddUses(ctx context.Context, uses apikey.Uses) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.failed(ctx, "add uses"); err != nil {
		return err
	}
	at := dayOfUse{uses.Key, uses.Day, uses.Region}
	kept, exists := s.uses[at]
	if !exists {
		kept = apikey.Uses{Key: uses.Key, Day: uses.Day, Region: uses.Region}
	}
	kept.Org = uses.Org
	for _, count := range uses.Counts {
		addCount(&kept, count)
	}
	if !uses.LastOn.IsZero() {
		kept.LastOn, kept.LastFrom = uses.LastOn, uses.LastFrom
	}
	for _, use := range uses.Secrets {
		at := slices.IndexFunc(kept.Secrets, func(known apikey.SecretUse) bool { return known.Generation == use.Generation })
		if at >= 0 {
			use.FirstOn = kept.Secrets[at].FirstOn
			kept.Secrets[at] = use
			continue
		}
		kept.Secrets = append(kept.Secrets, use)
	}
	slices.SortFunc(kept.Secrets, func(a, b apikey.SecretUse) int { return b.Generation - a.Generation })
	if !uses.Retired.On.IsZero() {
		kept.Retired, kept.RetiredFrom = uses.Retired, uses.RetiredFrom
	}
	if uses.Rehash != (apikey.Rehash{}) {
		kept.Rehash = uses.Rehash
	}
	s.uses[at] = kept
	return nil
}

// addCount adds to the count of the same result, and keeps the counts in order.
func addCount(uses *apikey.Uses, count apikey.UseCount) {
	same := func(known apikey.UseCount) bool {
		known.Requests = count.Requests
		return known == count
	}
	if at := slices.IndexFunc(uses.Counts, same); at >= 0 {
		uses.Counts[at].Requests += count.Requests
		return
	}
	uses.Counts = append(uses.Counts, count)
	slices.SortFunc(uses.Counts, func(a, b apikey.UseCount) int {
		return cmp.Or(a.Hour-b.Hour, cmp.Compare(a.Code, b.Code), cmp.Compare(a.Permission, b.Permission))
	})
}

// Uses implements [apikey.Store].
func (s *Store) Uses(ctx context.Context, key uuid.UUID, from, to time.Time) ([]apikey.Uses, error) {
	return read(ctx, s, "read uses", func() (found []apikey.Uses, err error) {
		for at, uses := range s.uses {
			if at.key == key && !at.day.Before(from.Truncate(apikey.Day)) && !at.day.After(to) {
				found = append(found, clone(uses))
			}
		}
		slices.SortFunc(found, func(a, b apikey.Uses) int {
			return cmp.Or(a.Day.Compare(b.Day), cmp.Compare(a.Region, b.Region))
		})
		return found, nil
	})
}

// LastUses implements [apikey.Store].
func (s *Store) LastUses(ctx context.Context, org apikey.OrgID, before apikey.Position, limit int) (apikey.Listed[apikey.LastUse, apikey.Position], error) {
	usedAt := func(u apikey.LastUse) apikey.Position { return apikey.Position{CreatedOn: u.UsedOn, ID: u.Key} }
	return list(ctx, s, s.records, limit, listing[apikey.LastUse, apikey.Position]{
		"list last uses", func(u apikey.LastUse) bool {
			return u.Org == org && !u.UsedOn.IsZero() && (before == apikey.Position{} || comparePositions(usedAt(u), before) < 0)
		}, allPass[apikey.LastUse],
		usedAt, func(a, b apikey.Position) int { return comparePositions(b, a) },
	})
}
