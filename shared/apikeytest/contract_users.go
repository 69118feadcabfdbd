package apikeytest

import (
	"fmt"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/permission"
	"github.com/keyward/keyward/shared/uuid"
)

// newUser returns a user's record without storing it.
func (s *subject) newUser(org apikey.OrgID, name string) apikey.User {
	return apikey.User{
		ID: s.id(), Org: org, Email: name + "@Example.com", Claim: name + "@example.com", Name: "Dr. " + name,
		Role: apikey.RoleManager, Permissions: permission.NewSet("ViewTables"), Policy: s.id(),
		CreatedBy: apikey.Actor{Username: "bootstrap"}, CreatedOn: s.clock.Advance(time.Millisecond), Version: 1,
	}
}

// storedUser creates a user.
func (s *subject) storedUser(name string) apikey.User {
	s.Helper()
	user := s.newUser(acme, name)
	s.commit(acme, apikey.CreateUser{User: user})
	return user
}

// renamedUser returns the user's next version, with another address.
func (s *subject) renamedUser(user apikey.User, name string) apikey.User {
	user.Email, user.Claim = name+"@Example.com", name+"@example.com"
	user.LastModifiedBy = apikey.Actor{Username: "api-key-x", UserID: "43"}
	user.LastModifiedOn = s.clock.Advance(time.Millisecond)
	user.Version++
	return user
}

func (s *subject) user(user apikey.User) apikey.User {
	s.Helper()
	read, err := s.one.User(s.Context(), user.Org, user.ID)
	s.must(err)
	return read
}

// personal returns a personal key of the user, without storing it.
func (s *subject) personal(user apikey.User, name string) apikey.Key {
	key := s.newKey(acme, name)
	key.Type, key.OnBehalfOf = apikey.TypePersonal, user.ID
	return key
}

func userReadsBack(s *subject) {
	s.newOrg(acme, 5)
	counted := s.newUser(acme, "ada")
	counted.KeyCount = 77
	s.commit(acme, apikey.CreateUser{User: counted})
	user := counted
	user.KeyCount = 0
	s.equal(s.user(user), user)

	s.commit(acme, apikey.CreateKey{Key: s.personal(user, "key")})
	next := s.renamedUser(user, "ada.l")
	next.Role, next.Permissions, next.Policy, next.KeyCount = apikey.RoleOwner, nil, uuid.UUID{}, 99
	s.commit(acme, apikey.ReplaceUser{Before: user, After: next})
	next.KeyCount = 1
	s.equal(s.user(user), next)
	found, err := s.store.UserByClaim(s.Context(), acme, next.Claim)
	s.must(err)
	s.equal(found, next)
	s.wantKind(apikey.NotFound, errorOf(s.one.User(s.Context(), "other", user.ID)))
}

func userFails(s *subject) {
	s.newOrg(acme, 5)
	user, other := s.storedUser("ada"), s.storedUser("bob")
	again := s.newUser(acme, "carl")
	again.ID = user.ID
	s.refused(apikey.Stale, acme, apikey.CreateUser{User: again})
	s.refused(apikey.NameTaken, acme, apikey.CreateUser{User: s.newUser(acme, "ada")})
	s.refused(apikey.NameTaken, acme, apikey.ReplaceUser{Before: user, After: s.renamedUser(user, "bob")})

	next := s.renamedUser(user, "ada")
	s.commit(acme, apikey.ReplaceUser{Before: user, After: next})
	s.refused(apikey.Stale, acme, apikey.ReplaceUser{Before: user, After: s.renamedUser(user, "late")})
	s.refused(apikey.Stale, acme, apikey.DeleteUser{User: user})
	missing := s.newUser(acme, "missing")
	s.refused(apikey.Stale, acme, apikey.ReplaceUser{Before: missing, After: s.renamedUser(missing, "missing")})
	s.refused(apikey.Stale, acme, apikey.DeleteUser{User: missing})
	s.commit(acme, apikey.DeleteUser{User: other})
	s.wantKind(apikey.NotFound, errorOf(s.one.User(s.Context(), acme, other.ID)))
}

func addressFollowsUser(s *subject) {
	s.newOrg(acme, 5)
	unknown := func(org apikey.OrgID, claim string) {
		s.Helper()
		s.wantKind(apikey.NotFound, errorOf(s.store.UserByClaim(s.Context(), org, claim)))
	}
	user := s.storedUser("ada")
	unknown("other", user.Claim)
	unknown(acme, user.Email)
	unknown(acme, "")
	s.commit("other", apikey.CreateUser{User: s.newUser("other", "ada")})

	next := s.renamedUser(user, "ada.l")
	s.commit(acme, apikey.ReplaceUser{Before: user, After: next})
	unknown(acme, user.Claim)
	heir := s.storedUser("ada")
	found, err := s.store.UserByClaim(s.Context(), acme, user.Claim)
	s.must(err)
	s.equal(found, heir)
	s.commit(acme, apikey.DeleteUser{User: next})
	unknown(acme, next.Claim)
	s.storedUser("ada.l")
}

