package apikeytest

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/routing"
	"github.com/keyward/keyward/shared/uuid"
)

// paged reads a listing with every page size. It fails the test unless the
// pages together are want, and all but the last are full.
func paged[T, P any](s *subject, want []T, read func(after P, limit int) (apikey.Listed[T, P], error)) {
	s.Helper()
	for limit := 1; limit <= len(want)+1; limit++ {
		var pages [][]T
		for next := new(P); next != nil; {
			part, err := read(*next, limit)
			s.must(err)
			if len(part.Records) == 0 || len(pages) > len(want) || part.Damaged != nil {
				s.Fatalf("page %d has %d records, damaged %v", len(pages), len(part.Records), part.Damaged)
			}
			pages, next = append(pages, part.Records), part.Next
		}
		s.equal(pages, slices.Collect(slices.Chunk(want, limit)))
	}
}

// ofAcme returns a listing of the organization acme, for paged and wantWhole.
func ofAcme[T, P any](s *subject, list func(context.Context, apikey.OrgID, P, int) (apikey.Listed[T, P], error)) func(P, int) (apikey.Listed[T, P], error) {
	return func(after P, limit int) (apikey.Listed[T, P], error) { return list(s.Context(), acme, after, limit) }
}

// filtered is ofAcme for a listing with a filter.
func filtered[T, F, P any](s *subject, list func(context.Context, apikey.OrgID, F, P, int) (apikey.Listed[T, P], error), filter F) func(P, int) (apikey.Listed[T, P], error) {
	return func(after P, limit int) (apikey.Listed[T, P], error) {
		return list(s.Context(), acme, filter, after, limit)
	}
}

func ownersListedInPages(s *subject) {
	var policies []apikey.Policy
	var users []apikey.User
	var services []apikey.Service
	for i, id := range []string{"aa", "aa-b", "aa1", "bb", "zz"} {
		policies = append(policies, s.storedPolicy(fmt.Sprint("policy ", i)))
		users = append(users, s.storedUser(fmt.Sprint("user", i)))
		services = append(services, s.newService(id, routing.API{Account: account, ID: id}))
		s.commit(acme, apikey.PutService{After: services[i]})
	}
	s.commit("acme-2", apikey.CreatePolicy{Policy: s.newPolicy("acme-2", "foreign")}, apikey.CreateUser{User: s.newUser("acme-2", "foreign")})
	slices.SortFunc(policies, func(a, b apikey.Policy) int { return compareIDs(a.ID, b.ID) })
	slices.SortFunc(users, func(a, b apikey.User) int { return compareIDs(a.ID, b.ID) })

	paged(s, policies, ofAcme(s, s.store.Policies))
	paged(s, users, ofAcme(s, s.store.Users))
	paged(s, services, ofAcme(s, s.store.Services))
	s.continuesAfterDeletion(policies, services)
}

// continuesAfterDeletion reads a page after the last record of the previous
// page was deleted.
func (s *subject) continuesAfterDeletion(policies []apikey.Policy, services []apikey.Service) {
	s.Helper()
	s.commit(acme, apikey.DeletePolicy{Policy: policies[1]}, apikey.DeleteService{Service: services[1]})
	restOfPolicies, err := s.store.Policies(s.Context(), acme, policies[1].ID, 9)
	s.must(err)
	s.equal(restOfPolicies.Records, policies[2:])
	restOfServices, err := s.store.Services(s.Context(), acme, "aa-b", 9)
	s.must(err)
	s.equal(restOfServices.Records, services[2:])
}

// various creates keys. Some have the policy, the user or a creator, and the
// name of one differs from its claim.
func (s *subject) various(policy apikey.Policy, user apikey.User) (all []apikey.Key) {
	s.Helper()
	for i := range 12 {
		key := s.newKey(acme, fmt.Sprint("key ", i))
		if i%3 == 0 {
			key.Policy = policy.ID
		}
		if i%2 == 0 {
			key.Type, key.OnBehalfOf = apikey.TypePersonal, user.ID
		}
		if i == 5 || i == 6 {
			key.CreatedBy.UserID = "creator"
		}
		if i == 11 {
			key.Name = "ke\u0301y 11"
		}
		all = append(all, key)
		s.commit(acme, apikey.CreateKey{Key: key})
	}
	return all
}

func keysAreFiltered(s *subject) {
	s.newOrg(acme, 20)
	policy, user := s.storedPolicy("policy"), s.storedUser("ada")
	all := s.various(policy, user)
	for _, filter := range []apikey.KeyFilter{
		{}, {Policy: policy.ID}, {OnBehalfOf: user.ID}, {Policy: policy.ID, OnBehalfOf: user.ID}, {CreatedBy: "creator"},
		{Personal: true}, {OnBehalfOf: user.ID, Personal: true}, {Name: "key 11"}, {CreatedBy: "creator", Policy: policy.ID},
	} {
		var want []apikey.Key
		for _, key := range all {
			if filter.Matches(key) {
				want = append(want, key)
			}
		}
		paged(s, want, filtered(s, s.store.Keys, filter))
	}
	for _, filter := range []apikey.KeyFilter{{Policy: s.id()}, {Name: "key"}, {CreatedBy: "creator", Name: "key 1"}} {
		none, err := s.store.Keys(s.Context(), acme, filter, apikey.Position{}, 1)
		s.must(err)
		s.equal(none, apikey.Listed[apikey.Key, apikey.Position]{})
	}
}

