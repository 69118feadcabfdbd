package usage

import (
	"net/netip"
	"slices"
	"time"
	"unique"
	"unsafe"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/keytext"
	"github.com/keyward/keyward/shared/uuid"
	"github.com/keyward/keyward/shared/verify"
)

const (
	// maxNames is how many results of an hour a tally counts by name. maxCounts limits
	// those of several hours, which exist only if writes fail.
	maxNames  = 24
	maxCounts = 2*maxNames + 2
	// otherName counts the results beyond.
	otherName = "other"
)

// tally is what was counted of a key since its last write. The counter's mu must be
// held. Fields that every use changes are adjacent: with many keys, most of the cost
// of a count is cache misses.
type tally struct {
	// counts are those of the day. A count of 0 keeps its name until the day ends.
	counts []count
	// only is the room for the one count that most keys have.
	only [1]count
	// newest is the use of the newest of the used secrets.
	newest secretUse
	rare   *rareUses // nil: none
	key    uuid.UUID
	org    apikey.OrgID
	// due is when it may be written, if it is in a queue.
	due  int64
	next *tally
	// bytes is the tally's part of the counter's weight.
	bytes int32
	// day is the day for which coarse holds.
	day    int32
	coarse coarseness
}

// secretUse says when a secret was used first and last, in milliseconds since
// 1970 as all times, and from where; zero if it was not.
type secretUse struct {
	from       netip.Addr
	first, on  int64
	generation int
}

// rareUses holds what only a few keys need.
type rareUses struct {
	// older is the use of the other secret, if two were used.
	older secretUse
	// retired is the last use of an ended secret.
	retired secretUse
	// outdated is a secret to compute a digest of; nil for none.
	outdated *outdatedUse
}

// outdatedUse is a secret whose digest is under an older pepper.
type outdatedUse struct {
	verify.Outdated
	generation int
}

// count is how many requests of an hour had a result: allowed by the permission
// of that name, or refused with that code.
type count struct {
	name     unique.Handle[string]
	hour     int32 // since 1970
	refused  bool
	requests int64
}

const (
	countWeight = int(unsafe.Sizeof(count{}))
	// tallyWeight includes the entry of the map.
	tallyWeight = int(unsafe.Sizeof(tally{})) + 64
	rareWeight  = int(unsafe.Sizeof(rareUses{}))
	// outdatedWeight includes the text of a key.
	outdatedWeight = int(unsafe.Sizeof(outdatedUse{})) + keytext.MaxLength
)

func newTally(key uuid.UUID, org apikey.OrgID) *tally {
	t := &tally{key: key, org: org}
	t.counts = t.only[:0]
	return t
}

// weight returns how many bytes of memory a tally takes. Names count in full,
// although keys share them.
func (t *tally) weight() int {
	weight := tallyWeight + cap(t.counts)*countWeight
	for i := range t.counts {
		weight += len(t.counts[i].name.Value())
	}
	if t.rare != nil {
		weight += rareWeight
		if t.rare.outdated != nil {
			weight += outdatedWeight
		}
	}
	return weight
}

func hourOf(ms int64) int32 { return int32(ms / time.Hour.Milliseconds()) }

func dayOf(hour int32) int32 { return hour / 24 }

// add counts requests with a result.
func (t *tally) add(hour int32, name string, refused bool, requests int64) {
	names := 0
	for i := range t.counts {
		c := &t.counts[i]
		same := c.refused == refused && c.name.Value() == name
		if same && (c.hour == hour || c.requests == 0) {
			c.hour = hour
			c.requests += requests
			return
		}
		if c.hour == hour {
			names++
		}
	}
	switch {
	case name != otherName && (names >= maxNames || len(t.counts) >= maxCounts-2):
		t.add(hour, otherName, refused, requests)
	case len(t.counts) >= maxCounts: // writes have failed for hours
		t.counts[len(t.counts)-1].requests += requests
	default:
		t.counts = append(t.counts, count{unique.Make(name), hour, refused, requests})
	}
}

// pending reports whether there is something to write.
func (t *tally) pending() bool {
	return slices.ContainsFunc(t.counts, func(c count) bool { return c.requests > 0 })
}

// use notes a use of one of the key's secrets. Of three, it forgets the oldest.
func (t *tally) use(use secretUse) {
	switch {
	case use.generation == t.newest.generation:
		t.newest.add(use)
	case use.generation < t.newest.generation:
		t.uses().useOlder(use)
	default:
		if t.newest.generation > 0 {
			t.uses().older = t.newest
		}
		t.newest = use
	}
}

func (r *rareUses) useOlder(use secretUse) {
	if use.generation > r.older.generation {
		r.older = use
	} else if use.generation == r.older.generation {
		r.older.add(use)
	}
}

// uses returns the tally's rare uses, for a change.
func (t *tally) uses() *rareUses {
	if t.rare == nil {
		t.rare = new(rareUses)
	}
	return t.rare
}

// add notes more uses of the same secret.
func (s *secretUse) add(use secretUse) {
	s.first = min(s.first, use.first)
	if use.on >= s.on {
		s.on, s.from = use.on, use.from
	}
}

// retire notes that an ended secret was shown.
func (t *tally) retire(use secretUse) {
	if r := t.uses(); use.on >= r.retired.on {
		r.retired = use
	}
}

// outdate notes that the digest of a used secret is under an older pepper. One
// secret is enough until the next write.
func (t *tally) outdate(use verify.Use) {
	if r := t.uses(); r.outdated == nil {
		r.outdated = &outdatedUse{*use.Outdated, use.Generation}
	}
}

// prune drops names that have no count of the day.
func (t *tally) prune(day int32) {
	t.counts = slices.DeleteFunc(t.counts, func(c count) bool { return c.requests == 0 && dayOf(c.hour) != day })
}
