package verify

import (
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"testing"
	"time"

	"github.com/keyward/keyward/shared/keytext"
)

// A flood of distinct junk credentials, as many as KEYWARD_FLOOD says (default
// 100,000), half of them well-formed keys that do not exist and half malformed,
// keeps the process within 10% of its idle memory. Keys in use need no read all
// along, and malformed ones cost none.
func TestFloodKeepsMemory(t *testing.T) {
	junk := 100_000
	if text := os.Getenv("KEYWARD_FLOOD"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 10_000 {
			t.Fatalf("KEYWARD_FLOOD is %q: set it to a whole number from 10000", text)
		}
		junk = n
	}
	w := newWorld()
	v := w.verifier(ttl)
	good := make([]keytext.Key, 100)
	for i := range good {
		good[i] = w.mint(t, "acme", "ManageFiles")
		decide(t, v, bearer(good[i]))
	}
	w.reads()
	idle := memory()
	for i := range junk {
		request := bearer(newKey(t))
		if i%2 == 1 {
			request.Authorization[0] += "x"
		}
		if d := decide(t, v, request); d.Outcome != Unauthenticated {
			t.Fatalf("junk: %+v", d)
		}
		if i%1000 == 0 {
			decide(t, v, bearer(good[i/1000%len(good)]))
		}
		if i%(junk/10) == junk/10-1 {
			if now := memory(); now > idle+idle/10 {
				t.Errorf("after %d: %d bytes, %d when idle", i+1, now, idle)
			}
		}
	}
	for _, key := range good {
		if d := decide(t, v, bearer(key)); d.Outcome != Allowed {
			t.Errorf("a good key: %+v", d)
		}
	}
	t.Logf("%d bytes after %d, %d when idle", memory(), junk, idle)
	wantReads(t, w, (junk+1)/2, 0)
}

// A flood of junk keys fills a bounded cache of its own: keys in use still need
// no read, and each junk key costs one read of one record.
func TestJunkFlood(t *testing.T) {
	for _, ttl := range []time.Duration{0, MaxCacheTTL} {
		w := newWorld()
		v, key := w.verifier(ttl), w.mint(t, "acme", "ManageFiles")
		decide(t, v, bearer(key))
		w.reads()
		const junk = 20_000
		for range junk {
			decide(t, v, bearer(newKey(t)))
		}
		if ttl > 0 {
			decide(t, v, bearer(key))
		}
		if w.waits != junk {
			t.Errorf("TTL %v: %d reads for %d junk keys", ttl, w.waits, junk)
		}
		wantReads(t, w, junk, 0)
		if absent := v.records.absent; absent.weight > absentCeiling {
			t.Errorf("%d absent keys are held, in %d bytes", absent.entries.len(), absent.weight)
		}
	}
}

// Any number of valid keys take less than a megabyte of the memory in use, and
// the fifteen hundred used last cost no read.
func TestManyKeysKeepMemory(t *testing.T) {
	w := newWorld()
	v := w.verifier(ttl)
	keys := make([]keytext.Key, 10_000)
	for i := range keys {
		keys[i] = w.mint(t, "acme", "ManageFiles")
	}
	before := inUse()
	for _, key := range keys {
		if d := decide(t, v, bearer(key)); d.Outcome != Allowed {
			t.Fatalf("a good key: %+v", d)
		}
	}
	if more := inUse() - before; more > 1<<20 {
		t.Errorf("%d bytes more after %d keys", more, len(keys))
	}
	t.Logf("%d keys are cached", v.records.small.entries.len()-1)
	w.reads()
	for _, key := range keys[len(keys)-1500:] {
		decide(t, v, bearer(key))
	}
	wantReads(t, w, 0, 0)
}

// inUse returns the bytes of memory in use.
func inUse() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// memory returns the memory that the process uses of what the system gave it.
// It leaves out unused heap, which goes back to the system except for up to
// half a megabyte per processor that the runtime sometimes keeps.
func memory() uint64 {
	debug.FreeOSMemory()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.Sys - m.HeapIdle
}
