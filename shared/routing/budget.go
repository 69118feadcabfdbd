package routing

// MaxSteps limits the work of one [Analysis]. A step is the comparison of two
// segments.
const MaxSteps = 20_000_000

// budget limits how much an analysis computes. It counts steps and not time, so
// that a service has the same result on every machine. A nil *budget has no
// limit.
type budget struct{ left int }

// spend takes n steps off the budget, and reports whether it had that many
// left.
func (b *budget) spend(n int) bool {
	if b == nil {
		return true
	}
	b.left -= n
	return b.left >= 0
}

// spent reports whether the work needed more steps than there were. Its results
// are then incomplete.
func (b *budget) spent() bool { return b != nil && b.left < 0 }
