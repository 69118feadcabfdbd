package apikeytest

import (
	"context"
	"errors"
	"sync"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/keytext"
)

// Store is an in-memory [apikey.Store]. It is safe for concurrent use; make one
// with [NewStore].
type Store struct {
	Lookup
	mu       sync.Mutex
	keys     map[keytext.ID]apikey.Key
	sealed   map[keytext.ID][]byte
	orgs     map[apikey.OrgID]apikey.Organization
	statuses map[apikey.OrgID]apikey.Status
	policies map[owned]apikey.Policy
	users    map[owned]apikey.User
	services map[serviceID]apikey.Service
	apis     map[apiID]serviceID
	claims   map[claim]keytext.ID
	tasks    map[apikey.Task]bool
	peppers  map[int]apikey.Pepper
	audit    map[keytext.ID]apikey.AuditRecord
	damaged  map[apikey.Ref]bool
	down     error
	// readBytes limits what one read of a listing evaluates.
	readBytes int
	reads     int
	asked     int
}

// owned names a policy or a user of an organization.
type owned struct {
	org apikey.OrgID
	id  keytext.ID
}

type serviceID struct {
	org apikey.OrgID
	id  string
}

type apiID struct{ account, id string }

// claim is a name that is taken among records of a kind.
type claim struct {
	org  apikey.OrgID
	sort apikey.Subject
	name string
}

var _ Subject = (*Store)(nil)

// NewStore returns an empty store.
func NewStore() *Store {
	s := &Store{
		keys:     make(map[keytext.ID]apikey.Key),
		sealed:   make(map[keytext.ID][]byte),
		orgs:     make(map[apikey.OrgID]apikey.Organization),
		statuses: make(map[apikey.OrgID]apikey.Status),
		policies: make(map[owned]apikey.Policy),
		users:    make(map[owned]apikey.User),
		services: make(map[serviceID]apikey.Service),
		apis:     make(map[apiID]serviceID),
		claims:   make(map[claim]keytext.ID),
		tasks:    make(map[apikey.Task]bool),
		peppers:  make(map[int]apikey.Pepper),
		audit:    make(map[keytext.ID]apikey.AuditRecord),
		damaged:  make(map[apikey.Ref]bool),

		readBytes: readBytes,
	}
	s.Lookup = Lookup{s}
	return s
}

// Break makes every call fail with [apikey.Unavailable] and that cause, until
// it is called with nil.
func (s *Store) Break(cause error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.down = cause
}

// Reads returns how many reads of any kind were tried.
func (s *Store) Reads() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.reads
}

// Asked returns how many records were requested by name.
func (s *Store) Asked() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.asked
}

// failed returns the error of a call that cannot be carried out; nil if it can.
func (s *Store) failed(ctx context.Context, doing string) error {
	if cause := errors.Join(ctx.Err(), s.down); cause != nil {
		return apikey.UnavailableError(doing, cause)
	}
	return nil
}

// read makes one call under the lock.
func read[T any](ctx context.Context, s *Store, doing string, find func() (T, error)) (T, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.reads++
	if err := s.failed(ctx, doing); err != nil {
		var none T
		return none, err
	}
	return find()
}

// lookUp finds one record and copies it.
func lookUp[K comparable, V any](ref apikey.Ref, things map[K]V, id K, clone func(V) V) apikey.Finding {
	thing, ok := things[id]
	if !ok {
		return apikey.Finding{Err: apikey.NoSuch(ref.Subject)}
	}
	return apikey.Finding{Record: clone(thing)}
}
