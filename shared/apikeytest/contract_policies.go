package apikeytest

import (
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/permission"
	"github.com/keyward/keyward/shared/uuid"
)

// newPolicy returns a policy's record without storing it.
func (s *subject) newPolicy(org apikey.OrgID, name string) apikey.Policy {
	return apikey.Policy{
		ID: s.id(), Org: org, Name: name, Claim: name, Description: "für " + name,
		Permissions: permission.NewSet("ViewTables", "ManageFiles"),
		CreatedBy:   apikey.Actor{Username: "person@example.com", UserID: "42"}, CreatedOn: s.clock.Advance(time.Millisecond), Version: 1,
	}
}

// storedPolicy creates a policy.
func (s *subject) storedPolicy(name string) apikey.Policy {
	s.Helper()
	policy := s.newPolicy(acme, name)
	s.commit(acme, apikey.CreatePolicy{Policy: policy})
	return policy
}

// renamedPolicy returns the policy's next version, with another name.
func (s *subject) renamedPolicy(policy apikey.Policy, name string) apikey.Policy {
	policy.Name, policy.Claim = name, name
	policy.LastModifiedBy = apikey.Actor{Username: "api-key-x", UserID: "43"}
	policy.LastModifiedOn = s.clock.Advance(time.Millisecond)
	policy.Version++
	return policy
}

// tombstone returns the policy's next version, deleted.
func (s *subject) tombstone(policy apikey.Policy) apikey.Policy {
	policy = s.renamedPolicy(policy, policy.Name)
	policy.Deleted = true
	return policy
}

func (s *subject) policy(policy apikey.Policy) apikey.Policy {
	s.Helper()
	read, err := s.one.Policy(s.Context(), policy.Org, policy.ID)
	s.must(err)
	return read
}

// under returns a key that has the policy, without storing it.
func (s *subject) under(policy apikey.Policy, name string) apikey.Key {
	key := s.newKey(acme, name)
	key.Permissions, key.Policy = nil, policy.ID
	return key
}

func policyReadsBack(s *subject) {
	s.newOrg(acme, 5)
	counted := s.newPolicy(acme, "first")
	counted.KeyCount = 77
	s.commit(acme, apikey.CreatePolicy{Policy: counted})
	policy := counted
	policy.KeyCount = 0
	s.equal(s.policy(policy), policy)

	s.commit(acme, apikey.CreateKey{Key: s.under(policy, "key")})
	next := s.renamedPolicy(policy, "next")
	next.Permissions, next.Description, next.KeyCount = nil, "", 99
	s.commit(acme, apikey.ReplacePolicy{Before: policy, After: next})
	next.KeyCount = 1
	s.equal(s.policy(policy), next)

	grave := s.tombstone(next)
	s.refused(apikey.Stale, acme, apikey.ReplacePolicy{Before: next, After: grave, Unused: true})
	s.commit(acme, apikey.ReplacePolicy{Before: next, After: grave})
	s.equal(s.policy(policy), grave)

	unused := s.storedPolicy("unused")
	s.commit(acme, apikey.ReplacePolicy{Before: unused, After: s.tombstone(unused), Unused: true})
	s.wantKind(apikey.NotFound, errorOf(s.one.Policy(s.Context(), "other", policy.ID)))
}

func policyFails(s *subject) {
	s.newOrg(acme, 5)
	policy, other := s.storedPolicy("first"), s.storedPolicy("other")
	again := s.newPolicy(acme, "another name")
	again.ID = policy.ID
	s.refused(apikey.Stale, acme, apikey.CreatePolicy{Policy: again})
	s.refused(apikey.NameTaken, acme, apikey.CreatePolicy{Policy: s.newPolicy(acme, "first")})
	s.refused(apikey.NameTaken, acme, apikey.ReplacePolicy{Before: policy, After: s.renamedPolicy(policy, "other")})

	next := s.renamedPolicy(policy, "next")
	s.commit(acme, apikey.ReplacePolicy{Before: policy, After: next})
	s.refused(apikey.Stale, acme, apikey.ReplacePolicy{Before: policy, After: s.renamedPolicy(policy, "late")})
	s.refused(apikey.Stale, acme, apikey.DeletePolicy{Policy: policy})
	missing := s.newPolicy(acme, "missing")
	s.refused(apikey.Stale, acme, apikey.ReplacePolicy{Before: missing, After: s.renamedPolicy(missing, "missing")})
	s.refused(apikey.Stale, acme, apikey.DeletePolicy{Policy: missing})

	key := s.under(other, "key")
	s.commit(acme, apikey.CreateKey{Key: key})
	s.refused(apikey.Stale, acme, apikey.DeletePolicy{Policy: other})
	s.commit(acme, apikey.DeleteKey{Key: key})
	s.commit(acme, apikey.DeletePolicy{Policy: other})
	s.wantKind(apikey.NotFound, errorOf(s.one.Policy(s.Context(), acme, other.ID)))
}

