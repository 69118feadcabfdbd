package plan

import (
	"fmt"

	"github.com/keyward/keyward/shared/operations"
)

// Schedule is when EventBridge invokes a function, in its syntax, and with which
// event. The zero Schedule is never.
type Schedule struct{ Expression, Event string }

// ScheduleOf returns the schedule of an operation: its own, or the one that the
// owner sets. A rotation of the pepper that EventBridge asks for twice, or soon
// after an operator's, makes no second version: the active one must have lived for
// half of the time.
func (s *Settings) ScheduleOf(op operations.Operation) Schedule {
	days := s.PepperRotationDays
	switch {
	case op.Schedule != "":
		return Schedule{op.Schedule, "{}"}
	case op.Name != operations.RotatePepper || days == 0:
		return Schedule{}
	}
	unit := "days"
	if days == 1 {
		unit = "day"
	}
	return Schedule{fmt.Sprintf("rate(%d %s)", days, unit), fmt.Sprintf(`{"minimumAgeSeconds":%d}`, days*24*60*60/2)}
}
