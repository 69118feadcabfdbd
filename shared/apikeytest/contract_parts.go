package apikeytest

import (
	"encoding/binary"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/routing"
)

// things holds records of every kind that is listed, each in the order of its
// listing.
type things struct {
	keys     []apikey.Key
	policies []apikey.Policy
	users    []apikey.User
	services []apikey.Service
	audit    []apikey.AuditRecord
}

// manyThings stores some records of every kind, of various sizes.
func (s *subject) manyThings(random *rand.Rand, count int) (all things) {
	s.Helper()
	s.newOrg(acme, 1000)
	for n := range count {
		size := random.IntN(4000)
		policy := s.newPolicy(acme, fmt.Sprint("policy ", n))
		policy.Description = strings.Repeat("p", size)
		user := s.newUser(acme, fmt.Sprint("user", n))
		user.Name = strings.Repeat("u", size)
		service := s.newService(fmt.Sprintf("s%x-%d", random.Uint32(), n), routing.API{Account: account, ID: fmt.Sprint("api", n)})
		service.Name = strings.Repeat("s", size)
		s.commit(acme, apikey.CreatePolicy{Policy: policy}, apikey.CreateUser{User: user}, apikey.PutService{After: service})
		all.policies, all.users, all.services = append(all.policies, policy), append(all.users, user), append(all.services, service)
	}
	for n := range count {
		key := s.newKey(acme, fmt.Sprint("key ", n))
		key.Description = strings.Repeat("k", random.IntN(4000))
		if n > 0 && random.IntN(3) == 0 {
			key.CreatedOn = all.keys[n-1].CreatedOn
		}
		if random.IntN(2) == 0 {
			key.Policy = all.policies[random.IntN(min(2, count))].ID
		}
		s.commit(acme, apikey.CreateKey{Key: key})
		all.keys = append(all.keys, key)
	}
	for i, policy := range all.policies { // they count their keys
		all.policies[i] = s.policy(policy)
	}
	all.audit = AuditLog(s, s.store, acme)
	slices.SortFunc(all.keys, func(a, b apikey.Key) int { return comparePositions(positionOf(a), positionOf(b)) })
	slices.SortFunc(all.policies, func(a, b apikey.Policy) int { return compareIDs(a.ID, b.ID) })
	slices.SortFunc(all.users, func(a, b apikey.User) int { return compareIDs(a.ID, b.ID) })
	slices.SortFunc(all.services, func(a, b apikey.Service) int { return strings.Compare(a.ID, b.ID) })
	slices.Reverse(all.audit)
	return all
}

// walk reads a listing to its end, and returns all of it.
func walk[T, P any](s *subject, limit int, read func(after P, limit int) (apikey.Listed[T, P], error)) (all []T, damaged []apikey.Ref) {
	s.Helper()
	next := new(P)
	for parts := 0; next != nil; parts++ {
		part, err := read(*next, limit)
		s.must(err)
		if len(part.Records) > limit || parts > 1000 {
			s.Fatalf("part %d has %d records, of at most %d", parts, len(part.Records), limit)
		}
		for _, damage := range part.Damaged {
			if damage.Cause == nil {
				s.Fatalf("nothing is said of why %s cannot be read", damage.Ref)
			}
			damaged = append(damaged, damage.Ref)
		}
		all, next = append(all, part.Records...), part.Next
	}
	return all, damaged
}

// wantWhole fails the test unless the parts of a listing together hold every
// record that passes, in order and once. Damaged records are reported instead.
func wantWhole[T, P any](s *subject, limit int, things []T, broken map[apikey.Ref]bool, ref func(T) apikey.Ref, passes func(T) bool, read func(after P, limit int) (apikey.Listed[T, P], error)) {
	s.Helper()
	var want []T
	var wantDamaged []apikey.Ref
	for _, thing := range things {
		switch {
		case !passes(thing):
		case broken[ref(thing)]:
			wantDamaged = append(wantDamaged, ref(thing))
		default:
			want = append(want, thing)
		}
	}
	got, damaged := walk(s, limit, read)
	s.equal(damaged, wantDamaged)
	s.equal(got, want)
}

// wantThings fails the test unless every listing shows all of the things except
// the broken ones, in parts of up to limit.
func (s *subject) wantThings(all things, broken map[apikey.Ref]bool, limit int, keys apikey.KeyFilter, audit apikey.AuditFilter) {
	s.Helper()
	wantWhole(s, limit, all.keys, broken, keyRef, keys.Matches, filtered(s, s.store.Keys, keys))
	wantWhole(s, limit, all.policies, broken, policyRef, allPass, ofAcme(s, s.store.Policies))
	wantWhole(s, limit, all.users, broken, userRef, allPass, ofAcme(s, s.store.Users))
	wantWhole(s, limit, all.services, broken, serviceRef, allPass, ofAcme(s, s.store.Services))
	wantWhole(s, limit, all.audit, broken, auditRef, audit.Matches, filtered(s, s.store.AuditRecords, audit))
}

// damage damages existing records, and returns them as a set.
func (s *subject) damage(refs ...apikey.Ref) map[apikey.Ref]bool {
	broken := map[apikey.Ref]bool{}
	for _, ref := range refs {
		s.store.Damage(ref)
		broken[ref] = true
	}
	return broken
}

func damagedAreLeftOut(s *subject) {
	all := s.manyThings(rand.New(rand.NewPCG(1, 2)), 4)
	broken := s.damage(
		keyRef(all.keys[1]), policyRef(all.policies[0]), userRef(all.users[3]), userRef(all.users[2]), serviceRef(all.services[1]), auditRef(all.audit[2]),
	)
	for _, limit := range []int{1, 2, 3, 4, 5, apikey.MaxPage, apikey.NoLimit} {
		s.wantThings(all, broken, limit, apikey.KeyFilter{}, apikey.AuditFilter{})
	}
	s.wantKind(apikey.Unavailable, errorOf(s.one.Key(s.Context(), all.keys[1].ID)))
	s.equal(s.key(all.keys[2].ID), all.keys[2])
}

func anyPartsMakeTheWhole(s *subject) {
	var seed [8]byte
	_, err := io.ReadFull(s.entropy, seed[:])
	s.must(err)
	random := rand.New(rand.NewPCG(1, binary.BigEndian.Uint64(seed[:])))
	all := s.manyThings(random, 9)
	var there []apikey.Ref
	for i := range all.keys {
		there = append(there, keyRef(all.keys[i]), policyRef(all.policies[i]), userRef(all.users[i]), serviceRef(all.services[i]), auditRef(all.audit[i]))
	}
	broken := map[apikey.Ref]bool{}
	for range 6 {
		for range random.IntN(6) {
			ref := there[random.IntN(len(there))]
			s.store.Damage(ref)
			broken[ref] = true
		}
		s.store.ReadAtMost(1 + random.IntN(12_000))
		keys := []apikey.KeyFilter{{}, {Policy: all.policies[random.IntN(2)].ID}, {Name: all.keys[random.IntN(len(all.keys))].Name}, {CreatedBy: "nobody"}}
		at := func() time.Time { return all.audit[random.IntN(len(all.audit))].At }
		audits := []apikey.AuditFilter{{}, {Target: "target"}, {Actor: "nobody"}, {From: at()}, {To: at()}, {From: at(), To: at(), Action: "test"}}
		s.wantThings(all, broken, 1+random.IntN(20), keys[random.IntN(len(keys))], audits[random.IntN(len(audits))])
	}
}
