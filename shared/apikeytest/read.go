package apikeytest

import (
	"bytes"
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/keytext"
)

// Key implements [apikey.Store].
func (s *Store) Key(ctx context.Context, id keytext.ID) (apikey.Key, error) {
	return lookUp(ctx, s, apikey.SubjectKey, s.keys, id, copyKey)
}

// Organization implements [apikey.Store].
func (s *Store) Organization(ctx context.Context, id apikey.OrgID) (apikey.Organization, error) {
	return lookUp(ctx, s, apikey.SubjectOrganization, s.orgs, id, copyOrganization)
}

// Suspended implements [apikey.Store].
func (s *Store) Suspended(ctx context.Context, id apikey.OrgID) (bool, error) {
	org, err := s.Organization(ctx, id)
	return org.Suspended, err
}

// Policy implements [apikey.Store].
func (s *Store) Policy(ctx context.Context, org apikey.OrgID, id keytext.ID) (apikey.Policy, error) {
	return lookUp(ctx, s, apikey.SubjectPolicy, s.policies, owned{org, id}, copyPolicy)
}

// User implements [apikey.Store].
func (s *Store) User(ctx context.Context, org apikey.OrgID, id keytext.ID) (apikey.User, error) {
	return lookUp(ctx, s, apikey.SubjectUser, s.users, owned{org, id}, copyUser)
}

// UserByClaim implements [apikey.Store].
func (s *Store) UserByClaim(ctx context.Context, org apikey.OrgID, email string) (apikey.User, error) {
	return read(ctx, s, "find a user", func() (apikey.User, error) {
		id, ok := s.claims[claim{org, apikey.SubjectUser, email}]
		if !ok {
			return apikey.User{}, apikey.NoSuch(apikey.SubjectUser)
		}
		return copyUser(s.users[owned{org, id}]), nil
	})
}

// RegisteredService implements [apikey.Store].
func (s *Store) RegisteredService(ctx context.Context, org apikey.OrgID, id string) (apikey.Service, error) {
	return lookUp(ctx, s, apikey.SubjectService, s.services, serviceID{org, id}, copyService)
}

// Service implements [apikey.Store].
func (s *Store) Service(ctx context.Context, api apikey.API) (apikey.Service, error) {
	return read(ctx, s, "find a service", func() (apikey.Service, error) {
		id, ok := s.apis[apiID{api.Account, api.ID}]
		if !ok {
			return apikey.Service{}, apikey.NoSuch(apikey.SubjectService)
		}
		return copyService(s.services[id]), nil
	})
}

// Sealed implements [apikey.Store].
func (s *Store) Sealed(ctx context.Context, id keytext.ID) ([]byte, error) {
	return lookUp(ctx, s, apikey.SubjectKey, s.sealed, id, slices.Clone[[]byte])
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

// Unfinished implements [apikey.Store].
func (s *Store) Unfinished(ctx context.Context) ([]apikey.Task, error) {
	return read(ctx, s, "read the tasks", func() ([]apikey.Task, error) {
		return slices.SortedFunc(maps.Keys(s.tasks), func(a, b apikey.Task) int {
			return cmp.Or(cmp.Compare(a.Org, b.Org), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Target, b.Target))
		}), nil
	})
}

// Keys implements [apikey.Store].
func (s *Store) Keys(ctx context.Context, org apikey.OrgID, filter apikey.KeyFilter, after apikey.Position, limit int) (keys []apikey.Key, more bool, err error) {
	return list(ctx, s, "list keys", s.keys, func(k apikey.Key) bool {
		return k.Org == org && filter.Matches(k) && comparePositions(positionOf(k), after) > 0
	}, func(a, b apikey.Key) int { return comparePositions(positionOf(a), positionOf(b)) }, limit, copyKey)
}

// Policies implements [apikey.Store].
func (s *Store) Policies(ctx context.Context, org apikey.OrgID, after keytext.ID, limit int) (policies []apikey.Policy, more bool, err error) {
	return list(ctx, s, "list policies", s.policies, func(p apikey.Policy) bool {
		return p.Org == org && compareIDs(p.ID, after) > 0
	}, func(a, b apikey.Policy) int { return compareIDs(a.ID, b.ID) }, limit, copyPolicy)
}

// Users implements [apikey.Store].
func (s *Store) Users(ctx context.Context, org apikey.OrgID, after keytext.ID, limit int) (users []apikey.User, more bool, err error) {
	return list(ctx, s, "list users", s.users, func(u apikey.User) bool {
		return u.Org == org && compareIDs(u.ID, after) > 0
	}, func(a, b apikey.User) int { return compareIDs(a.ID, b.ID) }, limit, copyUser)
}

// Services implements [apikey.Store].
func (s *Store) Services(ctx context.Context, org apikey.OrgID, after string, limit int) (services []apikey.Service, more bool, err error) {
	return list(ctx, s, "list services", s.services, func(v apikey.Service) bool {
		return v.Org == org && v.ID > after
	}, func(a, b apikey.Service) int { return strings.Compare(a.ID, b.ID) }, limit, copyService)
}

// AuditRecords implements [apikey.Store].
func (s *Store) AuditRecords(ctx context.Context, org apikey.OrgID, filter apikey.AuditFilter, before apikey.Position, limit int) (records []apikey.AuditRecord, more bool, err error) {
	return list(ctx, s, "read the audit log", s.audit, func(r apikey.AuditRecord) bool {
		return r.Org == org && filter.Matches(r) && (before == apikey.Position{} || comparePositions(recordedAt(r), before) < 0)
	}, func(a, b apikey.AuditRecord) int { return comparePositions(recordedAt(b), recordedAt(a)) }, limit, copyAudit)
}

func positionOf(key apikey.Key) apikey.Position {
	return apikey.Position{CreatedOn: key.CreatedOn, ID: key.ID}
}

func recordedAt(record apikey.AuditRecord) apikey.Position {
	return apikey.Position{CreatedOn: record.At, ID: record.ID}
}

func comparePositions(a, b apikey.Position) int {
	return cmp.Or(a.CreatedOn.Compare(b.CreatedOn), compareIDs(a.ID, b.ID))
}

func compareIDs(a, b keytext.ID) int { return bytes.Compare(a[:], b[:]) }
