package verify

import (
	"strings"
	"unsafe"

	"github.com/keyward/keyward/shared/apikey"
)

// What things weigh, in bytes, maps and the rounding of the allocator included.
// A test holds it against the memory that is really in use.
const (
	// textWeight is a string without its bytes.
	textWeight = int(unsafe.Sizeof(""))
	// slotWeight is a place in a map for a pointer, besides its key.
	slotWeight = 24

	entryWeight  = int(unsafe.Sizeof(entry{})) + int(unsafe.Sizeof(name{}))*3/2 + slotWeight
	ownerWeight  = int(unsafe.Sizeof(owner{})) + 2*textWeight + 320
	sharedWeight = int(unsafe.Sizeof(shared{})) + textWeight*3/2 + slotWeight
)

// content is a record that can be kept. Until it joins an owner nobody else knows it.
type content interface {
	// join makes the record the owner's, whose names it shares from then on, and
	// returns by how much the owner holds more.
	join(o *owner) int
	// leave undoes that, and returns by how much the owner holds less.
	leave(o *owner) int
}

// take puts the owner's own texts in the place of equal ones.
func (o *owner) take(texts []string) (weight int) {
	for i, one := range texts {
		known := o.names[one]
		if known == nil {
			known = &shared{text: strings.Clone(one)}
			o.names[known.text] = known
			weight += sharedWeight + len(one)
		}
		known.uses++
		texts[i] = known.text
	}
	return weight + textWeight*len(texts)
}

// release gives back what take took.
func (o *owner) release(texts []string) (weight int) {
	for _, one := range texts {
		known := o.names[one]
		if known.uses--; known.uses == 0 {
			delete(o.names, one)
			weight += sharedWeight + len(one)
		}
	}
	return weight + textWeight*len(texts)
}

// closuresWeight is what a service's three things that are made later take
// before they are made.
const closuresWeight = 3 * 160

// weightOf is what the essence of a service takes, its own size aside. Texts that
// are there twice count twice but for permissions.
func weightOf(s apikey.Service) (weight int) {
	weight += len(s.ID) + len(s.Org) + textWeight*len(s.Cache.By)
	for _, api := range s.APIs {
		weight += int(unsafe.Sizeof(api)) + len(api.Account) + len(api.ID) + len(api.Region) + len(api.Stage)
	}
	for _, permission := range s.Permissions {
		weight += int(unsafe.Sizeof(permission)) + len(permission.Name)
	}
	for _, route := range s.Routes {
		weight += int(unsafe.Sizeof(route)) + len(route.Path) + textWeight*len(route.Permissions)
	}
	return weight
}
