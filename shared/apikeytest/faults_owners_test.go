package apikeytest

import (
	"context"
	"maps"
	"slices"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/uuid"
)

// dropping returns a store that leaves out one type of write.
func dropping[W apikey.Write]() faulty {
	return rewriting(func(_ *Store, write apikey.Write) apikey.Write {
		if _, ok := write.(W); ok {
			return apikey.FinishTask{}
		}
		return write
	})
}

// checking returns a store that also refuses writes that the contract allows.
func checking(wrong func(s *Store, write apikey.Write) bool, kind apikey.Kind) faulty {
	return faulty{commit: func(ctx context.Context, s *Store, change apikey.Change) error {
		s.mu.Lock()
		refused := slices.ContainsFunc(change.Writes, func(write apikey.Write) bool { return wrong(s, write) })
		s.mu.Unlock()
		if refused {
			return &apikey.Error{Kind: kind}
		}
		return s.Commit(ctx, change)
	}}
}

// policyAs returns a store that changes a policy while it checks the conditions
// of a change.
func policyAs(look func(*apikey.Policy)) faulty {
	return faulty{commit: func(ctx context.Context, s *Store, change apikey.Change) error {
		s.mu.Lock()
		kept := maps.Clone(s.records)
		for ref, record := range s.records {
			if policy, ok := record.(apikey.Policy); ok {
				look(&policy)
				s.records[ref] = policy
			}
		}
		s.mu.Unlock()
		err := s.Commit(ctx, change)
		s.mu.Lock()
		defer s.mu.Unlock()
		for ref, record := range s.records {
			if policy, ok := record.(apikey.Policy); ok {
				before, _ := kept[ref].(apikey.Policy)
				policy.Deleted = before.Deleted
				s.records[ref] = policy
			}
		}
		return err
	}}
}

