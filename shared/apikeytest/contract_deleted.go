package apikeytest

import (
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/uuid"
)

// deleted returns a key as it is after its deletion.
func (s *subject) deleted(key apikey.Key) apikey.Key {
	key.DeletedOn = s.clock.Advance(time.Millisecond)
	key.PurgeOn = key.DeletedOn.Add(time.Hour)
	key.Version++
	return key
}

// revived returns a tombstone as it is once it is restored.
func revived(key apikey.Key) apikey.Key {
	key.DeletedOn, key.PurgeOn, key.Disabled = time.Time{}, time.Time{}, true
	key.Version++
	return key
}

// due returns the keys that are due by a time, read one by one.
func (s *subject) due(by time.Time) (due []apikey.Due) {
	s.Helper()
	for next := new(apikey.Position); next != nil; {
		part, err := s.store.Due(s.Context(), by, *next, 1)
		s.must(err)
		due, next = append(due, part.Records...), part.Next
	}
	return due
}

// deletedKeys returns an organization's tombstones.
func (s *subject) deletedKeys(org apikey.OrgID) []apikey.Key {
	s.Helper()
	keys, err := s.store.Keys(s.Context(), org, apikey.KeyFilter{Deleted: true}, apikey.Position{}, apikey.MaxPage)
	s.must(err)
	return keys.Records
}

// A tombstone reads back whole, is listed alone and counts nowhere; its name is
// free. Restored, it is as if it had never been deleted.
func tombstonesCountNowhere(s *subject) {
	s.newOrg(acme, 20)
	policy, user := s.newPolicy(acme, "policy"), s.newUser(acme, "user@example.com")
	s.commit(acme, apikey.CreatePolicy{Policy: policy}, apikey.CreateUser{User: user})
	key := s.newKey(acme, "key")
	key.Type, key.Policy, key.OnBehalfOf, key.Recoverable = apikey.TypePersonal, policy.ID, user.ID, true
	s.commit(acme, apikey.CreateKey{Key: key, Sealed: []byte("sealed")})
	count := func(want int) {
		s.Helper()
		s.equal([]int{s.org(acme).KeyCount, s.policy(policy).KeyCount, s.user(user).KeyCount}, []int{want, want, want})
	}
	count(1)
	gone := s.deleted(key)
	gone.Exposure = &apikey.Exposure{ReportedOn: s.clock.Now(), Source: "github", URL: "https://example.com/x"}
	s.commit(acme, apikey.ReplaceKey{Before: key, After: gone})
	count(0)
	s.equal(s.key(key.ID), gone)
	s.equal(len(s.list(acme)), 0)
	s.equal(s.deletedKeys(acme), []apikey.Key{gone})

	heir := s.stored(acme, "key")
	s.refused(apikey.NameTaken, acme, apikey.ReplaceKey{Before: gone, After: revived(gone)})
	s.commit(acme, apikey.DeleteKey{Key: heir})
	back := revived(gone)
	s.commit(acme, apikey.ReplaceKey{Before: gone, After: back})
	count(1)
	s.equal(s.list(acme), []apikey.Key{back})
	s.equal(len(s.deletedKeys(acme))+len(s.due(gone.PurgeOn)), 0)
	s.refused(apikey.NameTaken, acme, apikey.CreateKey{Key: s.newKey(acme, "key")})
	sealed, err := s.store.Sealed(s.Context(), key.ID)
	s.must(err)
	s.equal(sealed, []byte("sealed"))
	s.refused(apikey.Stale, acme, apikey.ReplaceKey{Before: gone, After: revived(gone)})
}

