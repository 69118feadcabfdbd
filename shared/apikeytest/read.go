package apikeytest

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/keytext"
	"github.com/keyward/keyward/shared/routing"
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

// find reads one record and copies it. s.mu must be held.
func (s *Store) find(ref apikey.Ref) apikey.Finding {
	found := s.stored(ref)
	if s.damaged[ref] && found.Err == nil {
		return apikey.Finding{Damaged: found.Record, Err: apikey.UnavailableError("read "+ref.String(), errDamaged)}
	}
	return found
}

// stored reads a record, whether damaged or not.
func (s *Store) stored(ref apikey.Ref) apikey.Finding {
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
	if ref.API != (routing.API{}) {
		named = s.apis[apiID{ref.API.Account, ref.API.ID}]
	}
	return lookUp(ref, s.services, named, copyService)
}

// Names implements [apikey.Store].
func (s *Store) Names(ctx context.Context, org apikey.OrgID, policies, users []keytext.ID) (apikey.Names, error) {
	names := apikey.Names{Policies: map[keytext.ID]string{}, Users: map[keytext.ID]string{}}
	named := func(id keytext.ID) bool { return !id.IsZero() }
	if !slices.ContainsFunc(policies, named) && !slices.ContainsFunc(users, named) {
		return names, nil
	}
	return read(ctx, s, "read names", func() (apikey.Names, error) {
		for _, id := range policies {
			if policy, ok := s.policies[owned{org, id}]; ok {
				names.Policies[id] = policy.Name
			}
		}
		for _, id := range users {
			if user, ok := s.users[owned{org, id}]; ok {
				names.Users[id] = user.Email
			}
		}
		return names, nil
	})
}

// UserByClaim implements [apikey.Store].
func (s *Store) UserByClaim(ctx context.Context, org apikey.OrgID, email string) (apikey.User, error) {
	return read(ctx, s, "find a user", func() (apikey.User, error) {
		id, ok := s.claims[claim{org, apikey.SubjectUser, email}]
		if !ok {
			return apikey.User{}, apikey.NoSuch(apikey.SubjectUser)
		}
		return apikey.Found{apikey.UserRef(org, id): s.find(apikey.UserRef(org, id))}.User(org, id)
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
func (s *Store) Unfinished(ctx context.Context) ([]apikey.Task, []apikey.Damage, error) {
	tasks, err := read(ctx, s, "read the tasks", func() ([]apikey.Task, error) {
		return slices.SortedFunc(maps.Keys(s.tasks), func(a, b apikey.Task) int {
			return cmp.Or(cmp.Compare(a.Org, b.Org), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Target, b.Target))
		}), nil
	})
	return tasks, nil, err
}
