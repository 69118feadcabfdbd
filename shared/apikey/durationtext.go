package apikey

import (
	"fmt"
	"time"
)

// durationUnits lists units of time, the longest first.
var durationUnits = []struct {
	name string
	long time.Duration
}{{"day", 24 * time.Hour}, {"hour", time.Hour}, {"minute", time.Minute}, {"second", time.Second}}

// durationText returns a duration of whole seconds in the largest unit that
// gives a whole number, such as "90 days" or "36 hours".
func durationText(d time.Duration) string {
	for _, unit := range durationUnits {
		n := d / unit.long
		if n == 0 || d%unit.long != 0 {
			continue
		}
		if n == 1 {
			return "1 " + unit.name
		}
		return fmt.Sprintf("%d %ss", n, unit.name)
	}
	return d.String()
}
