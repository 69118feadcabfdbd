package question

import (
	"context"
	"errors"
	"math"
	"strings"
	"sync"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/verify"
)

const (
	// maxCached is how many bytes of records are cached: those used last.
	maxCached = 16 << 20
	// entrySize is about how much memory a record takes besides what the store counts,
	// which for some is nothing.
	entrySize = 512
	// targetTimes is about how many times as much memory a target takes as its record,
	// most of it for the table of a service's routes.
	targetTimes = 3
)

// cachedRecords caches records for the TTL, counted from the start of their read. It
// caches neither errors nor that something does not exist. It is safe for concurrent
// use.
type cachedRecords struct {
	ttl time.Duration
	now func() time.Time

	mu    sync.Mutex
	bytes int
	found *simplelru.LRU[apikey.Ref, *cachedRecord]
}

// cachedRecord is a record with its size in bytes.
type cachedRecord struct {
	apikey.Finding
	bytes int
	// target is made from the record by the first question about it.
	target *target
}

// target is what keys are used at, ready for decisions.
type target struct {
	service apikey.Service
	decider *verify.Verifier
}

func newCachedRecords(ttl time.Duration, now func() time.Time) *cachedRecords {
	r := &cachedRecords{ttl: ttl, now: now}
	// The only error is a size that is not positive.
	r.found, _ = simplelru.NewLRU(math.MaxInt, func(_ apikey.Ref, k *cachedRecord) { r.bytes -= k.bytes })
	return r
}

// put caches what a read found that started at since.
func (r *cachedRecords) put(found apikey.Found, since time.Time, size func(record any) int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for ref, finding := range found {
		if old, known := r.found.Peek(ref); known && old.Since.After(since) && !old.Since.After(r.now()) {
			continue
		}
		r.found.Remove(ref)
		if finding.Err != nil || r.ttl == 0 {
			continue
		}
		// A name can be a part of a whole request, which must not stay in memory with it.
		ref.Org, ref.Service = apikey.OrgID(strings.Clone(string(ref.Org))), strings.Clone(ref.Service)
		one := &cachedRecord{Finding: finding}
		one.Since = since
		r.found.Add(ref, one)
		r.grow(one, entrySize+size(finding.Record))
	}
}

// grow adds to what a record takes, and drops the least recently used records while
// they take too much.
func (r *cachedRecords) grow(one *cachedRecord, by int) {
	one.bytes += by
	r.bytes += by
	for r.bytes > maxCached {
		r.found.RemoveOldest()
	}
}

// target returns the target of an examination. The record's entry in the cache keeps
// it for the next one.
func (r *cachedRecords) target(rules *apikey.Rules, e apikey.Evidence) (*target, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	one, known := r.found.Peek(e.Place)
	// What was read at the same time is as good as what this examination read.
	if known = known && one.Since.Equal(e.Found[e.Place].Since); known && one.target != nil {
		return one.target, nil
	}
	service, err := e.Service()
	if err != nil {
		return nil, err
	}
	made := &target{service, verify.New(verify.Config{
		Digester: rules.Digester, Now: rules.Now, Builtin: func() []apikey.Service { return []apikey.Service{service} },
	})}
	if known {
		one.target = made
		r.grow(one, targetTimes*one.bytes)
	}
	return made, nil
}

// memory is a store that answers reads from the cache, and nothing else.
type memory struct {
	apikey.Store
	cache *cachedRecords
}

// errNotCached says that the tables must be read. It reaches no caller.
var errNotCached = errors.New("a record is not cached")

// Read implements [apikey.Reader].
func (m memory) Read(_ context.Context, refs ...apikey.Ref) (apikey.Found, error) {
	m.cache.mu.Lock()
	defer m.cache.mu.Unlock()
	now, found := m.cache.now(), make(apikey.Found, len(refs))
	for _, ref := range refs {
		one, known := m.cache.found.Get(ref)
		if !known || !apikey.Fresh(now, one.Since, m.cache.ttl) {
			return nil, errNotCached
		}
		found[ref] = one.Finding
	}
	return found, nil
}

// tables is a store that caches what it reads.
type tables struct {
	apikey.Store
	cache *cachedRecords
}

// Read implements [apikey.Reader].
func (t tables) Read(ctx context.Context, refs ...apikey.Ref) (apikey.Found, error) {
	since := t.cache.now()
	found, err := t.Store.Read(ctx, refs...)
	if err == nil {
		t.cache.put(found, since, t.Size)
	}
	for ref, finding := range found {
		finding.Since = since
		found[ref] = finding
	}
	return found, err
}
