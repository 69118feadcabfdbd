package apikeytest

import (
	"context"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/routing"
)

// salvaged returns the readable part of a damaged record.
func salvaged[T any](s *subject, ref apikey.Ref) T {
	s.Helper()
	s.store.Damage(ref)
	found, err := s.store.Read(s.Context(), ref)
	s.must(err)
	s.wantKind(apikey.Unavailable, found[ref].Err)
	left, ok := found[ref].Damaged.(T)
	if !ok || found[ref].Record != nil {
		s.Fatalf("of a damaged record %+v is left", found[ref])
	}
	return left
}

// damagedKeyIsDeleted tests a key of which only a part can be read.
func damagedKeyIsDeleted(s *subject) {
	s.newOrg(acme, 9)
	user, policy := s.storedUser("ada"), s.storedPolicy("policy")
	key := s.personal(user, "key")
	key.Policy = policy.ID
	s.commit(acme, apikey.CreateKey{Key: key})
	left := salvaged[apikey.Key](s, apikey.KeyRef(key.ID))
	s.equal([]any{left.ID, left.Org, left.Claim, left.Type, left.Policy, left.OnBehalfOf}, []any{key.ID, acme, key.Claim, key.Type, policy.ID, user.ID})
	foreign, unknown := left, left
	foreign.Org, unknown.ID = "other", s.id()
	for _, wrong := range []apikey.Key{foreign, unknown} {
		s.wantKind(apikey.Stale, s.store.Commit(s.Context(), s.change(acme, apikey.DeleteKey{Key: wrong, Damaged: true})))
	}
	// The deletion only covers what can be read: the user's count stays.
	left.Type = ""
	s.commit(acme, apikey.DeleteKey{Key: left, Damaged: true})
	s.wantKind(apikey.NotFound, errorOf(s.one.Key(s.Context(), key.ID)))
	s.equal([]int{s.org(acme).KeyCount, s.policy(policy).KeyCount, s.user(user).KeyCount}, []int{0, 0, 1})
	s.stored(acme, "key")
}

// damagedPolicyIsReplaced tests a damaged policy that becomes a tombstone, and
// one that counts keys that are gone.
func damagedPolicyIsReplaced(s *subject) {
	s.newOrg(acme, 9)
	policy := s.storedPolicy("policy")
	s.commit(acme, apikey.CreateKey{Key: s.under(policy, "key")})
	left := salvaged[apikey.Policy](s, apikey.PolicyRef(acme, policy.ID))
	s.equal([]any{left.ID, left.Claim, left.KeyCount}, []any{policy.ID, policy.Claim, 1})
	grave := s.tombstone(policy)
	grave.KeyCount = 5
	missing := left
	missing.ID = s.id()
	s.wantKind(apikey.Stale, s.store.Commit(s.Context(), s.change(acme, apikey.ReplacePolicy{Before: missing, After: grave, Damaged: true})))
	s.commit(acme, apikey.ReplacePolicy{Before: left, After: grave, Damaged: true})
	s.equal(s.policy(policy), grave)
	s.storedPolicy("policy")

	s.refused(apikey.Stale, acme, apikey.DeletePolicy{Policy: grave})
	fewer := grave
	fewer.KeyCount = 4
	s.refused(apikey.Stale, acme, apikey.DeletePolicy{Policy: fewer, Miscounted: true})
	s.commit(acme, apikey.DeletePolicy{Policy: grave, Miscounted: true})
	s.wantKind(apikey.NotFound, errorOf(s.one.Policy(s.Context(), acme, policy.ID)))
}

// damagedOwnersAreDeleted tests damaged users and services.
func damagedOwnersAreDeleted(s *subject) {
	s.newOrg(acme, 9)
	api := routing.API{Account: account, ID: "api"}
	user, service := s.storedUser("ada"), s.newService("files", api)
	s.commit(acme, apikey.PutService{After: service})
	gone := salvaged[apikey.User](s, apikey.UserRef(acme, user.ID))
	s.equal([]any{gone.ID, gone.Claim, gone.Role}, []any{user.ID, user.Claim, user.Role})
	nobody := gone
	nobody.ID = s.id()
	s.wantKind(apikey.Stale, s.store.Commit(s.Context(), s.change(acme, apikey.DeleteUser{User: nobody, Damaged: true})))
	s.commit(acme, apikey.DeleteUser{User: gone, Damaged: true})
	s.wantKind(apikey.NotFound, errorOf(s.one.User(s.Context(), acme, user.ID)))
	s.storedUser("ada")

	lost := salvaged[apikey.Service](s, apikey.ServiceRef(acme, "files"))
	s.equal([]any{lost.ID, lost.APIs}, []any{service.ID, service.APIs})
	none := lost
	none.ID = "none"
	s.wantKind(apikey.Stale, s.store.Commit(s.Context(), s.change(acme, apikey.DeleteService{Service: none, Damaged: true})))
	s.commit(acme, apikey.DeleteService{Service: lost, Damaged: true})
	s.wantKind(apikey.NotFound, errorOf(s.one.Service(context.Background(), api)))
	s.commit(acme, apikey.PutService{After: s.newService("other", api)})
}

// countsStayAboveZero tests deletions of more keys than an owner counts.
func countsStayAboveZero(s *subject) {
	org := s.newOrg(acme, 9)
	policy := s.storedPolicy("policy")
	first, second := s.under(policy, "first"), s.under(policy, "second")
	s.commit(acme, apikey.CreateKey{Key: first})
	s.commit(acme, apikey.CreateKey{Key: second})
	s.store.Damage(apikey.PolicyRef(acme, policy.ID))
	mended := s.renamedPolicy(policy, "mended")
	s.commit(acme, apikey.ReplacePolicy{Before: policy, After: mended, Damaged: true}) // with a count of none
	s.commit(acme, apikey.DeleteKey{Key: first}, apikey.DeleteKey{Key: second})
	s.equal(s.policy(policy), mended)
	s.equal(s.org(acme), org)
}