// ownerFaults holds stores with faults of policies, users, services, tasks and
// copies.
var ownerFaults = map[string]faulty{
	"deletes another's damaged key": rewriting(func(s *Store, write apikey.Write) apikey.Write {
		if w, ok := write.(apikey.DeleteKey); ok && w.Damaged {
			key, _ := record[apikey.Key](s, apikey.KeyRef(w.Key.ID))
			w.Key.Org = key.Org
			return w
		}
		return write
	}),
	"keeps the count of a damaged policy": rewriting(func(s *Store, write apikey.Write) apikey.Write {
		if w, ok := write.(apikey.ReplacePolicy); ok && w.Damaged {
			w.After.KeyCount = countOf(s.records[policyRef(w.After)])
			return w
		}
		return write
	}),
	"buries a policy whatever it counts": rewriting(func(s *Store, write apikey.Write) apikey.Write {
		if w, ok := write.(apikey.DeletePolicy); ok && w.Miscounted {
			w.Policy.KeyCount = countOf(s.records[policyRef(w.Policy)])
			return w
		}
		return write
	}),
	"asks for the version of a damaged user": rewriting(func(_ *Store, write apikey.Write) apikey.Write {
		if w, ok := write.(apikey.DeleteUser); ok && w.Damaged {
			w.Damaged, w.User.Version = false, 0
			return w
		}
		return write
	}),
	"tells nothing of a damaged record": {find: func(_ *Store, _ apikey.Ref, found apikey.Finding) apikey.Finding {
		found.Damaged = nil
		return found
	}},
	"counts below zero":         after(func(s *Store, w apikey.DeleteKey) { drift(s, apikey.PolicyRef(w.Key.Org, w.Key.Policy), -1) }),
	"ignores required policies": droppingRequired(apikey.SubjectPolicy),
	"ignores required users":    droppingRequired(apikey.SubjectUser),
	"ignores required orgs":     droppingRequired(apikey.SubjectOrganization),
	"ignores required statuses": droppingRequired(apikey.SubjectStatus),
	"replaces no status":        dropping[apikey.ReplaceStatus](),
	"replaces any status": rewriting(func(s *Store, write apikey.Write) apikey.Write {
		if w, ok := write.(apikey.ReplaceStatus); ok {
			w.Before.Version = versionOf(s.records[apikey.StatusRef(w.After.Org)])
			return w
		}
		return write
	}),
	"keeps no status of a new org": after(func(s *Store, w apikey.CreateOrganization) { delete(s.records, apikey.StatusRef(w.Organization.ID)) }),
	"removes users who have more keys": rewriting(func(_ *Store, write apikey.Write) apikey.Write {
		if w, ok := write.(apikey.DeleteUser); ok {
			w.Counted = false
			return w
		}
		return write
	}),
	"changes users who have more keys": rewriting(func(_ *Store, write apikey.Write) apikey.Write {
		if w, ok := write.(apikey.ReplaceUser); ok {
			w.Counted = false
			return w
		}
		return write
	}),
	"deletes no policy":  dropping[apikey.DeletePolicy](),
	"deletes no user":    dropping[apikey.DeleteUser](),
	"deletes no service": dropping[apikey.DeleteService](),
	"begins no task":     dropping[apikey.BeginTask](),
	"finishes no task":   dropping[apikey.FinishTask](),
	"lets keys under a tombstone": policyAs(func(p *apikey.Policy) {
		p.Deleted = false
	}),
	"replaces any policy": rewriting(func(s *Store, write apikey.Write) apikey.Write {
		if w, ok := write.(apikey.ReplacePolicy); ok {
			w.Before.Version = versionOf(s.records[policyRef(w.Before)])
			return w
		}
		return write
	}),
	"replaces any user": rewriting(func(s *Store, write apikey.Write) apikey.Write {
		if w, ok := write.(apikey.ReplaceUser); ok {
			w.Before.Version = versionOf(s.records[userRef(w.Before)])
			return w
		}
		return write
	}),
	"replaces any service": rewriting(func(s *Store, write apikey.Write) apikey.Write {
		if w, ok := write.(apikey.PutService); ok {
			w.Before, _ = record[apikey.Service](s, serviceRef(w.After))
			return w
		}
		return write
	}),
	"counts a policy as told":  after(func(s *Store, w apikey.ReplacePolicy) { s.records[policyRef(w.After)] = w.After }),
	"counts a user as told":    after(func(s *Store, w apikey.ReplaceUser) { s.records[userRef(w.After)] = w.After }),
	"creates a counted policy": after(func(s *Store, w apikey.CreatePolicy) { s.records[policyRef(w.Policy)] = w.Policy }),
	"creates a counted user":   after(func(s *Store, w apikey.CreateUser) { s.records[userRef(w.User)] = w.User }),
	"counts shared keys": after(func(s *Store, w apikey.CreateKey) {
		if w.Key.Type == apikey.TypeShared {
			drift(s, apikey.UserRef(w.Key.Org, w.Key.OnBehalfOf), 1)
		}
	}),
	"forgets who had a key":   after(func(s *Store, w apikey.DeleteKey) { drift(s, apikey.UserRef(w.Key.Org, w.Key.OnBehalfOf), 1) }),
	"forgets what had a key":  after(func(s *Store, w apikey.DeleteKey) { drift(s, apikey.PolicyRef(w.Key.Org, w.Key.Policy), 1) }),
	"counts a replaced again": after(func(s *Store, w apikey.ReplaceKey) { drift(s, apikey.PolicyRef(w.After.Org, w.After.Policy), 1) }),
	"wants a deleted user": checking(func(s *Store, write apikey.Write) bool {
		w, ok := write.(apikey.DeleteKey)
		user, counts := userOf(w.Key)
		return ok && counts && versionOf(s.records[user]) == 0
	}, apikey.Stale),
	"keeps a tombstone's name": after(func(s *Store, w apikey.ReplacePolicy) {
		s.claims[claim{w.After.Org, apikey.SubjectPolicy, w.After.Claim}] = w.After.ID
	}),
	"a tombstone takes its name along": after(func(s *Store, w apikey.DeletePolicy) {
		delete(s.claims, claim{w.Policy.Org, apikey.SubjectPolicy, w.Policy.Claim})
	}),
	"keeps a policy's old name": after(func(s *Store, w apikey.ReplacePolicy) { s.claims[policyClaim(w.Before)] = w.Before.ID }),
	"keeps a deleted address":   after(func(s *Store, w apikey.DeleteUser) { s.claims[userClaim(w.User)] = w.User.ID }),
	"keeps an old address": after(func(s *Store, w apikey.ReplaceUser) {
		if w.Before.Claim != w.After.Claim {
			s.claims[userClaim(w.Before)] = w.Before.ID
		}
	}),
	"keeps a service's old APIs": after(func(s *Store, w apikey.PutService) {
		for _, api := range w.Before.APIs {
			s.apis[apikey.APIRef(api)] = serviceRef(w.After)
		}
	}),
	"keeps an encrypted copy": after(func(s *Store, w apikey.DeleteKey) { s.sealed[w.Key.ID] = []byte{1} }),
	"loses an encrypted copy": after(func(s *Store, w apikey.ReplaceKey) { delete(s.sealed, w.After.ID) }),
	"copies every key":        after(func(s *Store, w apikey.CreateKey) { s.sealed[w.Key.ID] = []byte{0, 1, 255} }),
	"compares names by their text": after(func(s *Store, w apikey.CreateKey) {
		delete(s.claims, keyClaim(w.Key))
		s.claims[claim{w.Key.Org, apikey.SubjectKey, w.Key.Name}] = w.Key.ID
	}),
	"keeps the first record only": {commit: func(ctx context.Context, s *Store, change apikey.Change) error {
		change.Audits = change.Audits[:min(1, len(change.Audits))]
		return s.Commit(ctx, change)
	}},
	"takes a change without a record": {commit: func(ctx context.Context, s *Store, change apikey.Change) error {
		if len(change.Audits) == 0 {
			id, _ := uuid.New(Entropy(1))
			change.Audits = []apikey.AuditRecord{{ID: id, Org: acme}}
		}
		return s.Commit(ctx, change)
	}},
	"filters no keys": {unfiltered: true},
	"audit with holes": {audit: func(records []apikey.AuditRecord) {
		if len(records) > 2 {
			slices.Reverse(records[1:])
		}
	}},
}
