package apikeytest

import (
	"fmt"
	"slices"
	"sync"

	"github.com/keyward/keyward/shared/apikey"
)

func listedInPages(s *subject) {
	s.newOrg(acme, 20)
	s.newOrg("other", 20)
	var keys []apikey.Key
	for i := range 7 {
		key := s.newKey(acme, fmt.Sprint("key ", i))
		if i%2 == 1 {
			key.CreatedOn = keys[i-1].CreatedOn
		}
		keys = append(keys, key)
		s.stored("other", fmt.Sprint("key ", i))
	}
	for _, key := range slices.Backward(keys) {
		s.commit(acme, apikey.CreateKey{Key: key})
	}
	slices.SortFunc(keys, func(a, b apikey.Key) int { return comparePositions(positionOf(a), positionOf(b)) })
	paged(s, keys, filtered(s, s.store.Keys, apikey.KeyFilter{}))

	s.commit(acme, apikey.DeleteKey{Key: keys[2]})
	rest, err := s.store.Keys(s.Context(), acme, apikey.KeyFilter{}, positionOf(keys[2]), 20)
	s.must(err)
	s.equal(rest.Records, keys[3:])
	none, err := s.store.Keys(s.Context(), acme, apikey.KeyFilter{}, positionOf(keys[6]), 20)
	s.must(err)
	s.equal(none, apikey.Listed[apikey.Key, apikey.Position]{})
}

// together commits changes concurrently, and counts their errors by kind. It
// counts successes as kind -1.
func (s *subject) together(changes []apikey.Change) map[apikey.Kind]int {
	outcomes := make([]apikey.Kind, len(changes))
	var group sync.WaitGroup
	for i, change := range changes {
		group.Go(func() {
			if err := s.store.Commit(s.Context(), change); err != nil {
				outcomes[i] = apikey.KindOf(err)
			} else {
				outcomes[i] = success
			}
		})
	}
	group.Wait()
	counts := make(map[apikey.Kind]int)
	for _, outcome := range outcomes {
		counts[outcome]++
	}
	return counts
}

const success apikey.Kind = -1

const rivals = 12

// times returns n changes, each with its own write.
func (s *subject) times(n int, write func(i int) apikey.Write) []apikey.Change {
	changes := make([]apikey.Change, n)
	for i := range changes {
		changes[i] = s.change(acme, write(i))
	}
	return changes
}

func concurrentCreations(s *subject) {
	s.newOrg(acme, 8)
	for i := range 3 {
		s.stored(acme, fmt.Sprint("before ", i))
	}
	got := s.together(s.times(40, func(i int) apikey.Write { return apikey.CreateKey{Key: s.newKey(acme, fmt.Sprint("key ", i))} }))
	s.equal(got, map[apikey.Kind]int{success: 5, apikey.QuotaReached: 35})
	seen := s.snapshot(acme)
	s.equal([]int{seen.Organization.KeyCount, len(seen.Keys), len(seen.Audit)}, []int{8, 8, 9})

	var deletions []apikey.Change
	for _, key := range seen.Keys {
		deletions = append(deletions, s.change(acme, apikey.DeleteKey{Key: key}), s.change(acme, apikey.DeleteKey{Key: key}))
	}
	s.equal(s.together(deletions), map[apikey.Kind]int{success: 8, apikey.Stale: 8})
	seen = s.snapshot(acme)
	s.equal([]int{seen.Organization.KeyCount, len(seen.Keys), len(seen.Audit)}, []int{0, 0, 17})
}

