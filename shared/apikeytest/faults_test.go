package apikeytest

import (
	"context"
	"slices"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/uuid"
)

// faulty is a store with one fault. A nil function means no fault.
type faulty struct {
	*Store
	commit func(context.Context, *Store, apikey.Change) error
	find   func(s *Store, ref apikey.Ref, found apikey.Finding) apikey.Finding
	list   func(*apikey.Listed[apikey.Key, apikey.Position])
	pepper func([]apikey.Pepper)
	audit  func([]apikey.AuditRecord)
	names  func(apikey.Names)
	size   func(record any, size int) int
	// unfiltered makes listings of keys ignore the filter.
	unfiltered bool
}

func (f faulty) Commit(ctx context.Context, change apikey.Change) error {
	if f.commit != nil {
		return f.commit(ctx, f.Store, change)
	}
	return f.Store.Commit(ctx, change)
}

func (f faulty) Size(record any) int {
	size := f.Store.Size(record)
	if f.size != nil {
		size = f.size(record, size)
	}
	return size
}

func (f faulty) Read(ctx context.Context, refs ...apikey.Ref) (apikey.Found, error) {
	found, err := f.Store.Read(ctx, refs...)
	for ref, finding := range found {
		if f.find != nil {
			found[ref] = f.find(f.Store, ref, finding)
		}
	}
	return found, err
}

func (f faulty) Keys(ctx context.Context, org apikey.OrgID, filter apikey.KeyFilter, after apikey.Position, limit int) (apikey.Listed[apikey.Key, apikey.Position], error) {
	if f.unfiltered {
		filter = apikey.KeyFilter{}
	}
	part, err := f.Store.Keys(ctx, org, filter, after, limit)
	if f.list != nil {
		f.list(&part)
	}
	return part, err
}

func (f faulty) Peppers(ctx context.Context) ([]apikey.Pepper, error) {
	peppers, err := f.Store.Peppers(ctx)
	if f.pepper != nil {
		f.pepper(peppers)
	}
	return peppers, err
}

func (f faulty) AuditRecords(ctx context.Context, org apikey.OrgID, filter apikey.AuditFilter, before apikey.Position, limit int) (apikey.Listed[apikey.AuditRecord, apikey.Position], error) {
	part, err := f.Store.AuditRecords(ctx, org, filter, before, limit)
	if f.audit != nil {
		f.audit(part.Records)
	}
	return part, err
}

func (f faulty) Names(ctx context.Context, org apikey.OrgID, policies, users []uuid.UUID) (apikey.Names, error) {
	names, err := f.Store.Names(ctx, org, policies, users)
	if f.names != nil {
		f.names(names)
	}
	return names, err
}

// finding returns a store that finds a zero record instead of none.
func finding(zero func(apikey.Found, apikey.Ref) (any, error), subject apikey.Subject) faulty {
	return faulty{find: func(_ *Store, ref apikey.Ref, found apikey.Finding) apikey.Finding {
		if ref.Subject == subject && found.Err != nil {
			found.Record, _ = zero(apikey.Found{}, ref)
			found.Err = nil
		}
		return found
	}}
}

// rewriting returns a store that commits other writes than it was given.
func rewriting(rewrite func(*Store, apikey.Write) apikey.Write) faulty {
	return faulty{commit: func(ctx context.Context, s *Store, change apikey.Change) error {
		change.Writes = slices.Clone(change.Writes)
		for i, write := range change.Writes {
			change.Writes[i] = rewrite(s, write)
		}
		return s.Commit(ctx, change)
	}}
}

// afterwards returns a store that does something wrong after each change.
func afterwards(wrong func(s *Store, change apikey.Change, failed bool)) faulty {
	return faulty{commit: func(ctx context.Context, s *Store, change apikey.Change) error {
		err := s.Commit(ctx, change)
		s.mu.Lock()
		defer s.mu.Unlock()
		wrong(s, change, err != nil)
		return err
	}}
}

// after returns a store that does something wrong after each write of a type.
func after[W apikey.Write](wrong func(s *Store, write W)) faulty {
	return afterwards(func(s *Store, change apikey.Change, failed bool) {
		for _, write := range change.Writes {
			if w, ok := write.(W); ok && !failed {
				wrong(s, w)
			}
		}
	})
}

// answering returns a store that returns one kind of error instead of another.
func answering(wrong, right apikey.Kind) faulty {
	return faulty{commit: func(ctx context.Context, s *Store, change apikey.Change) error {
		err := s.Commit(ctx, change)
		if err != nil && apikey.KindOf(err) == right {
			return &apikey.Error{Kind: wrong}
		}
		return err
	}}
}

// drift adjusts the count of an owner of keys, if it exists.
func drift(s *Store, owner apikey.Ref, by int) {
	if kept, ok := s.records[owner]; ok {
		s.records[owner] = withCount(kept, countOf(kept)+by)
	}
}

// droppingRequired returns a store that ignores Require writes about a subject.
func droppingRequired(subject apikey.Subject) faulty {
	return rewriting(func(_ *Store, write apikey.Write) apikey.Write {
		if w, ok := write.(apikey.Require); ok && w.Ref.Subject == subject {
			return apikey.FinishTask{}
		}
		return write
	})
}

