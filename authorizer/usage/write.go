package usage

import (
	"cmp"
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/keyward/keyward/shared/apikey"
)

const (
	// atOnce is how many keys one round writes, at the same time.
	atOnce = 4
	// roundLimit limits a round. Until it ends, the process takes no request.
	roundLimit = 300 * time.Millisecond
)

// coarseness is how much of a day's counts is written.
type coarseness uint8

// A day's record that has no room for more names gets totals, and one that has
// no room for those gets no counts.
const (
	byName coarseness = iota
	totals
	timesOnly
)

// Write writes the uses of a few keys that are due, if any, and returns when they
// are written or have failed, or when ctx ends. Only one call at a time writes;
// others return at once.
func (c *Counter) Write(ctx context.Context) {
	if c == nil || !c.writing.CompareAndSwap(false, true) {
		return
	}
	defer c.writing.Store(false)
	if round := c.take(); len(round) > 0 {
		c.settle(round, c.writeAll(ctx, round))
	}
}

// writeAll writes a round, and returns the error of each of its parts.
func (c *Counter) writeAll(ctx context.Context, round []taken) []error {
	ctx, cancel := context.WithTimeout(ctx, roundLimit)
	defer cancel()
	failures := make([]error, len(round))
	var others sync.WaitGroup
	for i := range round[1:] {
		others.Go(func() { failures[1+i] = c.write(ctx, round[1+i]) })
	}
	failures[0] = c.write(ctx, round[0]) // most rounds need no other goroutine
	others.Wait()
	return failures
}

func (c *Counter) write(ctx context.Context, part taken) error {
	part.uses.Rehash = c.rehash(ctx, part.outdated)
	return c.config.Adder.AddUses(ctx, part.uses)
}

// rehash returns the proposal for a secret whose digest is under an older pepper.
// It is zero if there is no such secret, or if the active pepper cannot be used
// now.
func (c *Counter) rehash(ctx context.Context, from *outdatedUse) apikey.Rehash {
	if from == nil {
		return apikey.Rehash{}
	}
	to, err := apikey.DigestOf(ctx, c.config.Digester, from.Text)
	if err != nil || to.Pepper <= from.Digest.Pepper {
		return apikey.Rehash{}
	}
	return apikey.Rehash{Generation: from.generation, From: from.Digest, To: to}
}

// taken is a part of a tally that is being written.
type taken struct {
	tally    *tally
	uses     apikey.Uses
	outdated *outdatedUse
}

// take takes what is due out of the tallies.
func (c *Counter) take() (round []taken) {
	now := c.config.Now().UnixMilli()
	c.mu.Lock()
	defer c.mu.Unlock()
	for now >= c.pausedUntil && len(round) < atOnce {
		t := c.due(now)
		if t == nil {
			break
		}
		uses, outdated := t.take(c.config.Region, dayOf(hourOf(now)))
		round = append(round, taken{t, uses, outdated})
		c.weigh(t)
	}
	return round
}

// settle puts the tallies of a round back into the queues, and what was not
// written back into its tally.
func (c *Counter) settle(round []taken, failures []error) {
	now := c.config.Now().UnixMilli()
	c.mu.Lock()
	defer c.mu.Unlock()
	for i, part := range round {
		t := part.tally
		if failures[i] == nil {
			c.pushRecent(t.key, now+c.config.Interval.Milliseconds())
			if t.forgettable() {
				c.forget(t)
			}
			continue
		}
		t.restore(part.uses)
		t.due = now + retryAfter.Milliseconds()
		if apikey.KindOf(failures[i]) == apikey.Permanent {
			t.coarse = min(t.coarse+1, timesOnly)
		} else {
			c.pausedUntil = t.due
		}
		c.failed.push(t)
		c.weigh(t)
	}
	if err := cmp.Or(failures...); err != nil {
		c.config.Log.LogAttrs(context.Background(), slog.LevelWarn, "uses of keys could not be written yet", slog.String("cause", err.Error()))
	}
}

// forgettable reports whether the tally can be dropped after a write. It stays if it
// has newer uses, a full day's record, or more than one name, because the names of an
// hour are limited.
func (t *tally) forgettable() bool {
	return !t.pending() && len(t.counts) <= 1 && t.coarse == byName
}

// take removes from the tally what one write takes: the counts of one day, the
// earliest, all times, and the outdated secret. If that one is lost, the next use
// reports it again.
func (t *tally) take(region string, today int32) (u apikey.Uses, outdated *outdatedUse) {
	day := today
	for _, c := range t.counts {
		if c.requests > 0 {
			day = min(day, dayOf(c.hour))
		}
	}
	if t.day != day {
		t.day, t.coarse = day, byName
	}
	u = apikey.Uses{Key: t.key, Org: t.org, Region: region, Day: time.Unix(int64(day)*int64(apikey.Day/time.Second), 0).UTC()}
	for i := range t.counts {
		if c := &t.counts[i]; c.requests > 0 && dayOf(c.hour) == day {
			u.Counts = appendCount(u.Counts, c, t.coarse)
			c.requests = 0
		}
	}
	t.prune(today)
	var rare rareUses
	if t.rare != nil {
		rare = *t.rare
	}
	for _, s := range []secretUse{t.newest, rare.older} {
		if s.generation == 0 {
			continue
		}
		use := apikey.SecretUse{Generation: s.generation, On: moment(s.on), From: s.from, FirstOn: moment(s.first)}
		if u.Secrets = append(u.Secrets, use); use.On.After(u.LastOn) {
			u.LastOn, u.LastFrom = use.On, use.From
		}
	}
	if r := rare.retired; r.generation != 0 {
		u.Retired, u.RetiredFrom = apikey.SecretUse{Generation: r.generation, On: moment(r.on)}, r.from
	}
	t.newest, t.rare = secretUse{}, nil
	return u, rare.outdated
}

// appendCount adds a count to those of a write, as coarse as the day's record
// has room for.
func appendCount(counts []apikey.UseCount, c *count, how coarseness) []apikey.UseCount {
	n := apikey.UseCount{Hour: int(c.hour % 24), Permission: c.name.Value(), Requests: c.requests}
	switch {
	case how == timesOnly:
		return counts
	case how == totals && c.refused:
		n.Permission, n.Code = "", otherName
	case how == totals:
		n.Permission = otherName
	case c.refused:
		n.Permission, n.Code = "", n.Permission
	}
	for i := range counts {
		if known := &counts[i]; known.Hour == n.Hour && known.Permission == n.Permission && known.Code == n.Code {
			known.Requests += n.Requests
			return counts
		}
	}
	return append(counts, n)
}

// restore puts back what was not written. Uses since then are later.
func (t *tally) restore(u apikey.Uses) {
	midnight := hourOf(u.Day.UnixMilli())
	for _, c := range u.Counts {
		t.add(midnight+int32(c.Hour), cmp.Or(c.Code, c.Permission), c.Code != "", c.Requests)
	}
	for _, s := range u.Secrets {
		t.use(secretUse{s.From, s.FirstOn.UnixMilli(), s.On.UnixMilli(), s.Generation})
	}
	if r := u.Retired; !r.On.IsZero() {
		t.retire(secretUse{u.RetiredFrom, r.On.UnixMilli(), r.On.UnixMilli(), r.Generation})
	}
}

// moment returns a time as records have it.
func moment(ms int64) time.Time { return time.UnixMilli(ms).UTC() }