// Restoring a key needs what creating it needs: room in the quotas, a policy
// that is not going, a user.
func restoringFails(s *subject) {
	s.newOrg(acme, 1)
	policy, user := s.newPolicy(acme, "policy"), s.newUser(acme, "user@example.com")
	s.commit(acme, apikey.CreatePolicy{Policy: policy}, apikey.CreateUser{User: user})
	key := s.newKey(acme, "key")
	key.Type, key.Policy, key.OnBehalfOf = apikey.TypePersonal, policy.ID, user.ID
	s.commit(acme, apikey.CreateKey{Key: key})
	gone := s.deleted(key)
	s.commit(acme, apikey.ReplaceKey{Before: key, After: gone})
	restore := apikey.ReplaceKey{Before: gone, After: revived(gone)}

	other := s.stored(acme, "other")
	s.refused(apikey.QuotaReached, acme, restore)
	s.commit(acme, apikey.DeleteKey{Key: other})
	going := policy
	going.Deleted, going.Version = true, policy.Version+1
	s.commit(acme, apikey.ReplacePolicy{Before: policy, After: going, Unused: true})
	s.refused(apikey.Stale, acme, restore)
	s.commit(acme, apikey.DeletePolicy{Policy: going})
	s.refused(apikey.Stale, acme, restore)
	free := restore.After
	free.Policy = uuid.UUID{}
	s.commit(acme, apikey.DeleteUser{User: user, Counted: true})
	s.refused(apikey.Stale, acme, apikey.ReplaceKey{Before: gone, After: free})
}

// What is due is listed by its time, whoever owns it, until it is removed.
// Removing a tombstone takes all of it and nothing else.
func dueIsListed(s *subject) {
	var tombstones []apikey.Key
	for _, org := range []apikey.OrgID{acme, "other"} {
		s.newOrg(org, 20)
		for _, name := range []string{"a", "b"} {
			key := s.newKey(org, name)
			key.Recoverable = true
			s.commit(org, apikey.CreateKey{Key: key, Sealed: []byte("sealed")})
			gone := s.deleted(key)
			s.commit(org, apikey.ReplaceKey{Before: key, After: gone})
			tombstones = append(tombstones, gone)
		}
	}
	var all []apikey.Due
	for _, gone := range tombstones {
		all = append(all, apikey.Due{Org: gone.Org, Key: gone.ID, PurgeOn: gone.PurgeOn})
	}
	s.equal(s.due(all[3].PurgeOn), all)
	s.equal(s.due(all[1].PurgeOn), all[:2])
	s.equal(len(s.due(all[0].PurgeOn.Add(-time.Millisecond))), 0)

	first, heir := tombstones[0], s.stored(acme, "a")
	stale := first
	stale.Version--
	s.refused(apikey.Stale, acme, apikey.DeleteKey{Key: stale})
	s.commit(acme, apikey.DeleteKey{Key: first})
	s.wantKind(apikey.NotFound, errorOf(s.one.Key(s.Context(), first.ID)))
	s.wantKind(apikey.NotFound, errorOf(s.store.Sealed(s.Context(), first.ID)))
	s.equal(s.due(all[3].PurgeOn), all[1:])
	s.equal(s.list(acme), []apikey.Key{heir})
	s.equal(s.org(acme).KeyCount, 1)
	s.refused(apikey.NameTaken, acme, apikey.CreateKey{Key: s.newKey(acme, "a")})
}

// A damaged tombstone is removed like any other, and is not counted. Nothing
// that is no tombstone is removed as one.
func damagedTombstoneIsDeleted(s *subject) {
	s.newOrg(acme, 20)
	live, key := s.stored(acme, "live"), s.stored(acme, "key")
	gone := s.deleted(key)
	s.commit(acme, apikey.ReplaceKey{Before: key, After: gone})
	for _, key := range []apikey.Key{live, gone} {
		s.store.Damage(apikey.KeyRef(key.ID))
	}
	s.wantKind(apikey.Stale, s.store.Commit(s.Context(), s.change(acme, apikey.DeleteKey{Key: s.deleted(live), Damaged: true})))
	s.commit(acme, apikey.DeleteKey{Key: gone, Damaged: true})
	s.wantKind(apikey.NotFound, errorOf(s.one.Key(s.Context(), gone.ID)))
	s.equal(len(s.due(gone.PurgeOn)), 0)
	s.equal(s.org(acme).KeyCount, 1)
}
