package verify

import (
	"strings"
	"unsafe"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/routing"
)

// content is what is kept of a record. Until it joins an owner nobody else knows
// it.
type content interface {
	// join makes the record the owner's, whose names it shares from then on, and
	// returns by how many bytes the owner holds more.
	addTo(o *owner) int
	// leave undoes that, and returns by how many bytes the owner holds less.
	removeFrom(o *owner) int
}

// What things weigh in bytes, the places in maps included, which can be half
// empty. A test holds it against the memory that is really in use.
const (
	textWeight = int(unsafe.Sizeof(""))
	slotWeight = 2 * int(unsafe.Sizeof(uintptr(0)))

	entryWeight  = int(unsafe.Sizeof(entry{})) + 2*int(unsafe.Sizeof(name{})) + slotWeight
	ownerWeight  = int(unsafe.Sizeof(owner{})) + 2*textWeight + slotWeight
	namesWeight  = 48 + 8*(textWeight+8)
	sharedWeight = int(unsafe.Sizeof(shared{})) + 2*textWeight + slotWeight
	// guardedWeight is a service without its parts: the three that are made later
	// are closures until then.
	guardedWeight = int(unsafe.Sizeof(guardedService{})) + 3*160
)

// room is what the allocator takes for so many bytes, about.
func allocated(bytes int) int {
	if bytes == 0 {
		return 0
	}
	return bytes + bytes/16 + 8
}

// take puts the owner's own texts in the place of equal ones.
func (o *owner) intern(texts []string) (weight int) {
	if o.names == nil && len(texts) > 0 {
		o.names, weight = map[string]*shared{}, namesWeight
	}
	for i, one := range texts {
		known := o.names[one]
		if known == nil {
			known = &shared{text: strings.Clone(one)}
			o.names[known.text] = known
			weight += sharedWeight + allocated(len(one))
		}
		known.uses++
		texts[i] = known.text
	}
	return weight + allocated(textWeight*len(texts))
}

// release gives back what take took.
func (o *owner) unintern(texts []string) (weight int) {
	for _, one := range texts {
		known := o.names[one]
		if known.uses--; known.uses == 0 {
			delete(o.names, one)
			weight += sharedWeight + allocated(len(one))
		}
	}
	if o.names != nil && len(o.names) == 0 {
		o.names, weight = nil, weight+namesWeight
	}
	return weight + allocated(textWeight*len(texts))
}

// weigh is what the essence of a service takes, with each of its texts once for
// what has it: a permission for the service, and a path for its route.
func serviceWeight(s apikey.Service) int {
	weight := allocated(len(s.ID)) + allocated(len(s.Org)) + allocated(textWeight*len(s.Cache.By))
	weight += allocated(len(s.APIs) * int(unsafe.Sizeof(routing.API{})))
	for _, api := range s.APIs {
		weight += allocated(len(api.Account)) + allocated(len(api.ID)) + allocated(len(api.Region)) + allocated(len(api.Stage))
	}
	weight += allocated(len(s.Permissions) * int(unsafe.Sizeof(apikey.Permission{})))
	for _, permission := range s.Permissions {
		weight += allocated(len(permission.Name))
	}
	weight += allocated(len(s.Routes) * int(unsafe.Sizeof(routing.Route{})))
	for _, route := range s.Routes {
		weight += allocated(len(route.Path)) + allocated(textWeight*len(route.Permissions))
	}
	return weight
}
