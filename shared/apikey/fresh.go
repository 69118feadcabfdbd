package apikey

import "time"

// Fresh reports whether less than limit has passed from since to now. It takes
// the longer of the wall clock's and the monotonic clock's time: the wall clock
// can be set back, and the monotonic one stands still while Lambda freezes the
// process. If the wall clock was set back to before since, the answer is false.
func Fresh(now, since time.Time, limit time.Duration) bool {
	age := now.Round(0).Sub(since.Round(0))
	return age >= 0 && max(age, now.Sub(since)) < limit
}
