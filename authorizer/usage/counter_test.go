package usage

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/uuid"
	"github.com/keyward/keyward/shared/verify"
)

// world is a store of uses, and a clock, that a test controls.
type world struct {
	mu      sync.Mutex
	at      time.Time
	written []apikey.Uses
	fails   func(apikey.Uses) error
	log     strings.Builder
}

func (w *world) now() time.Time { return w.at }

func (w *world) AddUses(_ context.Context, uses apikey.Uses) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.fails != nil {
		if err := w.fails(uses); err != nil {
			return err
		}
	}
	w.written = append(w.written, uses)
	return nil
}

// writes writes once and returns what was written.
func (w *world) writes(t *testing.T, c *Counter) []apikey.Uses {
	t.Helper()
	w.written = nil
	c.Write(t.Context())
	return w.written
}

const Interval = 5 * time.Minute

func counting() (*Counter, *world) {
	w := &world{at: time.Date(2026, 11, 28, 9, 58, 0, 0, time.UTC)}
	return New(Config{Adder: w, Region: "eu-central-1", Interval: Interval, Now: w.now, Log: slog.New(slog.NewTextHandler(&w.log, nil))}), w
}

var (
	home = netip.MustParseAddr("192.0.2.1")
	away = netip.MustParseAddr("2001:db8::1")
)

func keyed(n int) verify.Use {
	return verify.Use{Key: uuid.UUID{byte(n >> 16), byte(n >> 8), byte(n), 1}, Org: "acme", Generation: 1}
}

func (w *world) allow(c *Counter, use verify.Use, permission string) {
	use.Permission = permission
	c.Count(use, verify.Allowed, "", home, w.at)
}

func (w *world) refuse(c *Counter, use verify.Use, code verify.Code) {
	outcome := verify.Unauthenticated
	if code == verify.PermissionMissing {
		outcome = verify.Forbidden
	}
	c.Count(use, outcome, code, away, w.at)
}

// The first use of a key is due at once. Later ones are written together, five
// minutes after the last write and not before, with the times of each secret's
// first and last use; a key that is not used is not written.
func TestFirstUseAtOnceThenEveryInterval(t *testing.T) {
	c, w := counting()
	w.allow(c, keyed(1), "View")
	day := w.at.Truncate(apikey.Day)
	want := apikey.Uses{
		Key: keyed(1).Key, Org: "acme", Day: day, Region: "eu-central-1", Counts: []apikey.UseCount{{Hour: 9, Permission: "View", Requests: 1}},
		LastOn: w.at, LastFrom: home, Secrets: []apikey.SecretUse{{Generation: 1, On: w.at, From: home, FirstOn: w.at}},
	}
	if got := w.writes(t, c); !reflect.DeepEqual(got, []apikey.Uses{want}) {
		t.Fatalf("wrote %+v", got)
	}
	second, began := keyed(1), w.at
	second.Generation = 2
	w.allow(c, second, "")
	w.refuse(c, keyed(1), verify.KeyExpired)
	w.at = w.at.Add(Interval - time.Millisecond)
	w.refuse(c, second, verify.PermissionMissing)
	forbidden := w.at
	if got := w.writes(t, c); got != nil {
		t.Fatalf("wrote %+v too soon", got)
	}
	w.at = w.at.Add(time.Millisecond)
	want.Counts = []apikey.UseCount{{Hour: 9, Requests: 1}, {Hour: 9, Code: "KEY_EXPIRED", Requests: 1}, {Hour: 10, Code: "PERMISSION_MISSING", Requests: 1}}
	want.LastOn, want.LastFrom, want.Secrets = forbidden, away, []apikey.SecretUse{{Generation: 2, On: forbidden, From: away, FirstOn: began}}
	if got := w.writes(t, c); !reflect.DeepEqual(got, []apikey.Uses{want}) {
		t.Fatalf("wrote %+v, want %+v", got, want)
	}
	w.at = w.at.Add(Interval)
	if got := w.writes(t, c); got != nil || c.remembered() != 0 || c.weight != 0 {
		t.Fatalf("wrote %+v of an unused key, and remembers %d keys with %d bytes", got, c.remembered(), c.weight)
	}
}

