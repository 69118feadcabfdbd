package verify

import (
	"sync"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/flight"
)

// Ceiling is how many bytes a verifier keeps of records at most, and of what it
// has made of them: those of all organizations together. Reading needs room
// besides, which the collector gets back.
const Ceiling = smallCeiling + largeCeiling + absentCeiling

const (
	// smallCeiling is for keys, users and statuses: some 1,800 keys, which is about
	// as many as one process can read within the usual TTL of five seconds. Where
	// more take turns, hardly one comes back while it is kept. So many need no
	// memory that the collector does not need for the reads alone.
	smallCeiling = 768 << 10
	// largeCeiling is for policies and services, with the routes of the services
	// compiled.
	largeCeiling = 16 << 20
	// absentCeiling is for names of nothing, so that a flood of them drives nothing
	// else out.
	absentCeiling = 128 << 10
)

// records keeps what reads found, and that they found nothing, for a time that
// counts from the start of the read: what a read returns may be out of date
// from then on, so that no answer is older than the time, however long the read
// took. It keeps no errors, and stretches no record because of one. A record that
// is too old still says what to ask for. It is safe for concurrent use: who asks
// for the same at once shares one read, and no lock is held during it.
type recordCache struct {
	// ttl is how long a record counts; with 0 none does.
	ttl    time.Duration
	reader apikey.Reader
	users  UserReader
	now    func() time.Time
	// meter is never nil.
	meter  Meter
	guards guardedServices

	mu                   sync.Mutex
	small, large, absent *ownerCache
	// flights are the reads under way that can be joined, by what they ask for.
	flights flight.Group[name, *batch]
}

func newRecordCache(config Config) *recordCache {
	r := &recordCache{
		ttl: min(config.CacheTTL, MaxCacheTTL), reader: config.Reader, now: config.Now, meter: config.meter(),
		small: newOwnerCache(smallCeiling), large: newOwnerCache(largeCeiling), absent: newOwnerCache(absentCeiling),
	}
	if config.OAuth != nil {
		r.users = config.OAuth.Users
	}
	r.guards.grown = r.grown
	return r
}

// shelf is where records of a kind are.
func (r *recordCache) cacheFor(k kind) *ownerCache {
	if k == policyKind || k == serviceKind {
		return r.large
	}
	return r.small
}

// find is what is kept of a name, whatever its age. r.mu must be held.
func (r *recordCache) find(n name) *entry {
	if e := r.cacheFor(n.kind).find(n); e != nil {
		return e
	}
	return r.absent.find(n)
}

// fresh reports whether what a read found that started at since still counts.
func (r *recordCache) fresh(now, since time.Time) bool { return apikey.Fresh(now, since, r.ttl) }

// put takes what a read found that started at since, nil for nothing, unless a
// read that started later has answered already. r.mu must be held.
func (r *recordCache) put(n name, value content, since, now time.Time) {
	if e := r.find(n); e != nil && e.since.After(since) && !e.since.After(now) {
		return
	}
	into, other := r.cacheFor(n.kind), r.absent
	if value == nil {
		into, other = other, into
	}
	other.drop(other.entries[n])
	into.put(n, value, since, ownerOf(n, value), now)
}

// ownerOf is whose a record is; that something does not exist is nobody's.
func ownerOf(n name, value content) string {
	switch record := value.(type) {
	case nil:
		return ""
	case *keyRecord:
		return string(record.org)
	case *guardedService:
		return string(record.record.Org)
	}
	return n.org
}

// grown counts what has been compiled of a service.
func (r *recordCache) grown(g *guardedService, by int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	g.weight += by
	if o := r.large.owners[string(g.record.Org)]; o != nil && g.uses > 0 {
		r.large.grow(o, by)
		r.large.fit(o, r.now())
	}
}
