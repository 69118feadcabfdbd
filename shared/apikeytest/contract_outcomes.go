package apikeytest

import (
	"time"

	"github.com/keyward/keyward/shared/apikey"
)

// newOutcome returns the outcome of a request in acme, without storing it.
func (s *subject) newOutcome(made apikey.Key) apikey.Outcome {
	outcome := apikey.Outcome{
		Org: acme, Caller: s.id(), APIKey: made.ID, Sealed: []byte{0, 1, 255}, On: s.clock.Now(), Version: 1,
	}
	outcome.Key[0], outcome.Key[31], outcome.Fingerprint[7] = 1, 2, 3
	return outcome
}

// outcome reads an outcome, which must exist.
func (s *subject) outcome(ref apikey.Ref) apikey.Outcome {
	s.Helper()
	found, err := s.store.Read(s.Context(), ref)
	s.must(err)
	outcome, err := found.Outcome(ref)
	s.must(err)
	return outcome
}

// outcomesReadBack tests that an outcome is stored with what it made, for one
// caller, and that only a forgotten one is replaced.
func outcomesReadBack(s *subject) {
	s.newOrg(acme, 2)
	key := s.newKey(acme, "first")
	outcome := s.newOutcome(key)
	s.commit(acme, apikey.PutOutcome{Outcome: outcome}, apikey.CreateKey{Key: key})
	s.equal(s.outcome(outcome.Ref()), outcome)
	s.outcome(outcome.Ref()).Sealed[0] = 9
	s.equal(s.outcome(outcome.Ref()), outcome)

	other := s.newOutcome(key)
	for _, ref := range []apikey.Ref{other.Ref(), apikey.OutcomeRef(acme, outcome.Caller, other.Fingerprint), apikey.OutcomeRef("other", outcome.Caller, outcome.Key)} {
		found, err := s.store.Read(s.Context(), ref)
		s.must(err)
		_, err = found.Outcome(ref)
		s.wantKind(apikey.NotFound, err)
	}

	next := outcome
	next.On, next.Version = next.On.Add(25*time.Hour), 2
	s.commit(acme, apikey.PutOutcome{Outcome: next})
	s.equal(s.outcome(outcome.Ref()), next)
}

// outcomesBind tests that a change is refused as [apikey.Stale] if its request
// has an outcome already, whatever else is wrong with it.
func outcomesBind(s *subject) {
	s.newOrg(acme, 1)
	key := s.newKey(acme, "first")
	outcome := s.newOutcome(key)
	s.commit(acme, apikey.PutOutcome{Outcome: outcome}, apikey.CreateKey{Key: key})
	s.refused(apikey.Stale, acme, apikey.PutOutcome{Outcome: outcome}, apikey.CreateKey{Key: s.newKey(acme, "first")})
	s.equal(s.outcome(outcome.Ref()), outcome)

	skipped := outcome
	skipped.Version = 3
	s.refused(apikey.Stale, acme, apikey.PutOutcome{Outcome: skipped})
	early := s.newOutcome(key)
	early.Version = 2
	s.refused(apikey.Stale, acme, apikey.PutOutcome{Outcome: early})
	s.refused(apikey.Stale, acme, apikey.Require{Ref: outcome.Ref()}, apikey.DeleteKey{Key: key})
	s.commit(acme, apikey.Require{Ref: outcome.Ref(), Version: 1}, apikey.DeleteKey{Key: key})

	refused := s.newOutcome(key)
	s.refused(apikey.Stale, acme, apikey.PutOutcome{Outcome: refused}, apikey.DeleteKey{Key: key})
	found, err := s.store.Read(s.Context(), refused.Ref())
	s.must(err)
	_, err = found.Outcome(refused.Ref())
	s.wantKind(apikey.NotFound, err)
}