func userCountsPersonalKeys(s *subject) {
	s.newOrg(acme, 20)
	ada, bob := s.storedUser("ada"), s.storedUser("bob")
	want := func(one, two int) {
		s.Helper()
		s.equal([]int{s.user(ada).KeyCount, s.user(bob).KeyCount}, []int{one, two})
	}
	shared := s.personal(ada, "shared")
	shared.Type = apikey.TypeShared
	s.commit(acme, apikey.CreateKey{Key: shared})
	want(0, 0)
	key := s.personal(ada, "key")
	s.commit(acme, apikey.CreateKey{Key: key})
	want(1, 0)
	// A writer that counted no keys does not know of the new one.
	s.refused(apikey.Stale, acme, apikey.ReplaceUser{Before: ada, After: s.renamedUser(ada, "ada"), Counted: true})
	s.refused(apikey.Stale, acme, apikey.DeleteUser{User: ada, Counted: true})
	moved := s.renamed(key, "key")
	moved.OnBehalfOf = bob.ID
	s.commit(acme, apikey.ReplaceKey{Before: key, After: moved})
	want(0, 1)
	s.commit(acme, apikey.DeleteKey{Key: moved})
	s.commit(acme, apikey.DeleteKey{Key: shared})
	want(0, 0)

	for _, user := range []apikey.User{s.newUser(acme, "missing"), s.newUser("other", "foreign")} {
		s.refused(apikey.Stale, acme, apikey.CreateKey{Key: s.personal(user, "orphan")})
	}
}

func userHasQuota(s *subject) {
	s.newOrg(acme, apikey.MaxPersonalKeys+5)
	ada := s.storedUser("ada")
	for i := range apikey.MaxPersonalKeys {
		s.commit(acme, apikey.CreateKey{Key: s.personal(ada, fmt.Sprint("key ", i))})
	}
	change := s.change(acme, apikey.CreateKey{Key: s.personal(ada, "one more")})
	s.equal(s.store.Commit(s.Context(), change), error(apikey.UserQuotaError()))
	s.refused(apikey.QuotaReached, acme, change.Writes...)

	bobs := s.personal(s.storedUser("bob"), "bob's")
	s.commit(acme, apikey.CreateKey{Key: bobs})
	moved := s.renamed(bobs, "ada's")
	moved.OnBehalfOf = ada.ID
	s.refused(apikey.QuotaReached, acme, apikey.ReplaceKey{Before: bobs, After: moved})
	s.commit(acme, apikey.DeleteKey{Key: s.list(acme)[0]})
	s.commit(acme, apikey.ReplaceKey{Before: bobs, After: moved})
	s.equal(s.user(ada).KeyCount, apikey.MaxPersonalKeys)
}

// deletedUserLeavesKeys tests the removal of a user, which disables the
// personal keys in the same change. They can still be changed and deleted.
func deletedUserLeavesKeys(s *subject) {
	s.newOrg(acme, apikey.MaxPersonalKeys)
	ada := s.storedUser("ada")
	writes := []apikey.Write{apikey.DeleteUser{User: ada}}
	var left []apikey.Key
	for i := range apikey.MaxPersonalKeys {
		key := s.personal(ada, fmt.Sprint("key ", i))
		s.commit(acme, apikey.CreateKey{Key: key})
		disabled := s.renamed(key, key.Name)
		disabled.Disabled = true
		left = append(left, disabled)
		writes = append(writes, apikey.ReplaceKey{Before: key, After: disabled})
	}
	s.commit(acme, writes...)
	s.equal(s.list(acme), left)

	bob := s.storedUser("bob")
	moved := s.renamed(left[0], "bob's")
	moved.OnBehalfOf = bob.ID
	s.commit(acme, apikey.ReplaceKey{Before: left[0], After: moved})
	s.equal(s.user(bob).KeyCount, 1)
	again := s.change(acme, apikey.DeleteKey{Key: left[1]}, apikey.DeleteKey{Key: left[2]})
	for range 2 {
		s.must(s.store.Commit(s.Context(), again))
	}
	s.refused(apikey.Stale, acme, apikey.DeleteKey{Key: left[2]})
	s.equal(s.org(acme).KeyCount, apikey.MaxPersonalKeys-2)
}