func nameFollowsPolicy(s *subject) {
	s.newOrg(acme, 5)
	s.stored(acme, "name")
	policy := s.storedPolicy("name")
	foreign := s.newPolicy("other", "name")
	s.commit("other", apikey.CreatePolicy{Policy: foreign})

	next := s.renamedPolicy(policy, "next")
	s.commit(acme, apikey.ReplacePolicy{Before: policy, After: next})
	heir := s.storedPolicy("name")
	grave := s.tombstone(next)
	s.commit(acme, apikey.ReplacePolicy{Before: next, After: grave})
	second := s.storedPolicy("next")
	s.commit(acme, apikey.DeletePolicy{Policy: grave})
	s.refused(apikey.NameTaken, acme, apikey.CreatePolicy{Policy: s.newPolicy(acme, "next")})
	s.commit(acme, apikey.DeletePolicy{Policy: second})
	s.storedPolicy("next")
	s.refused(apikey.NameTaken, acme, apikey.ReplacePolicy{Before: heir, After: s.renamedPolicy(heir, "next")})
}

func policyCountsItsKeys(s *subject) {
	s.newOrg(acme, 20)
	first, second := s.storedPolicy("first"), s.storedPolicy("second")
	want := func(one, two int) {
		s.Helper()
		s.equal([]int{s.policy(first).KeyCount, s.policy(second).KeyCount}, []int{one, two})
	}
	key := s.under(first, "key")
	s.commit(acme, apikey.CreateKey{Key: key})
	s.commit(acme, apikey.CreateKey{Key: s.under(first, "beside")})
	want(2, 0)
	same := s.renamed(key, "renamed")
	s.commit(acme, apikey.ReplaceKey{Before: key, After: same})
	want(2, 0)
	moved := s.renamed(same, "key")
	moved.Policy = second.ID
	s.commit(acme, apikey.ReplaceKey{Before: same, After: moved})
	want(1, 1)
	direct := s.renamed(moved, "key")
	direct.Policy = uuid.UUID{}
	s.commit(acme, apikey.ReplaceKey{Before: moved, After: direct})
	want(1, 0)
	back := s.renamed(direct, "key")
	back.Policy = first.ID
	s.commit(acme, apikey.ReplaceKey{Before: direct, After: back})
	want(2, 0)
	s.commit(acme, apikey.DeleteKey{Key: back})
	want(1, 0)
	s.equal(s.org(acme).KeyCount, 1)
}

func policyMustBeLive(s *subject) {
	s.newOrg(acme, 20)
	foreign := s.newPolicy("other", "foreign")
	s.commit("other", apikey.CreatePolicy{Policy: foreign})
	dead := s.storedPolicy("dead")
	old := s.under(dead, "old")
	s.commit(acme, apikey.CreateKey{Key: old})
	s.commit(acme, apikey.ReplacePolicy{Before: dead, After: s.tombstone(dead)})
	direct := s.stored(acme, "direct")
	for _, policy := range []apikey.Policy{foreign, dead, s.newPolicy(acme, "missing")} {
		s.refused(apikey.Stale, acme, apikey.CreateKey{Key: s.under(policy, "key")})
		moved := s.renamed(direct, "direct")
		moved.Policy = policy.ID
		s.refused(apikey.Stale, acme, apikey.ReplaceKey{Before: direct, After: moved})
	}
	disabled := s.renamed(old, "old")
	disabled.Disabled = true
	s.commit(acme, apikey.ReplaceKey{Before: old, After: disabled})
	s.commit(acme, apikey.DeleteKey{Key: disabled})
	s.equal(s.policy(dead).KeyCount, 0)
}
