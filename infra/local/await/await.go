// Package await lets tests wait for a condition on a machine of any speed. A
// wait ends when the condition holds, and fails after a minute, which no machine
// needs.
package await

import (
	"testing"
	"time"
)

// Limit is the maximum duration of a wait.
const Limit = time.Minute

// Until calls happened until it returns true, and fails the test if that takes
// longer than [Limit].
func Until(t testing.TB, what string, happened func() bool) {
	t.Helper()
	for began := time.Now(); !happened(); time.Sleep(5 * time.Millisecond) {
		if time.Since(began) > Limit {
			t.Fatalf("waited %s in vain: %s", Limit, what)
		}
	}
}

// Next returns the next value of a channel, or the zero value if it is closed.
// It fails the test if neither comes within [Limit].
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
