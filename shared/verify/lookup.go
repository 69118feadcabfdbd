package verify

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/uuid"
)

// lookup holds what one decision requests and has found: at most one record of
// each kind. It implements [apikey.GrantReader] on what it has found.
type lookup struct {
	records *recordCache
	// api names the service of the request. builtin is that service if it needs
	// no read.
	api     name
	builtin *guardedService
	// read holds all the records, for a lookup that must read none; otherwise it is
	// nil.
	read apikey.Found

	slots        [kindCount]slot
	hits, misses int
}

// slot is a requested record.
type slot struct {
	name  *name
	state state
	// held says that there is a cached record, even one that is too old.
	held bool
	// value is the record; nil if it does not exist. While the slot is wanted,
	// it is the last known record.
	value content
	err   error
	// since is when the read of value started. A read that started before
	// notBefore does not settle the slot.
	since, notBefore time.Time
	// reading is the read that will fill the slot.
	reading *reading
}

// is reports whether the slot is for that record.
func (s *slot) is(n name) bool { return s.state != unasked && *s.name == n }

// state says whether a slot has its answer.
type state uint8

const (
	unasked state = iota
	wanted
	settled
)

var lookups = sync.Pool{New: func() any { return new(lookup) }}

// lookup begins the lookup for a request.
func (v *Verifier) lookup(r *Request) *lookup {
	l := lookups.Get().(*lookup)
	l.records, l.api = v.records, serviceName(r.API)
	for _, b := range v.builtin() {
		if b.api == l.api {
			l.builtin = b.service
		}
	}
	return l
}

// release ends a lookup, which must not be used afterwards.
func (l *lookup) release() {
	l.records.meter.LookedUp(l.hits, l.misses)
	*l = lookup{}
	lookups.Put(l)
}

// request requests a record, replacing an earlier request for the same kind.
// records.mu must be held.
func (l *lookup) request(n name, now time.Time) *slot {
	s := &l.slots[n.kind]
	if s.is(n) {
		return s
	}
	*s = slot{}
	if l.find(s, n, now); !s.held {
		s.name = n.clone()
	}
	return s
}

// find fills a slot from the cache, and reports whether the record is fresh. If
// not, the slot is wanted. records.mu must be held.
func (l *lookup) find(s *slot, n name, now time.Time) (fresh bool) {
	if l.read != nil {
		a := answerOf(l.records.decode(n, l.read))
		s.name, s.held, s.value, s.err, s.since, s.state = n.clone(), true, a.value, a.err, now, settled
		return true
	}
	s.state = wanted
	e := l.records.find(n)
	if e == nil {
		return false
	}
	s.name, s.value, s.held = &e.name, e.value, true
	s.since = e.since
	if !l.records.fresh(now, e.since) || e.since.Before(s.notBefore) {
		return false
	}
	l.hits++
	s.state = settled
	return true
}

// anyWanted reports whether any record must be read.
func (l *lookup) anyWanted() bool {
	for i := range l.slots {
		if l.slots[i].state == wanted {
			return true
		}
	}
	return false
}

// settle fills the slots that wait for a read with its answers, or with err.
func (l *lookup) settle(f *reading, b *batch, err error) {
	for i := range l.slots {
		s := &l.slots[i]
		if s.reading != f {
			continue
		}
		s.reading, s.state, s.value, s.err, s.since = nil, settled, nil, err, f.Since
		if err == nil {
			a := b.answers[slices.Index(b.names, *s.name)]
			s.value, s.err = a.value, a.err
		}
	}
}

// detach stops the slots from waiting for a read.
func (l *lookup) detach(f *reading) {
	for i := range l.slots {
		if l.slots[i].reading == f {
			l.slots[i].reading = nil
		}
	}
}

// fail settles the wanted slots with err.
func (l *lookup) fail(err error) {
	for i := range l.slots {
		if s := &l.slots[i]; s.state == wanted {
			s.reading, s.state, s.value, s.err = nil, settled, nil, err
		}
	}
}

// found returns a requested record, or the last known one while it is wanted;
// nil if there is none.
func found[T content](l *lookup, k kind) (record T, err error) {
	record, _ = l.slots[k].value.(T)
	return record, l.slots[k].err
}

// service returns the service of the request; nil if its API belongs to none.
func (l *lookup) service() (*guardedService, error) {
	if l.builtin != nil {
		return l.builtin, nil
	}
	return found[*guardedService](l, serviceKind)
}

// existing returns the settled record of a name, or an error if it does not
// exist, like a store.
func existing[T content](l *lookup, n name, subject apikey.Subject) (record T, err error) {
	s := &l.slots[n.kind]
	if s.state != settled || *s.name != n {
		return record, apikey.UnavailableError("look at a record that was not asked for", nil)
	}
	record, exists := s.value.(T)
	if s.err == nil && !exists {
		return record, apikey.NoSuch(subject)
	}
	return record, s.err
}

// Status implements [apikey.GrantReader].
func (l *lookup) Status(_ context.Context, org apikey.OrgID) (apikey.Status, error) {
	r, err := existing[*statusRecord](l, statusName(org), apikey.SubjectOrganization)
	if err != nil {
		return apikey.Status{}, err
	}
	return apikey.Status{Org: org, Suspended: r.suspended, Representative: r.representative}, nil
}

// Policy implements [apikey.GrantReader].
func (l *lookup) Policy(_ context.Context, org apikey.OrgID, id uuid.UUID) (apikey.Policy, error) {
	r, err := existing[*policyRecord](l, policyName(org, id), apikey.SubjectPolicy)
	if err != nil {
		return apikey.Policy{}, err
	}
	return apikey.Policy{ID: id, Org: org, Permissions: r.permissions, Deleted: r.deleted}, nil
}

// User implements [apikey.GrantReader].
func (l *lookup) User(_ context.Context, org apikey.OrgID, id uuid.UUID) (apikey.User, error) {
	r, err := existing[*userRecord](l, userName(org, id), apikey.SubjectUser)
	if err != nil {
		return apikey.User{}, err
	}
	return apikey.User{ID: id, Org: org, Role: r.role, Permissions: r.permissions, Policy: r.policy}, nil
}
