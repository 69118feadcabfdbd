package apikeytest

import (
	"context"
	"fmt"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/keytext"
)

// Commit implements [apikey.Store]. Since the writes of a change concern
// different things, checking all of them before applying any is the same as a
// transaction.
func (s *Store) Commit(ctx context.Context, change apikey.Change) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.failed(ctx, "commit a change"); err != nil {
		return err
	}
	if _, applied := s.audit[change.Audit.ID]; applied {
		return nil
	}
	for _, write := range change.Writes {
		if err := s.check(write); err != nil {
			return err
		}
	}
	for _, write := range change.Writes {
		s.apply(write)
	}
	s.audit[change.Audit.ID] = copyAudit(change.Audit)
	return nil
}

// check is the first condition of a write that does not hold.
func (s *Store) check(write apikey.Write) error {
	switch w := write.(type) {
	case apikey.CreateKey:
		return s.checkCreate(w.Key)
	case apikey.ReplaceKey:
		if !s.hasKey(w.Before.ID, w.Before.Version) {
			return apikey.StaleError()
		}
		if w.After.Name != w.Before.Name {
			return s.checkName(w.After)
		}
	case apikey.DeleteKey:
		return unless(s.hasKey(w.Key.ID, w.Key.Version))
	case apikey.RequireKey:
		return unless(s.hasKey(w.ID, w.Version))
	case apikey.CreateOrganization:
		_, exists := s.orgs[w.Organization.ID]
		return unless(!exists)
	case apikey.ReplaceOrganization:
		org, exists := s.orgs[w.Before.ID]
		return unless(exists && org.Version == w.Before.Version)
	case apikey.CreatePepper:
		_, exists := s.peppers[w.Pepper.Version]
		return unless(!exists)
	case apikey.PutService:
	default:
		panic(fmt.Sprintf("apikeytest: %T is no write of this store", write))
	}
	return nil
}

func (s *Store) hasKey(id keytext.ID, version int64) bool {
	key, exists := s.keys[id]
	return exists && key.Version == version
}

// unless is the error of a condition on a state, unless it holds.
func unless(holds bool) error {
	if holds {
		return nil
	}
	return apikey.StaleError()
}

func (s *Store) checkCreate(key apikey.Key) error {
	org, ok := s.orgs[key.Org]
	if _, exists := s.keys[key.ID]; exists || !ok {
		return apikey.StaleError()
	}
	if org.KeyCount >= org.MaxKeys {
		return apikey.QuotaError(org.MaxKeys)
	}
	return s.checkName(key)
}

func (s *Store) checkName(key apikey.Key) error {
	if _, taken := s.names[claim{key.Org, key.Name}]; taken && key.Name != "" {
		return apikey.NameError()
	}
	return nil
}

func (s *Store) apply(write apikey.Write) {
	switch w := write.(type) {
	case apikey.CreateKey:
		s.put(w.Key)
		s.count(w.Key.Org, +1)
	case apikey.ReplaceKey:
		s.remove(w.Before)
		s.put(w.After)
	case apikey.DeleteKey:
		s.remove(w.Key)
		s.count(w.Key.Org, -1)
	case apikey.CreateOrganization:
		org := copyOrganization(w.Organization)
		org.KeyCount = 0
		s.orgs[org.ID] = org
	case apikey.ReplaceOrganization:
		org := copyOrganization(w.After)
		org.KeyCount = s.orgs[org.ID].KeyCount
		s.orgs[org.ID] = org
	case apikey.CreatePepper:
		s.peppers[w.Pepper.Version] = copyPepper(w.Pepper)
	case apikey.PutService:
		for _, api := range w.Service.APIs {
			s.services[api] = copyService(w.Service)
		}
	}
}

func (s *Store) put(key apikey.Key) {
	s.keys[key.ID] = copyKey(key)
	s.names[claim{key.Org, key.Name}] = key.ID
}

func (s *Store) remove(key apikey.Key) {
	delete(s.keys, key.ID)
	delete(s.names, claim{key.Org, key.Name})
}

func (s *Store) count(id apikey.OrgID, by int) {
	org := s.orgs[id]
	org.KeyCount += by
	s.orgs[id] = org
}
