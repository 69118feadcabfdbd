package apikeytest

import (
	"context"
	"errors"
	"sync"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/uuid"
)

// Store is an in-memory [apikey.Store]. It is safe for concurrent use; make one
// with [NewStore].
type Store struct {
	Lookup
	mu sync.Mutex
	// records holds all records that can be read by name, and audit the others.
	records map[apikey.Ref]any
	audit   map[apikey.Ref]apikey.AuditRecord
	sealed  map[uuid.UUID][]byte
	// apis holds the service of each API.
	apis   map[apikey.Ref]apikey.Ref
	claims map[claim]uuid.UUID
	tasks  map[apikey.Task]bool
	// entered is the directory of organizations.
	entered map[apikey.OrgID]bool
	peppers map[int]apikey.Pepper
	damaged map[apikey.Ref]bool
	uses    map[dayOfUse]apikey.Uses
	down    error
	// readBytes limits what one read of a listing evaluates.
	readBytes int
	reads     int
	asked     int
}

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
		records:   make(map[apikey.Ref]any),
		audit:     make(map[apikey.Ref]apikey.AuditRecord),
		sealed:    make(map[uuid.UUID][]byte),
		apis:      make(map[apikey.Ref]apikey.Ref),
		claims:    make(map[claim]uuid.UUID),
		tasks:     make(map[apikey.Task]bool),
		entered:   make(map[apikey.OrgID]bool),
		peppers:   make(map[int]apikey.Pepper),
		damaged:   make(map[apikey.Ref]bool),
		uses:      make(map[dayOfUse]apikey.Uses),
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