// faults holds stores for which the contract must fail.
var faults = map[string]faulty{
	"counts no bytes":           {size: func(any, int) int { return 100 }},
	"counts bytes far too high": {size: func(_ any, size int) int { return 10 * size }},
	"counts no bytes of a service": {size: func(record any, size int) int {
		if _, ok := record.(apikey.Service); ok {
			return 100
		}
		return size
	}},
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
			w.Before.Version = versionOf(s.records[apikey.KeyRef(w.Before.ID)])
			return w
		}
		return write
	}),
	"replaces outcomes": rewriting(func(s *Store, write apikey.Write) apikey.Write {
		if w, ok := write.(apikey.PutOutcome); ok {
			w.Outcome.Version = versionOf(s.find(w.Outcome.Ref()).Record) + 1
			return w
		}
		return write
	}),
	"forgets outcomes": after(func(s *Store, w apikey.PutOutcome) { delete(s.records, w.Outcome.Ref()) }),
	"outcomes without a caller": {find: func(s *Store, ref apikey.Ref, found apikey.Finding) apikey.Finding {
		for known := range s.records {
			if known.Subject == ref.Subject && known.Org == ref.Org && known.Service == ref.Service {
				return s.find(known)
			}
		}
		return found
	}},
	"counts as it is told": after(func(s *Store, w apikey.ReplaceOrganization) { s.records[apikey.OrganizationRef(w.After.ID)] = w.After }),
	"creates with a count": after(func(s *Store, w apikey.CreateOrganization) {
		s.records[apikey.OrganizationRef(w.Organization.ID)] = w.Organization
	}),
	"drifts on deletion":  after(func(s *Store, w apikey.DeleteKey) { drift(s, apikey.OrganizationRef(w.Key.Org), 1) }),
	"drifts on creation":  after(func(s *Store, w apikey.CreateKey) { drift(s, apikey.OrganizationRef(w.Key.Org), -1) }),
	"keeps deleted keys":  after(func(s *Store, w apikey.DeleteKey) { s.records[apikey.KeyRef(w.Key.ID)] = w.Key }),
	"keeps deleted names": after(func(s *Store, w apikey.DeleteKey) { s.claims[keyClaim(w.Key)] = w.Key.ID }),
	"keeps old names": after(func(s *Store, w apikey.ReplaceKey) {
		if w.Before.Name != w.After.Name {
			s.claims[keyClaim(w.Before)] = w.Before.ID
		}
	}),
	"forgets new names":  after(func(s *Store, w apikey.ReplaceKey) { delete(s.claims, keyClaim(w.After)) }),
	"shares what it got": after(func(s *Store, w apikey.CreateKey) { s.records[apikey.KeyRef(w.Key.ID)] = w.Key }),
	"one API of a service": after(func(s *Store, w apikey.PutService) {
		if len(w.After.APIs) > 1 {
			delete(s.apis, apikey.APIRef(w.After.APIs[1]))
		}
	}),
	"loses audit records": afterwards(func(s *Store, change apikey.Change, _ bool) { delete(s.audit, auditRef(change.Audits[0])) }),
	"audits what it refused": afterwards(func(s *Store, change apikey.Change, _ bool) {
		s.audit[auditRef(change.Audits[0])] = change.Audits[0]
	}),
	"applies half": {commit: func(ctx context.Context, s *Store, change apikey.Change) error {
		for _, write := range change.Writes {
			s.mu.Lock()
			part := commit{s, movesOf([]apikey.Write{write})}
			err := part.check(write)
			if err == nil {
				part.apply(write)
				part.applyCounts()
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
		delete(s.audit, auditRef(change.Audits[0]))
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
	"shares what it has": {find: func(s *Store, ref apikey.Ref, found apikey.Finding) apikey.Finding {
		if key, ok := record[apikey.Key](s, ref); ok {
			return apikey.Finding{Record: key}
		}
		return found
	}},
	"finds no key, no error": finding(func(found apikey.Found, ref apikey.Ref) (any, error) { return found.Key(ref.ID) }, apikey.SubjectKey),
	"finds no org, no error": finding(func(found apikey.Found, ref apikey.Ref) (any, error) { return found.Organization(ref.Org) }, apikey.SubjectOrganization),
	"forgets what it was asked": {find: func(_ *Store, _ apikey.Ref, found apikey.Finding) apikey.Finding {
		if found.Err != nil {
			return apikey.Finding{}
		}
		return found
	}},
	"lists backwards":    {list: func(part *apikey.Listed[apikey.Key, apikey.Position]) { slices.Reverse(part.Records) }},
	"never has more":     {list: func(part *apikey.Listed[apikey.Key, apikey.Position]) { part.Next = nil }},
	"hides damage":       {list: func(part *apikey.Listed[apikey.Key, apikey.Position]) { part.Damaged = nil }},
	"names nobody":       {names: func(names apikey.Names) { clear(names.Users) }},
	"names what is gone": {names: func(names apikey.Names) { names.Policies[uuid.UUID{1}] = "" }},
	"peppers backwards":  {pepper: slices.Reverse[[]apikey.Pepper]},
	"audit backwards":    {audit: slices.Reverse[[]apikey.AuditRecord]},
}
