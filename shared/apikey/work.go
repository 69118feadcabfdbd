package apikey

import "fmt"

// maxWork is how much work there may be in seeing through the routes of a
// service. Its unit is the comparison of two segments.
const maxWork = 20_000_000

// work counts down what is left of a budget. It counts what is done and not the
// time that it takes, so that a service has the same result on every machine. A
// nil *work has no end.
type work struct{ left int }

// spend takes n off the budget, and reports whether that much was left.
func (w *work) spend(n int) bool {
	if w == nil {
		return true
	}
	w.left -= n
	return w.left >= 0
}

// spent reports whether more was asked for than there was: what was computed
// meanwhile is not whole.
func (w *work) spent() bool { return w != nil && w.left < 0 }

// tooMuchWork is the fault of routes that the budget is not enough for.
var tooMuchWork = FieldError{"routes", FieldTooLong, fmt.Sprintf(
	"The routes cannot be compared with each other in %d steps, the most for a service with a gatewayCache. Send fewer or shorter paths with {parameters}, or no gatewayCache.", maxWork)}
