package usage

import (
	"net/netip"
	"slices"
	"time"
	"unique"
	"unsafe"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/keytext"
	"github.com/keyward/keyward/shared/verify"
)

const (
	// maxNames is how many results of an hour are counted by name. maxCounts limits
	// those of several hours, which exist only if writes fail.
	maxNames  = 24
	maxCounts = 2*maxNames + 2
	// otherName counts the results beyond.
	otherName = "other"
)

// tally is what was counted of a key since its last write. The counter's mu must
// be held.
type tally struct {
	key keytext.ID
	org apikey.OrgID
	// secrets are the uses of the two secrets that can be live at a time.
	secrets [2]secretUse
	retired *secretUse // nil: none
	// outdated is a secret to compute a digest of; nil for none.
	outdated *outdatedUse
	// counts are those of the day. A count of 0 keeps its name until the day ends.
	counts  []count
	pending int
	// due is when it may be written.
	due  int64
	next *tally
	// bytes is how much memory it takes. Names count in full, although keys share
	// them.
	bytes int
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
	tallyWeight   = int(unsafe.Sizeof(tally{})) + 64
	retiredWeight = int(unsafe.Sizeof(secretUse{}))
	// outdatedWeight includes the text of a key.
	outdatedWeight = int(unsafe.Sizeof(outdatedUse{})) + keytext.MaxLength
)

func hourOf(ms int64) int32 { return int32(ms / time.Hour.Milliseconds()) }

func dayOf(hour int32) int32 { return hour / 24 }

// add counts requests with a result, and returns by how many bytes the tally
// grew.
func (t *tally) add(hour int32, name string, refused bool, requests int64) int {
	t.pending += int(requests)
	names := 0
	for i := range t.counts {
		c := &t.counts[i]
		same := c.refused == refused && c.name.Value() == name
		if same && (c.hour == hour || c.requests == 0) {
			c.hour = hour
			c.requests += requests
			return 0
		}
		if c.hour == hour {
			names++
		}
	}
	if name != otherName && (names >= maxNames || len(t.counts) >= maxCounts-2) {
		t.pending -= int(requests)
		return t.add(hour, otherName, refused, requests)
	}
	if len(t.counts) >= maxCounts { // writes have failed for hours
		t.counts[len(t.counts)-1].requests += requests
		return 0
	}
	before := cap(t.counts)
	t.counts = append(t.counts, count{unique.Make(name), hour, refused, requests})
	return (cap(t.counts)-before)*countWeight + len(name)
}

// use notes that the key was used with one of its secrets. It forgets the oldest
// of three.
func (t *tally) use(generation int, ms int64, from netip.Addr) {
	t.useSecret(secretUse{from, ms, ms, generation})
}

func (t *tally) useSecret(use secretUse) {
	oldest := &t.secrets[0]
	for i := range t.secrets {
		s := &t.secrets[i]
		if s.generation == use.generation {
			s.add(use)
			return
		}
		if s.generation < oldest.generation {
			oldest = s
		}
	}
	*oldest = use
}

// add notes more uses of the same secret.
func (s *secretUse) add(use secretUse) {
	if s.on == 0 || use.first < s.first {
		s.first = use.first
	}
	if use.on >= s.on {
		s.on, s.from = use.on, use.from
	}
}

// retire notes that an ended secret was shown, and returns by how many bytes the
// tally grew.
func (t *tally) retire(generation int, ms int64, from netip.Addr) (grown int) {
	if t.retired == nil {
		t.retired, grown = new(secretUse), retiredWeight
	}
	if ms >= t.retired.on {
		*t.retired = secretUse{from, ms, ms, generation}
	}
	return grown
}

// outdate notes that the digest of a used secret is under an older pepper, and
// returns by how many bytes the tally grew. One secret is enough until the next
// write.
func (t *tally) outdate(use verify.Use) int {
	if t.outdated != nil {
		return 0
	}
	t.outdated = &outdatedUse{*use.Outdated, use.Generation}
	return outdatedWeight
}

// prune drops names that have no count of the day.
func (t *tally) prune(day int32) {
	t.counts = slices.DeleteFunc(t.counts, func(c count) bool { return c.requests == 0 && dayOf(c.hour) != day })
}
