package verify

import (
	"sync"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/flight"
)

// Ceiling is how many bytes a verifier caches at most, for all organizations
// together, including what it compiles. Reads need more memory, which is freed
// afterwards.
const Ceiling = smallCeiling + largeCeiling + absentCeiling

const (
	// smallCeiling is for keys, users and statuses: about 1,500 keys. One
	// process can hardly read more within the usual TTL of five seconds, so a
	// larger cache would rarely find a fresh record.
	smallCeiling = 640 << 10
	// largeCeiling is for policies and services, including compiled routes.
	largeCeiling = 16 << 20
	// absentCeiling is for names of records that do not exist, so that a flood
	// of them displaces nothing else.
	absentCeiling = 128 << 10
)

// recordCache caches records, and the fact that records do not exist, for the
// TTL. A record's age counts from the start of its read, because the record can
// change while it is being read. So no answer is older than the TTL, however
// long the read took. It never caches errors, and an error never extends a
// record's time. An expired record only predicts which records to read; no request
// is decided on it. It is safe for concurrent use: concurrent requests for a record
// share one read, and no lock is held during it.
type recordCache struct {
	// ttl is how long a record may be used; with 0, none is.
	ttl    time.Duration
	reader apikey.Reader
	users  UserReader
	now    func() time.Time
	// meter is never nil.
	meter  Meter
	guards guardedServices

	mu                   sync.Mutex
	small, large, absent *ownerCache
	// flights are the running reads that can be joined, by name.
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

// cacheFor returns the cache for records of a kind.
func (r *recordCache) cacheFor(k kind) *ownerCache {
	if k == policyKind || k == serviceKind {
		return r.large
	}
	return r.small
}

// find returns what is cached for a name, whatever its age. r.mu must be held.
func (r *recordCache) find(n name) *entry {
	if e := r.cacheFor(n.kind).find(n); e != nil {
		return e
	}
	return r.absent.find(n)
}

// fresh reports whether the result of a read that started at since may still be
// used.
func (r *recordCache) fresh(now, since time.Time) bool { return apikey.Fresh(now, since, r.ttl) }

// put caches the result of a read that started at since, unless the cache has
// one from a later read. A nil value means that the record does not exist. r.mu
// must be held.
func (r *recordCache) put(n name, value content, since, now time.Time) {
	if e := r.find(n); e != nil && e.since.After(since) && !e.since.After(now) {
		return
	}
	into, other := r.cacheFor(n.kind), r.absent
	if value == nil {
		into, other = other, into
	}
	other.drop(other.entries.get(&n))
	into.put(n, value, since, ownerOf(n, value), now)
}

// ownerOf returns whose a record is; empty if it does not exist.
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

// grown accounts for what has been compiled for a service.
func (r *recordCache) grown(g *guardedService, by int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	g.weight += by
	if o := r.large.owners[string(g.record.Org)]; o != nil && g.uses > 0 {
		r.large.grow(o, by)
		r.large.fit(o, r.now())
	}
}
