package apikeytest

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/uuid"
)

// Concurrent calls are one wait, and consecutive calls are several. A request
// that DynamoDB cannot serve in one call counts as several calls.
func TestPaced(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &Paced{Store: NewStore()}
		users := func() { _, _ = p.Users(t.Context(), "org", uuid.UUID{}, 1) }
		read := func(n int) func() {
			refs := make([]apikey.Ref, n)
			return func() { _, _ = p.Read(t.Context(), refs...) }
		}
		names := func(n int) func() {
			ids := make([]uuid.UUID, n)
			for i := range ids {
				ids[i][0] = byte(i + 1)
			}
			return func() { _, _ = p.Names(t.Context(), "org", ids, ids[:0]) }
		}
		together := func(all ...func()) func() {
			return func() {
				var done sync.WaitGroup
				for _, do := range all {
					done.Go(do)
				}
				done.Wait()
			}
		}
		for name, c := range map[string]struct {
			do           func()
			waits, calls int
		}{
			"nothing":         {func() {}, 0, 0},
			"one":             {users, 1, 1},
			"in turn":         {func() { users(); read(1)() }, 2, 2},
			"together":        {together(users, read(100), users), 1, 3},
			"some together":   {together(users, func() { users(); users() }), 2, 3},
			"a second batch":  {read(101), 1, 2},
			"no batch":        {read(0), 0, 0},
			"names":           {names(40), 1, 1},
			"many names":      {names(81), 1, 3},
			"no names":        {func() { _, _ = p.Names(t.Context(), "org", make([]uuid.UUID, 2), nil) }, 0, 0},
			"by an address":   {func() { _, _ = p.UserByClaim(t.Context(), "org", "a") }, 2, 2},
			"every other way": {func() { others(t.Context(), p) }, 8, 8},
		} {
			if waits, calls := p.Count(c.do); waits != c.waits || calls != c.calls {
				t.Errorf("%s: %d waits, %d calls, want %d, %d", name, waits, calls, c.waits, c.calls)
			}
		}
	})
}

// others calls each remaining method of a store once.
func others(ctx context.Context, s apikey.Store) {
	_, _ = s.Keys(ctx, "org", apikey.KeyFilter{}, apikey.Position{}, 1)
	_, _ = s.Policies(ctx, "org", uuid.UUID{}, 1)
	_, _ = s.Services(ctx, "org", "", 1)
	_, _ = s.Sealed(ctx, uuid.UUID{})
	_, _ = s.AuditRecords(ctx, "org", apikey.AuditFilter{}, apikey.Position{}, 1)
	_, _, _ = s.Unfinished(ctx)
	_, _ = s.Peppers(ctx)
	_ = s.Commit(ctx, apikey.Change{})
}
