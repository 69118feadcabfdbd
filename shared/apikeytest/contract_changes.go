package apikeytest

import (
	"fmt"
	"net/netip"
	"slices"
	"time"

	"github.com/keyward/keyward/shared/apikey"
)

func wholeKeyReadsBack(s *subject) {
	s.newOrg(acme, 5)
	policy, user := s.storedPolicy("policy"), s.storedUser("ada")
	key := s.newKey(acme, "name")
	key.Claim, key.Type, key.Permissions, key.Narrowed = "another form", apikey.TypePersonal, nil, true
	key.Policy, key.OnBehalfOf, key.Services = policy.ID, user.ID, []string{"files", "a-b"}
	key.Disabled, key.Recoverable, key.Listed = true, true, true
	key.NotBefore = s.clock.Now().Truncate(time.Second)
	key.ExpiresOn = key.NotBefore.Add(time.Hour)
	key.AllowIPs = []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24"), netip.MustParsePrefix("2001:db8::1/128")}
	s.commit(acme, apikey.CreateKey{Key: key, Sealed: []byte("sealed")})
	s.equal(s.key(key.ID), key)
	s.equal(s.list(acme), []apikey.Key{key})

	bare := s.renamed(key, "")
	bare.Type, bare.Narrowed, bare.Services, bare.Disabled, bare.Listed = apikey.TypeShared, false, nil, false, false
	bare.NotBefore, bare.ExpiresOn, bare.AllowIPs = time.Time{}, time.Time{}, nil
	s.commit(acme, apikey.ReplaceKey{Before: key, After: bare})
	s.equal(s.key(key.ID), bare)
}

func namesCompareByClaim(s *subject) {
	s.newOrg(acme, 5)
	key := s.newKey(acme, "one form")
	key.Claim = "claim"
	s.commit(acme, apikey.CreateKey{Key: key})
	other := s.newKey(acme, "another form")
	other.Claim = "claim"
	s.refused(apikey.NameTaken, acme, apikey.CreateKey{Key: other})
	same := s.renamed(key, "another form")
	same.Claim = "claim"
	s.commit(acme, apikey.ReplaceKey{Before: key, After: same})
	s.stored(acme, "one form")
}

func sealedCopyFollowsKey(s *subject) {
	s.newOrg(acme, 5)
	key := s.newKey(acme, "recoverable")
	key.Recoverable = true
	s.commit(acme, apikey.CreateKey{Key: key, Sealed: []byte{0, 1, 255}})
	for range 2 {
		sealed, err := s.store.Sealed(s.Context(), key.ID)
		s.must(err)
		s.equal(sealed, []byte{0, 1, 255})
		sealed[0] = 9
	}
	next := s.renamed(key, "renamed")
	s.commit(acme, apikey.ReplaceKey{Before: key, After: next})
	_, err := s.store.Sealed(s.Context(), key.ID)
	s.must(err)

	refused := s.newKey(acme, "renamed")
	refused.Recoverable = true
	s.refused(apikey.NameTaken, acme, apikey.CreateKey{Key: refused, Sealed: []byte{1}})
	s.commit(acme, apikey.DeleteKey{Key: next})
	for _, id := range []apikey.Key{refused, next, s.stored(acme, "plain")} {
		s.wantKind(apikey.NotFound, errorOf(s.store.Sealed(s.Context(), id.ID)))
	}
}

