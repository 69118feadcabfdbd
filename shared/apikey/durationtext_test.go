package apikey

import (
	"testing"
	"time"
)

// A duration is written exactly, in everyday units.
func TestDurationText(t *testing.T) {
	for d, want := range map[time.Duration]string{
		2160 * time.Hour: "90 days", 24 * time.Hour: "1 day", 36 * time.Hour: "36 hours", time.Hour: "1 hour",
		90 * time.Minute: "90 minutes", time.Minute: "1 minute", 61 * time.Second: "61 seconds", time.Second: "1 second",
		24*time.Hour + time.Second: "86401 seconds",
	} {
		if got := durationText(d); got != want {
			t.Errorf("%s is %q, want %q", d, got, want)
		}
	}
}
