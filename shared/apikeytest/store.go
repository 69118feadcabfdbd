package apikeytest

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"sync"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/keytext"
)

// Store is an [apikey.Store] in memory. It is safe for concurrent use; make one
// with [NewStore].
type Store struct {
	mu       sync.Mutex
	keys     map[keytext.ID]apikey.Key
	orgs     map[apikey.OrgID]apikey.Organization
	names    map[claim]keytext.ID
	peppers  map[int]apikey.Pepper
	services map[apikey.API]apikey.Service
	audit    map[keytext.ID]apikey.AuditRecord
	down     error
	reads    int
}

// claim is a name that a key of the organization has.
type claim struct {
	org  apikey.OrgID
	name string
}

var (
	_ apikey.Store = (*Store)(nil)
	_ AuditReader  = (*Store)(nil)
)

// NewStore makes an empty store.
func NewStore() *Store {
	return &Store{
		keys:     make(map[keytext.ID]apikey.Key),
		orgs:     make(map[apikey.OrgID]apikey.Organization),
		names:    make(map[claim]keytext.ID),
		peppers:  make(map[int]apikey.Pepper),
		services: make(map[apikey.API]apikey.Service),
		audit:    make(map[keytext.ID]apikey.AuditRecord),
	}
}

// Break makes every call fail with [apikey.Unavailable] because of cause, until
// it is called with nil.
func (s *Store) Break(cause error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.down = cause
}

// Reads is how many reads were tried, of any kind.
func (s *Store) Reads() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.reads
}

// failed is the error of a call that cannot be carried out.
func (s *Store) failed(ctx context.Context, doing string) error {
	if cause := errors.Join(ctx.Err(), s.down); cause != nil {
		return apikey.Failed(doing, cause)
	}
	return nil
}

// read is one call under the lock.
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

// Key implements [apikey.Store].
func (s *Store) Key(ctx context.Context, id keytext.ID) (apikey.Key, error) {
	return read(ctx, s, "read a key", func() (apikey.Key, error) {
		key, ok := s.keys[id]
		if !ok {
			return apikey.Key{}, apikey.NoSuchKey()
		}
		return copyKey(key), nil
	})
}

// Organization implements [apikey.Store].
func (s *Store) Organization(ctx context.Context, id apikey.OrgID) (apikey.Organization, error) {
	return read(ctx, s, "read an organization", func() (apikey.Organization, error) {
		org, ok := s.orgs[id]
		if !ok {
			return apikey.Organization{}, &apikey.Error{Kind: apikey.NotFound, Detail: "There is no such organization."}
		}
		return copyOrganization(org), nil
	})
}

// Service implements [apikey.Store].
func (s *Store) Service(ctx context.Context, api apikey.API) (apikey.Service, error) {
	return read(ctx, s, "read a service", func() (apikey.Service, error) {
		service, ok := s.services[api]
		if !ok {
			return apikey.Service{}, &apikey.Error{Kind: apikey.NotFound, Detail: "The API belongs to no service."}
		}
		return copyService(service), nil
	})
}

// Peppers implements [apikey.Store].
func (s *Store) Peppers(ctx context.Context) ([]apikey.Pepper, error) {
	return read(ctx, s, "read the peppers", func() ([]apikey.Pepper, error) {
		var peppers []apikey.Pepper
		for _, version := range slices.Sorted(maps.Keys(s.peppers)) {
			peppers = append(peppers, copyPepper(s.peppers[version]))
		}
		return peppers, nil
	})
}

// Keys implements [apikey.Store].
func (s *Store) Keys(ctx context.Context, org apikey.OrgID, after apikey.Position, limit int) (keys []apikey.Key, more bool, err error) {
	keys, err = read(ctx, s, "list keys", func() (keys []apikey.Key, _ error) {
		for _, key := range s.keys {
			if key.Org == org && comparePositions(positionOf(key), after) > 0 {
				keys = append(keys, copyKey(key))
			}
		}
		slices.SortFunc(keys, func(a, b apikey.Key) int { return comparePositions(positionOf(a), positionOf(b)) })
		return keys, nil
	})
	if len(keys) > limit {
		return keys[:limit:limit], true, nil
	}
	return keys, false, err
}

// AuditRecords implements [AuditReader].
func (s *Store) AuditRecords(ctx context.Context, org apikey.OrgID) ([]apikey.AuditRecord, error) {
	return read(ctx, s, "read the audit log", func() (records []apikey.AuditRecord, _ error) {
		for _, record := range s.audit {
			if record.Org == org {
				records = append(records, copyAudit(record))
			}
		}
		slices.SortFunc(records, func(a, b apikey.AuditRecord) int {
			return comparePositions(apikey.Position{CreatedOn: a.At, ID: a.ID}, apikey.Position{CreatedOn: b.At, ID: b.ID})
		})
		return records, nil
	})
}

func positionOf(key apikey.Key) apikey.Position {
	return apikey.Position{CreatedOn: key.CreatedOn, ID: key.ID}
}

func comparePositions(a, b apikey.Position) int {
	return cmp.Or(a.CreatedOn.Compare(b.CreatedOn), slices.Compare(a.ID[:], b.ID[:]))
}