func requirementsBind(s *subject) {
	org := s.newOrg(acme, 9)
	policy, user := s.storedPolicy("policy"), s.storedUser("ada")
	met := []apikey.Write{
		apikey.Require{Ref: apikey.OrganizationRef(acme), Version: 1}, apikey.Require{Ref: apikey.PolicyRef(acme, policy.ID), Version: 1},
		apikey.Require{Ref: apikey.UserRef(acme, user.ID), Version: 1}, apikey.Require{Ref: apikey.StatusRef(acme), Version: 1},
		apikey.Require{Ref: apikey.UserRef(acme, s.id())}, apikey.Require{Ref: apikey.PolicyRef("other", policy.ID)}, apikey.Require{Ref: apikey.KeyRef(s.id())},
	}
	pepper := func(version int) apikey.Write {
		return apikey.CreatePepper{Pepper: apikey.Pepper{Version: version, State: apikey.PepperActive, Wrapped: []byte{1}}}
	}
	s.commit(acme, append(met, pepper(1))...)
	// The counts change in the same records.
	key := s.personal(user, "key")
	key.Policy = policy.ID
	s.commit(acme, append(met, apikey.CreateKey{Key: key})...)
	s.equal([]int{s.org(acme).KeyCount, s.policy(policy).KeyCount, s.user(user).KeyCount}, []int{1, 1, 1})

	nextOrg := org
	nextOrg.Version++
	s.commit(acme, apikey.ReplaceOrganization{Before: org, After: nextOrg},
		apikey.ReplacePolicy{Before: policy, After: s.renamedPolicy(policy, "policy")},
		apikey.ReplaceUser{Before: user, After: s.renamedUser(user, "ada")})
	s.commit(acme, apikey.ReplaceStatus{Before: apikey.Status{Org: acme, Version: 1}, After: apikey.Status{Org: acme, Version: 2}})
	unmet := append(met[:4:4], apikey.Require{Ref: apikey.OrganizationRef("nobody"), Version: 1},
		apikey.Require{Ref: apikey.UserRef(acme, user.ID)}, apikey.Require{Ref: apikey.OrganizationRef(acme)},
		apikey.Require{Ref: apikey.PolicyRef(acme, s.id()), Version: 1}, apikey.Require{Ref: apikey.PolicyRef("other", policy.ID), Version: 2},
		apikey.Require{Ref: apikey.UserRef(acme, s.id()), Version: 1}, apikey.Require{Ref: apikey.UserRef("other", user.ID), Version: 2})
	late := s.personal(user, "late")
	late.Policy = policy.ID
	for _, requirement := range unmet {
		s.refused(apikey.Stale, acme, requirement, pepper(2))
		s.refused(apikey.Stale, acme, apikey.CreateKey{Key: late}, requirement)
	}
}

// writesMerge tests one change that writes the owners of keys and adjusts their
// counts.
func writesMerge(s *subject) {
	org := s.newOrg(acme, 9)
	policy, heir, user := s.storedPolicy("policy"), s.storedPolicy("heir"), s.storedUser("ada")
	var keys []apikey.Key
	for i := range 3 {
		key := s.personal(user, fmt.Sprint("key ", i))
		key.Policy = policy.ID
		keys = append(keys, key)
		s.commit(acme, apikey.CreateKey{Key: key})
	}
	nextOrg, nextPolicy, nextUser := org, s.renamedPolicy(policy, "renamed"), s.renamedUser(user, "ada.l")
	nextOrg.Name, nextOrg.Version = "Renamed", 2
	moved := s.renamed(keys[2], "moved")
	moved.Policy = heir.ID
	s.commit(acme, apikey.DeleteKey{Key: keys[0]}, apikey.DeleteKey{Key: keys[1]}, apikey.ReplaceKey{Before: keys[2], After: moved},
		apikey.ReplaceOrganization{Before: org, After: nextOrg}, apikey.ReplacePolicy{Before: policy, After: nextPolicy},
		apikey.ReplaceUser{Before: user, After: nextUser}, apikey.Require{Ref: apikey.PolicyRef(acme, heir.ID), Version: 1})
	nextOrg.KeyCount, nextUser.KeyCount, heir.KeyCount = 1, 1, 1
	s.equal(s.org(acme), nextOrg)
	s.equal(s.policy(policy), nextPolicy)
	s.equal(s.policy(heir), heir)
	s.equal(s.user(user), nextUser)

	gone := s.change(acme, apikey.DeletePolicy{Policy: heir}, apikey.DeleteUser{User: nextUser})
	s.refused(apikey.Stale, acme, gone.Writes...)
	s.commit(acme, append(gone.Writes, apikey.DeleteKey{Key: moved})...)
	s.equal(s.org(acme).KeyCount, 0)
	s.equal(s.snapshot(acme).Policies, []apikey.Policy{nextPolicy})

	// Deletions make room for additions, in any order.
	full := nextOrg
	full.MaxKeys, full.Version = 1, 3
	first, second := s.newKey(acme, "first"), s.newKey(acme, "second")
	s.commit(acme, apikey.CreateKey{Key: first}, apikey.ReplaceOrganization{Before: nextOrg, After: full})
	s.refused(apikey.QuotaReached, acme, apikey.CreateKey{Key: second})
	s.commit(acme, apikey.CreateKey{Key: second}, apikey.DeleteKey{Key: first})
	s.equal(s.org(acme).KeyCount, 1)
}

