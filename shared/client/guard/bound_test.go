package guard

import (
	"encoding/binary"
	"testing"
	"time"
)

// A cache has at most two generations of its bytes, whatever is put into it, and
// keeps what was put last.
func TestCacheIsBounded(t *testing.T) {
	c := cache{most: 100 * entrySize}
	for i := range 10_000 {
		var what digest
		binary.BigEndian.PutUint64(what[:], uint64(i))
		c.put(what, decision{ttl: time.Second, size: entrySize})
		if _, ok := c.get(what); !ok || len(c.younger)+len(c.older) > 200 {
			t.Fatalf("%d: %v, %d entries", i, ok, len(c.younger)+len(c.older))
		}
	}
	c.put(digest{}, decision{ttl: time.Second, size: 1000 * entrySize})
	c.put(digest{1}, decision{ttl: time.Second, size: entrySize})
	if len(c.younger) != 1 {
		t.Errorf("%d entries beside one that fills the cache", len(c.younger))
	}
	if c.put(digest{2}, decision{}); len(c.younger) != 1 {
		t.Error("what cannot be used again is kept")
	}
}

// A key that is accepted and refused by turns takes no room from those that are known.
func TestForgottenKeysTakeNoRoom(t *testing.T) {
	c := cache{most: 100 * entrySize}
	c.put(digest{1}, decision{ttl: time.Second, size: entrySize})
	for range 1000 {
		c.put(digest{2}, decision{ttl: time.Second, size: entrySize})
		c.drop(digest{2})
	}
	if _, ok := c.get(digest{1}); !ok || c.size != entrySize {
		t.Errorf("known: %t; %d bytes", ok, c.size)
	}
	c.younger, c.older, c.size = nil, c.younger, 0
	if c.drop(digest{1}); c.size != 0 {
		t.Errorf("%d bytes", c.size)
	}
}
