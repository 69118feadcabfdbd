package wiring

import (
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"testing"

	"github.com/keyward/keyward/infra/local/await"
)

// The collector's goal is a small heap while little lives, and in proportion to
// what lives otherwise, so that it never collects all the time.
func TestGrowth(t *testing.T) {
	for live := 64 << 10; live < 64<<20; live += 64 << 10 {
		percent := growth(live)
		if goal := live + live*percent/100; goal > max(heapGoal, live*(100+leastGrowth)/100) || 4<<20*percent/100 > heapGoal {
			t.Errorf("with %d bytes alive the heap grows to %d", live, goal)
		}
		if percent < leastGrowth || percent > mostGrowth {
			t.Errorf("with %d bytes alive the heap grows by %d%%", live, percent)
		}
	}
}

// The collector follows what lives, up and down again.
func TestCollectorFollowsTheHeap(t *testing.T) {
	if before, set := os.LookupEnv("GOGC"); set {
		t.Setenv("GOGC", before) // restores it
		_ = os.Unsetenv("GOGC")
	}
	defer debug.SetGCPercent(debug.SetGCPercent(mostGrowth))
	KeepHeapSmall()
	func() {
		ballast := make([]byte, 16<<20)
		await.Until(t, "for a heap that grows little", func() bool { return collected() == leastGrowth })
		runtime.KeepAlive(ballast)
	}()
	await.Until(t, "for a heap that follows what lives", func() bool { return collected() == growth(live()) && live() < 16<<20 })
}

// collected returns the collector's percentage after a collection.
func collected() int {
	runtime.GC()
	read := []metrics.Sample{{Name: "/gc/gogc:percent"}}
	metrics.Read(read)
	return int(read[0].Value.Uint64()) //nolint:gosec // It is below a hundred.
}