func concurrentChanges(s *subject) {
	s.newOrg(acme, 20)
	got := s.together(s.times(rivals, func(int) apikey.Write { return apikey.CreateKey{Key: s.newKey(acme, "same name")} }))
	s.equal(got, map[apikey.Kind]int{success: 1, apikey.NameTaken: rivals - 1})

	key := s.list(acme)[0]
	got = s.together(s.times(rivals, func(i int) apikey.Write {
		return apikey.ReplaceKey{Before: key, After: s.renamed(key, fmt.Sprint("name ", i))}
	}))
	s.equal(got, map[apikey.Kind]int{success: 1, apikey.Stale: rivals - 1})

	key = s.key(key.ID)
	again := s.change(acme, apikey.DeleteKey{Key: key})
	got = s.together(slices.Repeat([]apikey.Change{again}, rivals))
	s.equal(got, map[apikey.Kind]int{success: rivals})
	seen := s.snapshot(acme)
	s.equal([]int{seen.Organization.KeyCount, len(seen.Keys), len(seen.Audit)}, []int{0, 0, 4})
}

// concurrentCounts creates, moves and deletes keys of two policies and two
// users concurrently.
func concurrentCounts(s *subject) {
	s.newOrg(acme, 100)
	policies := []apikey.Policy{s.storedPolicy("one"), s.storedPolicy("two")}
	users := []apikey.User{s.storedUser("ada"), s.storedUser("bob")}
	changes := s.times(24, func(i int) apikey.Write {
		key := s.personal(users[i/2%2], fmt.Sprint("key ", i))
		key.Policy = policies[i%2].ID
		return apikey.CreateKey{Key: key}
	})
	s.equal(s.together(changes), map[apikey.Kind]int{success: 24})
	s.wantCounts()

	var moves []apikey.Change
	for i, key := range s.list(acme) {
		moved := s.renamed(key, key.Name)
		moved.Policy, moved.OnBehalfOf = policies[i%2].ID, users[0].ID
		switch i % 3 {
		case 0:
			moves = append(moves, s.change(acme, apikey.DeleteKey{Key: key}))
		case 1:
			moves = append(moves, s.change(acme, apikey.ReplaceKey{Before: key, After: moved}))
		default:
			moved.Type = apikey.TypeShared
			moves = append(moves, s.change(acme, apikey.ReplaceKey{Before: key, After: moved}), s.change(acme, apikey.DeleteKey{Key: key}))
		}
	}
	got := s.together(moves)
	s.equal(got, map[apikey.Kind]int{success: 24, apikey.Stale: 8})
	s.wantCounts()
}

// wantCounts compares every count with the stored keys.
func (s *subject) wantCounts() {
	s.Helper()
	seen := s.snapshot(acme)
	s.equal(seen.Organization.KeyCount, len(seen.Keys))
	for _, policy := range seen.Policies {
		s.equal(policy.KeyCount, counted(seen.Keys, func(k apikey.Key) bool { return k.Policy == policy.ID }))
	}
	for _, user := range seen.Users {
		s.equal(user.KeyCount, counted(seen.Keys, func(k apikey.Key) bool {
			return k.Type == apikey.TypePersonal && k.OnBehalfOf == user.ID
		}))
	}
}

func counted(keys []apikey.Key, counts func(apikey.Key) bool) (n int) {
	for _, key := range keys {
		if counts(key) {
			n++
		}
	}
	return n
}

// concurrentTombstone deletes a policy while keys are being created under it.
// Every key that exists afterwards was created before the tombstone, and the
// tombstone counts it.
func concurrentTombstone(s *subject) {
	s.newOrg(acme, 100)
	policy := s.storedPolicy("policy")
	changes := s.times(rivals, func(i int) apikey.Write {
		return apikey.CreateKey{Key: s.under(policy, fmt.Sprint("key ", i))}
	})
	grave := s.change(acme, apikey.ReplacePolicy{Before: policy, After: s.tombstone(policy)})
	got := s.together(slices.Insert(changes, rivals/2, grave))
	s.equal(got[success]+got[apikey.Stale], rivals+1)
	s.equal(len(s.list(acme)), got[success]-1)
	s.equal(s.policy(policy).Deleted, true)
	s.wantCounts()
	s.refused(apikey.Stale, acme, apikey.CreateKey{Key: s.under(policy, "late")})
}
