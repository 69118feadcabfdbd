package wiring

import (
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
)

const (
	// heapGoal is the heap size in bytes at which the collector runs, unless that is
	// less than leastGrowth above the live heap. About 2 MB are live, half of which
	// describes the operations of the AWS clients. Go's own goal is twice the live
	// heap, and at least 4 MB.
	heapGoal = 3328 << 10
	// The heap may grow by at least and at most this many percent of the live heap. The
	// minimum keeps the collector's work in proportion to a large live heap. The
	// maximum is needed because Go scales its minimum of 4 MB by the same percentage.
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

// adjustAfterCollection adjusts the collector after each collection. now is its
// current growth in percent.
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

// growth returns by how many percent of the live bytes the heap may grow. It is a
// multiple of ten, because each change stops the program for a moment.
func growth(live int) int {
	room := (heapGoal - live) / (live/100 + 1) / 10 * 10
	return min(max(room, leastGrowth), mostGrowth)
}