// recorded commits changes of every kind, and returns their audit records,
// newest first. Some have the same time.
func (s *subject) recorded() []apikey.AuditRecord {
	s.Helper()
	s.newOrg(acme, 20)
	records := AuditLog(s, s.store, acme)
	s.equal(len(records), 1)
	for i := range 8 {
		change := s.change(acme, apikey.BeginTask{Task: apikey.Task{Org: acme, Kind: apikey.TaskWithdraw, Target: fmt.Sprint(i)}})
		record := &change.Audits[0]
		record.Target, record.Actor.UserID = fmt.Sprint("target ", i%2), fmt.Sprint("actor ", i%3)
		record.Action = []apikey.Action{apikey.ActionCreateKey, apikey.ActionDeleteKey}[i/4]
		if i%4 == 1 {
			record.At = records[len(records)-1].At
		}
		s.must(s.store.Commit(s.Context(), change))
		records = append(records, *record)
	}
	s.commit("other", apikey.CreatePolicy{Policy: s.newPolicy("other", "foreign")})
	slices.SortFunc(records, func(a, b apikey.AuditRecord) int { return comparePositions(recordedAt(b), recordedAt(a)) })
	return records
}

func auditIsFiltered(s *subject) {
	all := s.recorded()
	beyond := time.Date(9999, 12, 31, 23, 59, 59, 0, time.FixedZone("", -14*3600)) // a year of five digits, in UTC
	at := func(i int) time.Time { return all[i].At }
	for _, filter := range []apikey.AuditFilter{
		{}, {Target: "target 1"}, {Actor: "actor 2"}, {Action: apikey.ActionDeleteKey}, {Target: "target 0", Actor: "actor 0", Action: apikey.ActionCreateKey},
		{From: at(3)}, {From: at(3).Add(time.Nanosecond)}, {To: at(2)}, {To: at(2).Add(time.Nanosecond)},
		{From: at(6), To: at(1)}, {From: at(7), To: at(2), Target: "target 1"}, {To: beyond}, {From: at(4), To: beyond},
	} {
		var want []apikey.AuditRecord
		for _, record := range all {
			if filter.Matches(record) {
				want = append(want, record)
			}
		}
		paged(s, want, filtered(s, s.store.AuditRecords, filter))
	}
	oldest := all[len(all)-1]
	for _, filter := range []apikey.AuditFilter{{Target: "nothing"}, {From: at(0).Add(time.Nanosecond)}, {To: oldest.At}, {From: at(2), To: at(5)}, {From: beyond}} {
		s.noRecords(filter, apikey.Position{})
	}
	s.noRecords(apikey.AuditFilter{}, recordedAt(oldest))
	s.noRecords(apikey.AuditFilter{From: at(0)}, recordedAt(oldest))
	// A position need not be a record's.
	between := apikey.Position{CreatedOn: oldest.At.Add(-time.Hour), ID: uuid.UUID{6: 0x40, 8: 0x80}}
	s.noRecords(apikey.AuditFilter{}, between)
}

func (s *subject) noRecords(filter apikey.AuditFilter, before apikey.Position) {
	s.Helper()
	none, err := s.store.AuditRecords(s.Context(), acme, filter, before, 5)
	s.must(err)
	s.equal(none, apikey.Listed[apikey.AuditRecord, apikey.Position]{})
}

func namesAreRead(s *subject) {
	s.newOrg(acme, 20)
	s.newOrg("other", 20)
	foreign := s.newPolicy("other", "foreign")
	s.commit("other", apikey.CreatePolicy{Policy: foreign})
	policy, gone, broken := s.storedPolicy("policy"), s.storedPolicy("gone"), s.storedPolicy("broken")
	s.commit(acme, apikey.ReplacePolicy{Before: gone, After: s.tombstone(gone)})
	ada, zoe := s.storedUser("ada"), s.storedUser("zoe")
	s.damage(apikey.PolicyRef(acme, broken.ID))

	names, err := s.store.Names(s.Context(), acme, []uuid.UUID{policy.ID, gone.ID, {}, broken.ID, foreign.ID, ada.ID, s.id(), policy.ID}, []uuid.UUID{zoe.ID, policy.ID, {}, ada.ID})
	s.must(err)
	s.equal(names, apikey.Names{
		Policies: map[uuid.UUID]string{policy.ID: policy.Name, gone.ID: gone.Name, broken.ID: broken.Name},
		Users:    map[uuid.UUID]string{ada.ID: ada.Email, zoe.ID: zoe.Email},
	})
	for _, ids := range [][]uuid.UUID{nil, {{}}} {
		names, err = s.store.Names(s.Context(), acme, ids, ids)
		s.must(err)
		s.equal(names, apikey.Names{Policies: map[uuid.UUID]string{}, Users: map[uuid.UUID]string{}})
	}
}
