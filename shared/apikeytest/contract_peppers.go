package apikeytest

import (
	"time"

	"github.com/keyward/keyward/shared/apikey"
)

// peppersChangeState tests that a pepper is replaced, or required, on the
// condition of its state, and that a missing one is in none.
func peppersChangeState(s *subject) {
	one := apikey.Pepper{Version: 1, State: apikey.PepperActive, Wrapped: []byte{1}, CreatedOn: s.clock.Now()}
	replaced, retired := one, one
	replaced.State, replaced.ReplacedOn = apikey.PepperVerifying, s.clock.Now().Add(time.Hour)
	retired.State, retired.ReplacedOn = apikey.PepperRetired, replaced.ReplacedOn
	two := apikey.Pepper{Version: 2, State: apikey.PepperActive, Wrapped: []byte{2}}
	swap := []apikey.Write{apikey.CreatePepper{Pepper: two}, apikey.ReplacePepper{Before: one, After: replaced}}
	s.refused(apikey.Stale, acme, swap...)
	s.commit(acme, apikey.CreatePepper{Pepper: one}, apikey.BeginTask{Task: apikey.Task{Org: acme, Kind: apikey.TaskWithdraw}})
	s.commit(acme, swap...)
	s.refused(apikey.Stale, acme, swap...)
	s.refused(apikey.Stale, acme, apikey.ReplacePepper{Before: one, After: retired})
	s.equal(s.snapshot(acme).Peppers, []apikey.Pepper{replaced, two})
	task := apikey.FinishTask{Task: apikey.Task{Org: acme, Kind: apikey.TaskWithdraw}}
	for version, state := range map[int]apikey.PepperState{1: apikey.PepperActive, 2: apikey.PepperVerifying, 3: apikey.PepperActive} {
		s.refused(apikey.Stale, acme, task, apikey.RequirePepper{Version: version, State: state})
	}
	s.commit(acme, task, apikey.RequirePepper{Version: 2, State: apikey.PepperActive})
	s.commit(acme, apikey.ReplacePepper{Before: replaced, After: retired}, apikey.RequirePepper{Version: 2, State: apikey.PepperActive})
	s.equal(s.snapshot(acme).Peppers, []apikey.Pepper{retired, two})
}

// digestMoves tests that a key gets a digest under a newer pepper without an
// audit record, together with its last use, if that pepper is in the required
// state, and that any other change of a key needs a record.
func digestMoves(s *subject) {
	s.newOrg(acme, 5)
	key := s.stored(acme, "key")
	s.commit(acme, apikey.CreatePepper{Pepper: apikey.Pepper{Version: key.Digest.Pepper + 1, State: apikey.PepperActive, Wrapped: []byte{1}}})
	moved := key
	moved.Digest = apikey.Digest{Pepper: key.Digest.Pepper + 1, Sum: [32]byte{9}}
	moved.MovedOn, moved.Version = s.clock.Now(), key.Version+1
	use := apikey.PutLastUse{After: apikey.LastUse{Key: key.ID, Org: acme, UsedOn: s.clock.Now(), Version: 1}}
	commit := func(writes ...apikey.Write) error {
		return s.store.Commit(s.Context(), apikey.Change{Writes: writes})
	}
	needs := func(state apikey.PepperState) apikey.Write {
		return apikey.RequirePepper{Version: moved.Digest.Pepper, State: state}
	}
	s.wantKind(apikey.Stale, commit(apikey.ReplaceKey{Before: key, After: moved}, needs(apikey.PepperVerifying), use))
	s.equal(s.list(acme), []apikey.Key{key})
	s.must(commit(apikey.ReplaceKey{Before: key, After: moved}, needs(apikey.PepperActive), use))
	s.equal(s.list(acme), []apikey.Key{moved})
	s.wantKind(apikey.Stale, commit(apikey.ReplaceKey{Before: key, After: moved}, needs(apikey.PepperActive)))
	other := moved
	other.Disabled, other.Version = true, moved.Version+1
	s.wantKind(apikey.Permanent, commit(apikey.ReplaceKey{Before: moved, After: other}))
	s.wantKind(apikey.Permanent, commit(needs(apikey.PepperActive)))
	s.equal(s.list(acme), []apikey.Key{moved})
}
