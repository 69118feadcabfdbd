package usage

import (
	"fmt"
	"runtime"
	"testing"

	"github.com/keyward/keyward/shared/verify"
)

// The memory for counts has a ceiling, below which 10,000 keys fit. Beyond it,
// the key that was written least recently is forgotten, and then the one that
// came first.
func TestCeiling(t *testing.T) {
	c, w := counting()
	before := heap()
	for n := range 10_000 {
		w.allow(c, keyed(n), "ViewTables")
	}
	took := int(heap()) - int(before)
	if c.remembered() != 10_000 || took > Ceiling || took > 2*c.weight {
		t.Fatalf("%d keys take %d bytes, counted as %d", c.remembered(), took, c.weight)
	}
	for range 2 {
		w.writes(t, c)
	}
	for n := range 200_000 {
		w.allow(c, keyed(n), fmt.Sprint("Permission", n%7))
		if c.weight > Ceiling {
			t.Fatalf("%d bytes", c.weight)
		}
	}
	if c.tallies[keyed(0).Key] != nil || c.tallies[keyed(199_999).Key] == nil || len(c.tallies) < 10_000 {
		t.Errorf("%d keys are left", len(c.tallies))
	}
	w.written = nil
	for range 200_000 / atOnce {
		c.Write(t.Context())
	}
	w.at = w.at.Add(Interval)
	w.writes(t, c)
	if c.remembered() != 0 || c.weight != 0 {
		t.Errorf("%d keys with %d bytes are left", c.remembered(), c.weight)
	}
}

// A key that was written and not used since takes little memory. The weight of
// such keys, and of keys with everything that a tally can have, is not below what
// they really take.
func TestWeight(t *testing.T) {
	for what, count := range map[string]func(*Counter, *world, int){
		"written": func(c *Counter, w *world, n int) {
			w.allow(c, keyed(n), "View")
			c.Write(t.Context())
			w.written = nil
		},
		"used": func(c *Counter, w *world, n int) { w.allow(c, keyed(n), "View") },
		"with all": func(c *Counter, w *world, n int) {
			use := outdatedUseOf(t)
			use.Key = keyed(n).Key
			for n := range 3 {
				use.Generation = n + 1
				for name := range 5 {
					w.allow(c, use, fmt.Sprint("View", name))
				}
				w.refuse(c, use, verify.SecretRetired)
			}
		},
	} {
		c, w := counting()
		c.config.Digester = &digester{}
		before := heap()
		for n := range 10_000 {
			count(c, w, n)
		}
		if took := int(heap()) - int(before); took > c.weight || what == "written" && took > 10_000*64 {
			t.Errorf("10,000 keys %s take %d bytes, counted as %d", what, took, c.weight)
		}
		runtime.KeepAlive(c)
	}
}

// The ceiling holds for what really is in use, also after as many keys were written
// as fit below it, and others are counted instead.
func TestCeilingAfterManyWrittenKeys(t *testing.T) {
	c, w := counting()
	before := heap()
	for n := range 100_000 {
		if w.allow(c, keyed(n), "View"); n%atOnce == 0 {
			w.writes(t, c)
		}
	}
	w.at = w.at.Add(Interval)
	w.writes(t, c)
	for n := range 100_000 {
		w.allow(c, keyed(100_000+n), "View")
	}
	w.written = nil
	if took := int(heap()) - int(before); took > Ceiling*11/10 {
		t.Errorf("%d keys take %d bytes", c.remembered(), took)
	}
	runtime.KeepAlive(c)
}

// remembered returns how many keys a counter remembers.
func (c *Counter) remembered() int {
	n := len(c.recent.keys)
	for key := range c.tallies {
		if !c.recent.has(key) {
			n++
		}
	}
	return n
}

func heap() uint64 {
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc
}
