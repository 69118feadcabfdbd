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

// Read implements [apikey.Store].
func (s *Store) Read(ctx context.Context, refs ...apikey.Ref) (apikey.Found, error) {
	return read(ctx, s, "read records", func() (apikey.Found, error) {
		s.asked += len(refs)
		found := make(apikey.Found, len(refs))
		for _, ref := range refs {
			found[ref] = s.find(ref)
		}
		return found, nil
	})
}

// find looks one record up and copies it. s.mu must be held.
func (s *Store) find(ref apikey.Ref) apikey.Finding {
	id := owned{ref.Org, ref.ID}
	switch ref.Subject {
	case apikey.SubjectKey:
		return lookUp(ref, s.keys, ref.ID, copyKey)
	case apikey.SubjectOrganization:
		return lookUp(ref, s.orgs, ref.Org, copyOrganization)
	case apikey.SubjectStatus:
		return lookUp(apikey.OrganizationRef(ref.Org), s.statuses, ref.Org, func(status apikey.Status) apikey.Status { return status })
	case apikey.SubjectPolicy:
		return lookUp(ref, s.policies, id, copyPolicy)
	case apikey.SubjectUser:
		return lookUp(ref, s.users, id, copyUser)
	}
	named := serviceID{ref.Org, ref.Service}
	if ref.API != (apikey.API{}) {
		named = s.apis[apiID{ref.API.Account, ref.API.ID}]
	}
	return lookUp(ref, s.services, named, copyService)
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

// Sealed implements [apikey.Store].
func (s *Store) Sealed(ctx context.Context, id keytext.ID) ([]byte, error) {
	return read(ctx, s, "read a copy", func() ([]byte, error) {
		sealed, ok := s.sealed[id]
		if !ok {
			return nil, apikey.NoSuchKey()
		}
		return slices.Clone(sealed), nil
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
