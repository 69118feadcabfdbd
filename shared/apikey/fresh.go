package apikey

import "time"

// Fresh reports whether less than limit has passed from since to now. It takes
// the longer of the wall clock's and the monotonic clock's time: the wall clock
// can be set back, and the monotonic one stands still while Lambda freezes the
// process. If the wall clock was set back to before since, the answer is false.
func Fresh(now, since time.Time, limit time.Duration) bool {
	return !now.Round(0).Before(since.Round(0)) && Age(now, since) < limit
}

// Age returns the time from since to now, by the clock on which more has passed.
// See [Fresh].
func Age(now, since time.Time) time.Duration {
	return max(now.Round(0).Sub(since.Round(0)), now.Sub(since))
}
