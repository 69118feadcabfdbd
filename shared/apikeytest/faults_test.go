package apikeytest

import (
	"context"
	"slices"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/keytext"
)

// faulty is a store with one fault: a nil function is none.
type faulty struct {
	*Store
	commit func(context.Context, *Store, apikey.Change) error
	key    func(context.Context, *Store, keytext.ID) (apikey.Key, error)
	list   func([]apikey.Key, bool) ([]apikey.Key, bool)
	org    func(apikey.Organization, error) (apikey.Organization, error)
	pepper func([]apikey.Pepper)
	audit  func([]apikey.AuditRecord)
	// unfiltered ignores what a listing of keys is to leave out.
	unfiltered bool
}

func (f faulty) Commit(ctx context.Context, change apikey.Change) error {
	if f.commit != nil {
		return f.commit(ctx, f.Store, change)
	}
	return f.Store.Commit(ctx, change)
}

func (f faulty) Key(ctx context.Context, id keytext.ID) (apikey.Key, error) {
	if f.key != nil {
		return f.key(ctx, f.Store, id)
	}
	return f.Store.Key(ctx, id)
}

func (f faulty) Keys(ctx context.Context, org apikey.OrgID, filter apikey.KeyFilter, after apikey.Position, limit int) ([]apikey.Key, bool, error) {
	if f.unfiltered {
		filter = apikey.KeyFilter{}
	}
	keys, more, err := f.Store.Keys(ctx, org, filter, after, limit)
	if f.list != nil {
		keys, more = f.list(keys, more)
	}
	return keys, more, err
}

func (f faulty) Organization(ctx context.Context, id apikey.OrgID) (apikey.Organization, error) {
	org, err := f.Store.Organization(ctx, id)
	if f.org != nil {
		return f.org(org, err)
	}
	return org, err
}

func (f faulty) Peppers(ctx context.Context) ([]apikey.Pepper, error) {
	peppers, err := f.Store.Peppers(ctx)
	if f.pepper != nil {
		f.pepper(peppers)
	}
	return peppers, err
}

func (f faulty) AuditRecords(ctx context.Context, org apikey.OrgID, filter apikey.AuditFilter, before apikey.Position, limit int) ([]apikey.AuditRecord, bool, error) {
	records, more, err := f.Store.AuditRecords(ctx, org, filter, before, limit)
	if f.audit != nil {
		f.audit(records)
	}
	return records, more, err
}

// rewriting is a store that commits other writes than it was given.
func rewriting(rewrite func(*Store, apikey.Write) apikey.Write) faulty {
	return faulty{commit: func(ctx context.Context, s *Store, change apikey.Change) error {
		change.Writes = slices.Clone(change.Writes)
		for i, write := range change.Writes {
			change.Writes[i] = rewrite(s, write)
		}
		return s.Commit(ctx, change)
	}}
}

// afterwards is a store that does something wrong after each change.
func afterwards(wrong func(s *Store, change apikey.Change, failed bool)) faulty {
	return faulty{commit: func(ctx context.Context, s *Store, change apikey.Change) error {
		err := s.Commit(ctx, change)
		s.mu.Lock()
		defer s.mu.Unlock()
		wrong(s, change, err != nil)
		return err
	}}
}

// after is a store that does something wrong after each write of a type.
func after[W apikey.Write](wrong func(s *Store, write W)) faulty {
	return afterwards(func(s *Store, change apikey.Change, failed bool) {
		for _, write := range change.Writes {
			if w, ok := write.(W); ok && !failed {
				wrong(s, w)
			}
		}
	})
}

// answering is a store that gives one kind of error for another.
func answering(wrong, right apikey.Kind) faulty {
	return faulty{commit: func(ctx context.Context, s *Store, change apikey.Change) error {
		err := s.Commit(ctx, change)
		if err != nil && apikey.KindOf(err) == right {
			return &apikey.Error{Kind: wrong}
		}
		return err
	}}
}

func drift(s *Store, id apikey.OrgID, by int) {
	org := s.orgs[id]
	org.KeyCount += by
	s.orgs[id] = org
}

// droppingRequired is a store that ignores what a change requires of a subject.
func droppingRequired(subject apikey.Subject) faulty {
	return rewriting(func(_ *Store, write apikey.Write) apikey.Write {
		if w, ok := write.(apikey.Require); ok && w.Ref.Subject == subject {
			return apikey.FinishTask{}
		}
		return write
	})
}

