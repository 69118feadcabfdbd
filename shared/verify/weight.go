package verify

import (
	"strings"
	"unsafe"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/routing"
)

// content is a cached record.
type content interface {
	// addTo makes the record share its owner's texts, and returns how many
	// bytes that adds to the owner.
	addTo(o *owner) int
	// removeFrom undoes addTo, and returns how many bytes that removes from the
	// owner.
	removeFrom(o *owner) int
}

// Sizes in bytes, including places in maps, which can be half empty. A test
// compares them with the memory really in use.
const (
	textWeight = int(unsafe.Sizeof(""))
	slotWeight = 2 * int(unsafe.Sizeof(uintptr(0)))

	entryWeight  = int(unsafe.Sizeof(entry{})) + slotWeight
	ownerWeight  = int(unsafe.Sizeof(owner{})) + 2*textWeight + slotWeight
	namesWeight  = 48 + 8*(textWeight+8)
	sharedWeight = int(unsafe.Sizeof(shared{})) + 2*textWeight + slotWeight
	// guardedWeight is a service without its parts; the three parts that are
	// made later start as closures.
	guardedWeight = int(unsafe.Sizeof(guardedService{})) + 3*160
)

// weight returns the size of a cached record's entry, without the record.
func (e *entry) weight() int {
	if e.name.kind == keyKind {
		return entryWeight + 2*int(unsafe.Sizeof(e.name.id))
	}
	return entryWeight + 2*int(unsafe.Sizeof(e.name)) + allocated(len(e.name.org)) + allocated(len(e.name.text))
}

// allocated returns approximately what the allocator uses for that many bytes.
func allocated(bytes int) int {
	if bytes == 0 {
		return 0
	}
	return bytes + bytes/16 + 8
}

// intern replaces texts with the owner's copies of them, and returns the weight
// it adds.
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

// unintern undoes intern, and returns the weight it removes.
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

// serviceWeight returns the size of a trimmed service, counting each text once
// per use: a permission for the service, a path for its route.
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
