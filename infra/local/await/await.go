// Package await has tests wait for what is to happen, however slow the machine
// is: a wait ends when it has happened, and fails after a minute, which no machine
// needs.
package await

import (
	"testing"
	"time"
)

// Limit is how long a wait may take.
const Limit = time.Minute

// Until asks again and again whether something has happened, and fails the test
// where it has not within [Limit].
func Until(t testing.TB, what string, happened func() bool) {
	t.Helper()
	for began := time.Now(); !happened(); time.Sleep(5 * time.Millisecond) {
		if time.Since(began) > Limit {
			t.Fatalf("waited %s in vain: %s", Limit, what)
		}
	}
}

// Next returns the next value of a channel, or the zero value where it is closed,
// and fails the test where neither comes within [Limit].
func Next[T any](t testing.TB, what string, from <-chan T) T {
	t.Helper()
	select {
	case value := <-from:
		return value
	case <-time.After(Limit):
		t.Fatalf("waited %s in vain: %s", Limit, what)
		panic("not reached")
	}
}