// An ended secret that is shown is no use of the key. Requests without any secret
// of a key count for nobody, and neither does anything on a nil counter.
func TestWhatIsNoUse(t *testing.T) {
	c, w := counting()
	w.refuse(c, verify.Use{}, verify.SecretWrong)
	w.allow(nil, keyed(1), "View")
	(*Counter)(nil).Write(t.Context())
	w.refuse(c, keyed(1), verify.SecretRetired)
	got := w.writes(t, c)
	want := apikey.Uses{
		Key: keyed(1).Key, Org: "acme", Day: w.at.Truncate(apikey.Day), Region: "eu-central-1", Counts: []apikey.UseCount{{Hour: 9, Code: "SECRET_RETIRED", Requests: 1}},
		Retired: apikey.SecretUse{Generation: 1, On: w.at}, RetiredFrom: away,
	}
	if !reflect.DeepEqual(got, []apikey.Uses{want}) {
		t.Errorf("wrote %+v", got)
	}
}

// Each write concerns one day. What was counted after midnight waits for the
// next one.
func TestMidnight(t *testing.T) {
	c, w := counting()
	w.allow(c, keyed(1), "View")
	w.writes(t, c)
	w.at = w.at.Truncate(apikey.Day).Add(apikey.Day - time.Minute)
	w.allow(c, keyed(1), "View")
	w.at = w.at.Add(2 * time.Minute)
	w.allow(c, keyed(1), "View")
	for i, hour := range []int{23, 0} {
		got := w.writes(t, c)
		if len(got) != 1 || !got[0].Day.Equal(w.at.Truncate(apikey.Day).AddDate(0, 0, i-1)) || !reflect.DeepEqual(got[0].Counts, []apikey.UseCount{{Hour: hour, Permission: "View", Requests: 1}}) {
			t.Fatalf("wrote %+v", got)
		}
		w.at = w.at.Add(Interval)
	}
}

// A write that fails keeps its counts and times, together with newer ones, and is
// tried again after a pause in which nothing is written. The log has one line for
// a round.
func TestFailedWriteIsTriedAgain(t *testing.T) {
	c, w := counting()
	w.fails = func(apikey.Uses) error { return apikey.UnavailableError("add uses", errors.New("down")) }
	for n := range 3 {
		w.allow(c, keyed(n), "View")
	}
	w.refuse(c, keyed(0), verify.SecretRetired)
	used := w.at
	w.writes(t, c)
	if lines := strings.Count(w.log.String(), "\n"); lines != 1 {
		t.Errorf("%d lines: %s", lines, w.log.String())
	}
	w.fails = nil
	w.refuse(c, keyed(0), verify.KeyDisabled)
	w.allow(c, keyed(7), "View")
	if got := w.writes(t, c); got != nil {
		t.Errorf("wrote %+v within the pause", got)
	}
	w.at = w.at.Add(retryAfter)
	if got := w.writes(t, c); len(got) != 4 {
		t.Fatalf("wrote %d keys", len(got))
	}
	for _, uses := range w.written {
		if uses.Key == keyed(0).Key && (len(uses.Counts) != 3 || !uses.LastOn.Equal(used) || uses.LastFrom != home || !uses.Retired.On.Equal(used)) {
			t.Errorf("wrote %+v", uses)
		}
	}
}

// The first use of a secret stays the first, however often its write fails, and
// its last use comes from where it was.
func TestFirstUseOutlastsFailedWrites(t *testing.T) {
	c, w := counting()
	w.fails = func(apikey.Uses) error { return apikey.UnavailableError("add uses", errors.New("down")) }
	first := w.at
	for range 3 {
		w.allow(c, keyed(1), "View")
		w.writes(t, c)
		w.at = w.at.Add(retryAfter)
	}
	w.refuse(c, keyed(1), verify.PermissionMissing)
	w.fails = nil
	want := []apikey.SecretUse{{Generation: 1, On: w.at, From: away, FirstOn: first}}
	if got := w.writes(t, c); len(got) != 1 || !reflect.DeepEqual(got[0].Secrets, want) || got[0].LastFrom != away {
		t.Errorf("wrote %+v", got)
	}
}

