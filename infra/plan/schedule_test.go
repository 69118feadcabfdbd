package plan

import (
	"testing"

	"github.com/keyward/keyward/shared/operations"
)

// The pepper is rotated as often as the owner says, and by default never. The
// sweep has the schedule of the table.
func TestSchedules(t *testing.T) {
	for days, want := range map[int]Schedule{
		0: {}, 1: {"rate(1 day)", `{"minimumAgeSeconds":43200}`}, 90: {"rate(90 days)", `{"minimumAgeSeconds":3888000}`},
	} {
		settings := Defaults()
		settings.PepperRotationDays = days
		for _, op := range operations.Functions() {
			expected := Schedule{}
			switch {
			case op.Name == operations.RotatePepper:
				expected = want
			case op.Schedule != "":
				expected = Schedule{op.Schedule, "{}"}
			}
			if got := settings.ScheduleOf(op); got != expected {
				t.Errorf("%s every %d days: %+v, want %+v", op.Name, days, got, expected)
			}
		}
	}
}
