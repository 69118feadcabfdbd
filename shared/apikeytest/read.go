package apikeytest

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/uuid"
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
	named := ref
	if ref.Account != "" {
		named = s.apis[ref]
	}
	found, exists := s.records[named]
	switch {
	case !exists && ref.Subject == apikey.SubjectStatus:
		return apikey.Finding{Err: apikey.NoSuch(apikey.SubjectOrganization)}
	case !exists:
		return apikey.Finding{Err: apikey.NoSuch(ref.Subject)}
	case s.damaged[ref]:
		return apikey.Finding{Damaged: clone(found), Err: apikey.UnavailableError("read "+ref.String(), errDamaged)}
	}
	return apikey.Finding{Record: clone(found)}
}

// Names implements [apikey.Store].
func (s *Store) Names(ctx context.Context, org apikey.OrgID, policies, users []uuid.UUID) (apikey.Names, error) {
	names := apikey.Names{Policies: map[uuid.UUID]string{}, Users: map[uuid.UUID]string{}}
	named := func(id uuid.UUID) bool { return !id.IsZero() }
	if !slices.ContainsFunc(policies, named) && !slices.ContainsFunc(users, named) {
		return names, nil
	}
	return read(ctx, s, "read names", func() (apikey.Names, error) {
		for _, id := range policies {
			if policy, ok := record[apikey.Policy](s, apikey.PolicyRef(org, id)); ok {
				names.Policies[id] = policy.Name
			}
		}
		for _, id := range users {
			if user, ok := record[apikey.User](s, apikey.UserRef(org, id)); ok {
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
func (s *Store) Sealed(ctx context.Context, id uuid.UUID) ([]byte, error) {
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
			peppers = append(peppers, clone(s.peppers[version]))
		}
		return peppers, nil
	})
}

// Organizations implements [apikey.Store].
func (s *Store) Organizations(ctx context.Context, after apikey.OrgID, limit int) (apikey.Listed[apikey.OrgID, apikey.OrgID], error) {
	return read(ctx, s, "list the organizations", func() (part apikey.Listed[apikey.OrgID, apikey.OrgID], err error) {
		for _, id := range slices.Sorted(maps.Keys(s.entered)) {
			switch {
			case id <= after:
			case len(part.Records) == limit:
				part.Next = &part.Records[limit-1]
				return part, nil
			default:
				part.Records = append(part.Records, id)
			}
		}
		return part, nil
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
