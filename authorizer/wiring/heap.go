package wiring

import (
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
)

const (
	// heapGoal is the size of the heap, in bytes, at which the collector runs, as long
	// as that is leastGrowth above what lives: about 2 MB, of which the AWS clients'
	// descriptions of their operations are one. Go's own goal is twice what lives, and
	// at least 4 MB.
	heapGoal = 3328 << 10
	// The heap grows by this much of what lives, in percent: at least, so that the
	// collector's work stays in proportion however much lives, and at most, because
	// Go scales its minimum of 4 MB with it.
	leastGrowth, mostGrowth = 33, 100 * heapGoal / (4 << 20)
)

// KeepHeapSmall makes the collector of this process aim at a small heap, unless
// GOGC says otherwise. It returns at once. It adjusts the collector after each
// collection that finds more or less alive.
func KeepHeapSmall() {
	if _, set := os.LookupEnv("GOGC"); !set {
		debug.SetGCPercent(mostGrowth)
		adjustAfterCollection(mostGrowth)
	}
}

// adjustAfterCollection adjusts the collector, which has that growth now, after
// each collection.
func adjustAfterCollection(now int) {
	type unreachable struct{ _ *int }
	runtime.AddCleanup(new(unreachable), func(now int) {
		next := growth(live())
		if next != now {
			debug.SetGCPercent(next)
		}
		adjustAfterCollection(next)
	}, now)
}

// live returns how many bytes of the heap the last collection found alive.
func live() int {
	read := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(read)
	return int(read[0].Value.Uint64()) //nolint:gosec // A heap's size fits.
}

// growth returns by how many percent of live bytes the heap may grow, in steps of
// ten: each change stops the program for a moment.
func growth(live int) int {
	room := (heapGoal - live) / (live/100 + 1) / 10 * 10
	return min(max(room, leastGrowth), mostGrowth)
}
