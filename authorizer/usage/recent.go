package usage

import (
	"slices"
	"unsafe"

	"github.com/keyward/keyward/shared/uuid"
)

// recent remembers which keys were written less than an interval ago. Most keys
// of a busy process are only remembered, so this holds no pointers: the garbage
// collector does not look into it. The counter's mu must be held.
type recent struct {
	keys map[uuid.UUID]struct{}
	// order has the same keys, in the order in which they become due.
	order []written
	// most is the most keys held since the last shrink.
	most int
}

// written is a key and when it may be written again, in milliseconds since 1970.
type written struct {
	key uuid.UUID
	due int64
}

// recentWeight is how many bytes a key takes, with its place in the map. Both the
// map and the list can be half empty.
const recentWeight = 2 * int(unsafe.Sizeof(uuid.UUID{})+unsafe.Sizeof(written{}))

func (r *recent) has(key uuid.UUID) bool {
	_, has := r.keys[key]
	return has
}

func (r *recent) push(key uuid.UUID, due int64) {
	r.keys[key] = struct{}{}
	r.order = append(r.order, written{key, due})
	r.most = max(r.most, len(r.order))
}

func (r *recent) pop() uuid.UUID {
	key := r.order[0].key
	r.order = r.order[1:]
	delete(r.keys, key)
	if 2*len(r.order) < r.most-minRoom {
		r.shrink()
	}
	return key
}

// minRoom is the smallest excess capacity, in keys, that shrink frees.
const minRoom = 1000

// shrink frees the memory of keys that were popped, which neither a map nor a list
// does by itself.
func (r *recent) shrink() {
	r.order, r.most = slices.Clone(r.order), len(r.order)
	r.keys = make(map[uuid.UUID]struct{}, r.most)
	for _, w := range r.order {
		r.keys[w.key] = struct{}{}
	}
}