// deletionsInOneChange tests the largest page of a policy's deletion.
func deletionsInOneChange(s *subject) {
	s.newOrg(acme, apikey.MaxDeletions)
	policy := s.storedPolicy("policy")
	for i := range apikey.MaxDeletions {
		key := s.under(policy, fmt.Sprint("key ", i))
		key.Recoverable = true
		s.commit(acme, apikey.CreateKey{Key: key, Sealed: []byte{1}})
	}
	grave := s.tombstone(policy)
	s.commit(acme, apikey.ReplacePolicy{Before: policy, After: grave})
	change := apikey.Change{Writes: []apikey.Write{apikey.Require{Ref: apikey.PolicyRef(acme, policy.ID), Version: grave.Version}}}
	for _, key := range s.list(acme) {
		one := s.change(acme, apikey.DeleteKey{Key: key})
		change.Writes, change.Audits = append(change.Writes, one.Writes...), append(change.Audits, one.Audits...)
	}
	before := AuditLog(s, s.store, acme)
	for range 2 {
		s.must(s.store.Commit(s.Context(), change))
	}
	seen := s.snapshot(acme)
	s.equal([]int{seen.Organization.KeyCount, seen.Policies[0].KeyCount, len(seen.Keys)}, []int{0, 0, 0})
	s.equal(seen.Audit, append(before, change.Audits...))
}

func firstConditionOfOwners(s *subject) {
	s.newOrg(acme, 1)
	policy, user := s.storedPolicy("policy"), s.storedUser("ada")
	key := s.personal(user, "taken")
	key.Policy = policy.ID
	s.commit(acme, apikey.CreateKey{Key: key})
	stale := apikey.Require{Ref: apikey.PolicyRef(acme, policy.ID), Version: 7}
	twin := s.personal(user, "taken")
	twin.Policy = policy.ID
	s.refused(apikey.QuotaReached, acme, apikey.CreateKey{Key: twin}, stale)
	s.refused(apikey.Stale, acme, stale, apikey.CreateKey{Key: twin})
	taken := apikey.CreatePolicy{Policy: s.newPolicy(acme, "policy")}
	s.refused(apikey.NameTaken, acme, taken, stale)
	s.refused(apikey.NameTaken, acme, taken, apikey.CreateKey{Key: twin})
	s.refused(apikey.QuotaReached, acme, apikey.CreateKey{Key: twin}, taken)
	twin.Policy = s.id()
	s.refused(apikey.Stale, acme, apikey.CreateKey{Key: twin}, taken)
}

func organizationsAreListed(s *subject) {
	for _, id := range []apikey.OrgID{"bba", "bb", "bb-2", "ab"} {
		s.commit(id, apikey.CreateOrganization{Organization: apikey.Organization{ID: id, CreatedOn: s.clock.Now(), Version: 1}})
	}
	s.commit("zz", apikey.EnterOrganization{Org: "zz"})
	s.commit("bba", apikey.EnterOrganization{Org: "bba"})
	want := []apikey.OrgID{"ab", "bb", "bb-2", "bba", "zz"}
	for limit := 1; limit <= len(want)+1; limit++ {
		var got []apikey.OrgID
		for after := new(apikey.OrgID); after != nil; {
			part, err := s.store.Organizations(s.Context(), *after, limit)
			if err != nil || len(part.Records) > limit || len(part.Damaged) > 0 {
				s.Fatalf("%+v, %v", part, err)
			}
			for _, id := range part.Records {
				if id != acme {
					got = append(got, id)
				}
			}
			after = part.Next
		}
		if !slices.Equal(got, want) {
			s.Errorf("in parts of %d: %v, want %v", limit, got, want)
		}
	}
}

func tasksAreKept(s *subject) {
	s.newOrg(acme, 1)
	first := apikey.Task{Org: acme, Kind: apikey.TaskDeletePolicy, Target: s.id().String()}
	second := apikey.Task{Org: acme, Kind: apikey.TaskWithdraw, Target: "Manage#Files"}
	third := apikey.Task{Org: "other", Kind: apikey.TaskWithdraw, Target: "Manage#Files"}
	for range 2 {
		s.commit(acme, apikey.BeginTask{Task: second}, apikey.BeginTask{Task: first})
		s.commit("other", apikey.BeginTask{Task: third})
	}
	s.equal(s.snapshot(acme).Tasks, []apikey.Task{first, second, third})
	s.refused(apikey.Stale, acme, apikey.FinishTask{Task: first}, apikey.Require{Ref: apikey.KeyRef(s.id()), Version: 1})
	for range 2 {
		s.commit(acme, apikey.FinishTask{Task: second})
	}
	s.equal(s.snapshot(acme).Tasks, []apikey.Task{first, third})
}

// unaudited tests that a change without an audit record is refused.
func unaudited(s *subject) {
	change := s.change(acme, apikey.CreatePolicy{Policy: s.newPolicy(acme, "policy")})
	change.Audits = nil
	s.wantKind(apikey.Permanent, s.store.Commit(s.Context(), change))
	s.equal(s.snapshot(acme), snapshot{})
}
