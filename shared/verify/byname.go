package verify

import (
	"github.com/keyward/keyward/shared/uuid"
)

// byName finds records by their names. Keys, of which there are thousands, have a map
// of their own, because an id takes a third of a name's memory.
type byName struct {
	keys   map[uuid.UUID]*entry
	others map[name]*entry
}

func newByName() byName {
	return byName{keys: map[uuid.UUID]*entry{}, others: map[name]*entry{}}
}

// get returns the record of a name; nil if there is none.
func (b *byName) get(n *name) *entry {
	if n.kind == keyKind {
		return b.keys[n.id]
	}
	return b.others[*n]
}

func (b *byName) add(e *entry) {
	if e.name.kind == keyKind {
		b.keys[e.name.id] = e
	} else {
		b.others[e.name] = e
	}
}

func (b *byName) remove(e *entry) {
	if e.name.kind == keyKind {
		delete(b.keys, e.name.id)
	} else {
		delete(b.others, e.name)
	}
}
