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
	// maxKept is how many bytes of records are kept: those used last.
	maxKept = 16 << 20
	// entrySize is about how much memory a record takes besides what the store counts,
	// which for some is nothing.
	entrySize = 512
	// placeTimes is about how many times as much memory a place takes as its record,
	// most of it for the table of a service's routes.
	placeTimes = 3
)

// keptRecords keeps records for the TTL, counted from the start of their read. It
// keeps neither errors nor that something does not exist. It is safe for
// concurrent use.
type keptRecords struct {
	ttl time.Duration
	now func() time.Time

	mu    sync.Mutex
	bytes int
	found *simplelru.LRU[apikey.Ref, *kept]
}

// kept is a record with its size in bytes.
type kept struct {
	apikey.Finding
	bytes int
	// place is made from the record by the first question about it.
	place *place
}

// place is what keys are used at, ready for decisions.
type place struct {
	service apikey.Service
	decider *verify.Verifier
}

func newKeptRecords(ttl time.Duration, now func() time.Time) *keptRecords {
	r := &keptRecords{ttl: ttl, now: now}
	// The only error is a size that is not positive.
	r.found, _ = simplelru.NewLRU(math.MaxInt, func(_ apikey.Ref, k *kept) { r.bytes -= k.bytes })
	return r
}

// put keeps what a read found that started at since.
func (r *keptRecords) put(found apikey.Found, since time.Time, size func(record any) int) {
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
		// A name can be a part of a whole request, which must not be kept with it.
		ref.Org, ref.Service = apikey.OrgID(strings.Clone(string(ref.Org))), strings.Clone(ref.Service)
		one := &kept{Finding: finding}
		one.Since = since
		r.found.Add(ref, one)
		r.grow(one, entrySize+size(finding.Record))
	}
}

// grow adds to what a record takes, and drops the least recently used records while
// they take too much.
func (r *keptRecords) grow(one *kept, by int) {
	one.bytes += by
	r.bytes += by
	for r.bytes > maxKept {
		r.found.RemoveOldest()
	}
}

// place returns the place of an examination, which is kept with its record.
func (r *keptRecords) place(rules *apikey.Rules, e apikey.Evidence) (*place, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	one, known := r.found.Peek(e.Place)
	// What was read at the same time is as good as what this examination read.
	if known = known && one.Since.Equal(e.Found[e.Place].Since); known && one.place != nil {
		return one.place, nil
	}
	service, err := e.Service()
	if err != nil {
		return nil, err
	}
	made := &place{service, verify.New(verify.Config{
		Digester: rules.Digester, Now: rules.Now, Builtin: func() []apikey.Service { return []apikey.Service{service} },
	})}
	if known {
		one.place = made
		r.grow(one, placeTimes*one.bytes)
	}
	return made, nil
}

// memory is a store that answers reads from what is kept, and nothing else.
type memory struct {
	apikey.Store
	kept *keptRecords
}

// errNotKept says that the tables must be read. It reaches no caller.
var errNotKept = errors.New("a record is not kept")

// Read implements [apikey.Reader].
func (m memory) Read(_ context.Context, refs ...apikey.Ref) (apikey.Found, error) {
	m.kept.mu.Lock()
	defer m.kept.mu.Unlock()
	now, found := m.kept.now(), make(apikey.Found, len(refs))
	for _, ref := range refs {
		one, known := m.kept.found.Get(ref)
		if !known || !apikey.Fresh(now, one.Since, m.kept.ttl) {
			return nil, errNotKept
		}
		found[ref] = one.Finding
	}
	return found, nil
}

// tables is a store that keeps what it reads.
type tables struct {
	apikey.Store
	kept *keptRecords
}

// Read implements [apikey.Reader].
func (t tables) Read(ctx context.Context, refs ...apikey.Ref) (apikey.Found, error) {
	since := t.kept.now()
	found, err := t.Store.Read(ctx, refs...)
	if err == nil {
		t.kept.put(found, since, t.Size)
	}
	for ref, finding := range found {
		finding.Since = since
		found[ref] = finding
	}
	return found, err
}
