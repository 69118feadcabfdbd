package apikey

import (
	"testing"
	"time"
	"unsafe"
)

// A cached record is fresh until the limit has passed on either clock, and is
// not fresh before its start.
func TestFreshByBothClocks(t *testing.T) {
	const limit = 5 * time.Second
	since := time.Now()
	wall := since.Round(0) // has no monotonic reading
	for name, test := range map[string]struct {
		now, since time.Time
		limit      time.Duration
		want       bool
	}{
		"same instant":           {since, since, limit, true},
		"just before the end":    {since.Add(limit - 1), since, limit, true},
		"the end":                {since.Add(limit), since, limit, false},
		"both clocks later":      {since.Add(2 * limit), since, limit, false},
		"before the beginning":   {since.Add(-1), since, limit, false},
		"no time at all":         {since, since, 0, false},
		"negative time":          {since, since, -1, false},
		"wall alone":             {wall.Add(limit - 1), wall, limit, true},
		"wall alone, the end":    {wall.Add(limit), wall, limit, false},
		"wall alone, set back":   {wall.Add(-1), wall, limit, false},
		"a reading on one side":  {wall.Add(limit), since, limit, false},
		"never":                  {since, time.Time{}, limit, false},
		"never, the longest":     {since, time.Time{}, 1<<63 - 1, false},
		"wall set back a little": {apart(t, since, limit-1, limit), since, limit, false},
		"monotonic stood still":  {apart(t, since, limit, limit-1), since, limit, false},
		"apart, but both before": {apart(t, since, limit-1, limit-2), since, limit, true},
		"wall before beginning":  {apart(t, since, -1, limit-1), since, limit, false},
	} {
		if got := Fresh(test.now, test.since, test.limit); got != test.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// apart returns a time at which the wall clock has advanced by wall and the
// monotonic clock by monotonic. The second word of a time holds the monotonic
// reading.
func apart(t *testing.T, since time.Time, wall, monotonic time.Duration) time.Time {
	t.Helper()
	now := since.Add(wall)
	(*[2]int64)(unsafe.Pointer(&now))[1] += int64(monotonic - wall)
	if now.Sub(since) != monotonic || now.Round(0).Sub(since.Round(0)) != wall {
		t.Fatal("a time.Time keeps its monotonic reading elsewhere: set it there")
	}
	return now
}
