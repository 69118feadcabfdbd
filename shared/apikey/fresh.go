package apikey

import "time"

// Fresh reports whether what began at since still counts at now, where it counts
// for less than limit. Of the wall clock and the monotonic one, the one that has
// gone further decides: the wall clock can be set back, and the monotonic one
// stands still while Lambda freezes the process. A wall clock that was set back
// before the beginning ends everything.
func Fresh(now, since time.Time, limit time.Duration) bool {
	age := now.Round(0).Sub(since.Round(0))
	return age >= 0 && max(age, now.Sub(since)) < limit
}