// faults are stores that the contract must not accept.
var faults = map[string]faulty{
	"says stale for a taken name":      answering(apikey.Stale, apikey.NameTaken),
	"says unavailable for a full org":  answering(apikey.Unavailable, apikey.QuotaReached),
	"says internal for stale":          answering(apikey.Internal, apikey.Stale),
	"says internal for a cancellation": answering(apikey.Internal, apikey.Unavailable),
	"ignores required keys":            droppingRequired(apikey.SubjectKey),
	"ignores required absence": rewriting(func(_ *Store, write apikey.Write) apikey.Write {
		if w, ok := write.(apikey.Require); ok && w.Version == 0 {
			return apikey.FinishTask{}
		}
		return write
	}),
	"replaces any version": rewriting(func(s *Store, write apikey.Write) apikey.Write {
		if w, ok := write.(apikey.ReplaceKey); ok {
			w.Before.Version = s.keys[w.Before.ID].Version
			return w
		}
		return write
	}),
	"counts as it is told": after(func(s *Store, w apikey.ReplaceOrganization) { s.orgs[w.After.ID] = w.After }),
	"creates with a count": after(func(s *Store, w apikey.CreateOrganization) { s.orgs[w.Organization.ID] = w.Organization }),
	"drifts on deletion":   after(func(s *Store, w apikey.DeleteKey) { drift(s, w.Key.Org, 1) }),
	"drifts on creation":   after(func(s *Store, w apikey.CreateKey) { drift(s, w.Key.Org, -1) }),
	"keeps deleted keys":   after(func(s *Store, w apikey.DeleteKey) { s.keys[w.Key.ID] = w.Key }),
	"keeps deleted names":  after(func(s *Store, w apikey.DeleteKey) { s.claims[keyClaim(w.Key)] = w.Key.ID }),
	"keeps old names": after(func(s *Store, w apikey.ReplaceKey) {
		if w.Before.Name != w.After.Name {
			s.claims[keyClaim(w.Before)] = w.Before.ID
		}
	}),
	"forgets new names":  after(func(s *Store, w apikey.ReplaceKey) { delete(s.claims, keyClaim(w.After)) }),
	"shares what it got": after(func(s *Store, w apikey.CreateKey) { s.keys[w.Key.ID] = w.Key }),
	"one API of a service": after(func(s *Store, w apikey.PutService) {
		if len(w.After.APIs) > 1 {
			delete(s.apis, apiID{w.After.APIs[1].Account, w.After.APIs[1].ID})
		}
	}),
	"loses audit records": afterwards(func(s *Store, change apikey.Change, _ bool) { delete(s.audit, change.Audits[0].ID) }),
	"audits what it refused": afterwards(func(s *Store, change apikey.Change, _ bool) {
		s.audit[change.Audits[0].ID] = change.Audits[0]
	}),
	"applies half": {commit: func(ctx context.Context, s *Store, change apikey.Change) error {
		for _, write := range change.Writes {
			s.mu.Lock()
			part := commit{s, movesOf([]apikey.Write{write})}
			err := part.check(write)
			if err == nil {
				part.apply(write)
				part.count()
			}
			s.mu.Unlock()
			if err != nil {
				return err
			}
		}
		return s.Commit(ctx, apikey.Change{Audits: change.Audits})
	}},
	"applies again": {commit: func(ctx context.Context, s *Store, change apikey.Change) error {
		s.mu.Lock()
		delete(s.audit, change.Audits[0].ID)
		s.mu.Unlock()
		return s.Commit(ctx, change)
	}},
	"answers the last condition": {commit: func(ctx context.Context, s *Store, change apikey.Change) error {
		slices.Reverse(change.Writes)
		return s.Commit(ctx, change)
	}},
	"ignores cancellation": {commit: func(_ context.Context, s *Store, change apikey.Change) error {
		return s.Commit(context.Background(), change)
	}},
	"shares what it has": {key: func(_ context.Context, s *Store, id keytext.ID) (apikey.Key, error) {
		if key, ok := s.keys[id]; ok {
			return key, nil
		}
		return apikey.Key{}, apikey.NoSuchKey()
	}},
	"finds no key, no error": {key: func(ctx context.Context, s *Store, id keytext.ID) (apikey.Key, error) {
		key, _ := s.Key(ctx, id)
		return key, nil
	}},
	"finds no org, no error": {org: func(org apikey.Organization, _ error) (apikey.Organization, error) { return org, nil }},
	"lists backwards": {list: func(keys []apikey.Key, more bool) ([]apikey.Key, bool) {
		slices.Reverse(keys)
		return keys, more
	}},
	"never has more":    {list: func(keys []apikey.Key, _ bool) ([]apikey.Key, bool) { return keys, false }},
	"peppers backwards": {pepper: slices.Reverse[[]apikey.Pepper]},
	"audit backwards":   {audit: slices.Reverse[[]apikey.AuditRecord]},
}