// A day's record that is full gets totals, then times alone, and names again on
// the next day. It holds up no other key.
func TestFullRecord(t *testing.T) {
	c, w := counting()
	largest := 3
	w.fails = func(u apikey.Uses) error {
		if u.Key == keyed(1).Key && len(u.Counts) > largest {
			return apikey.PermanentError("add uses", errors.New("too large"))
		}
		return nil
	}
	var counts []int
	for ; largest >= 0; largest-- {
		for _, name := range []string{"A", "B", "C", "D"} {
			w.allow(c, keyed(1), name)
		}
		w.refuse(c, keyed(1), verify.PermissionMissing)
		w.refuse(c, keyed(1), verify.ServiceNotAllowed)
		w.allow(c, keyed(100+largest), "View")
		for range 4 {
			for _, u := range w.writes(t, c) {
				if u.Key == keyed(1).Key {
					counts = append(counts, len(u.Counts))
				}
			}
			w.at = w.at.Add(retryAfter)
		}
		w.at = w.at.Add(Interval)
	}
	if !reflect.DeepEqual(counts, []int{2, 2, 0, 0}) {
		t.Errorf("wrote %v counts", counts)
	}
	largest = 100
	w.at = w.at.Add(apikey.Day)
	w.allow(c, keyed(1), "A")
	if got := w.writes(t, c); len(got) != 1 || got[0].Counts[0].Permission != "A" {
		t.Errorf("wrote %+v on the next day", got)
	}
}

// A key has a limited number of names in an hour, also if writes fail for hours.
// Every request is counted.
func TestNamesAreBounded(t *testing.T) {
	c, w := counting()
	w.fails = func(apikey.Uses) error { return apikey.UnavailableError("add uses", errors.New("down")) }
	for hour := range 5 {
		for n := range 100 {
			w.allow(c, keyed(1), fmt.Sprint("P", hour, n))
		}
		w.writes(t, c)
		w.at = w.at.Add(time.Hour)
	}
	if n := len(c.tallies[keyed(1).Key].counts); n > maxCounts {
		t.Errorf("%d names", n)
	}
	w.fails = nil
	var total int64
	others := false
	for _, u := range w.writes(t, c) {
		for _, count := range u.Counts {
			total += count.Requests
			others = others || count.Permission == otherName
		}
	}
	if total != 500 || !others {
		t.Errorf("%d requests were written, of which some without their name: %v", total, others)
	}
}

// The names of an hour stay limited although each write empties the tally. Of a
// key with one name, only the time of the write is remembered.
func TestNamesOutlastWrites(t *testing.T) {
	c, w := counting()
	w.at = w.at.Truncate(time.Hour)
	w.allow(c, keyed(2), "View")
	names := map[string]int64{}
	for round := range 4 {
		for n := range 10 {
			w.allow(c, keyed(1), fmt.Sprint("P", round, n))
		}
		for _, u := range w.writes(t, c) {
			for _, count := range u.Counts {
				names[count.Permission] += count.Requests
			}
		}
		if len(c.tallies) != 1 {
			t.Errorf("there are %d tallies", len(c.tallies))
		}
		w.at = w.at.Add(Interval)
	}
	if len(names) > 1+maxNames+1 || names[otherName] != 4*10-maxNames {
		t.Errorf("wrote %v", names)
	}
}

// Nothing is lost or counted twice while several goroutines count and write.
func TestConcurrentCounting(t *testing.T) {
	c, w := counting()
	const each, goroutines = 2000, 4
	n := 0
	w.fails = func(apikey.Uses) error {
		if n++; n%3 == 0 {
			return apikey.PermanentError("add uses", errors.New("too large"))
		}
		return nil
	}
	var group sync.WaitGroup
	for range goroutines {
		group.Go(func() {
			for i := range each {
				w.allow(c, keyed(i%5), "View")
				c.Write(t.Context())
			}
		})
	}
	group.Wait()
	w.fails = nil
	for range 3 {
		w.at = w.at.Add(Interval)
		c.Write(t.Context())
		c.Write(t.Context())
	}
	var total int64
	for _, u := range w.written {
		for _, count := range u.Counts {
			total += count.Requests
		}
	}
	if total != each*goroutines {
		t.Errorf("%d of %d requests were written", total, each*goroutines)
	}
}

// A decision about a known key is counted without an allocation.
func TestCountingAllocatesNothing(t *testing.T) {
	c, w := counting()
	if got := testing.AllocsPerRun(1000, func() { w.allow(c, keyed(1), "View") }); got != 0 {
		t.Errorf("%v allocations", got)
	}
}

// BenchmarkCount measures how long counting takes: among 10,000 keys, with a
// check whether something is due.
func BenchmarkCount(b *testing.B) {
	c, w := counting()
	for n := range 10_000 {
		w.allow(c, keyed(n), "View")
	}
	for c.fresh.first != nil {
		c.Write(b.Context())
	}
	n := 0
	for b.Loop() {
		w.allow(c, keyed(n%10_000), "View")
		c.Write(b.Context())
		n++
	}
}
