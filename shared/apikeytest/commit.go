package apikeytest

import (
	"context"
	"errors"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/keytext"
)

// Commit implements [apikey.Store]. The writes of a change concern different
// records, so checking all of them before applying any is the same as a
// transaction.
func (s *Store) Commit(ctx context.Context, change apikey.Change) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.failed(ctx, "commit a change"); err != nil {
		return err
	}
	if len(change.Audits) == 0 {
		return apikey.PermanentError("commit a change", errors.New("it has no audit record"))
	}
	if _, applied := s.audit[change.Audits[0].ID]; applied {
		return nil
	}
	c := commit{s, movesOf(change.Writes)}
	for _, write := range change.Writes {
		if err := c.check(write); err != nil {
			return err
		}
	}
	for _, write := range change.Writes {
		c.apply(write)
	}
	c.applyCounts()
	for _, record := range change.Audits {
		s.audit[record.ID] = copyAudit(record)
	}
	return nil
}

// commit is one change that is being committed, with its adjustments of the
// counts.
type commit struct {
	*Store
	countDeltas
}

// countDeltas holds by how much all writes of a change together adjust each
// count of keys.
type countDeltas struct {
	orgs            map[apikey.OrgID]int
	policies, users map[owned]int
}

func movesOf(writes []apikey.Write) countDeltas {
	m := countDeltas{make(map[apikey.OrgID]int), make(map[owned]int), make(map[owned]int)}
	for _, write := range writes {
		switch w := write.(type) {
		case apikey.CreateKey:
			m.move(w.Key, +1)
		case apikey.ReplaceKey:
			m.move(w.Before, -1)
			m.move(w.After, +1)
		case apikey.DeleteKey:
			m.move(w.Key, -1)
		}
	}
	return m
}

func (m countDeltas) move(key apikey.Key, by int) {
	m.orgs[key.Org] += by
	if policy, counts := policyOf(key); counts {
		m.policies[policy] += by
	}
	if user, counts := userOf(key); counts {
		m.users[user] += by
	}
}

// policyOf returns the policy that counts the key.
func policyOf(key apikey.Key) (policy owned, counts bool) {
	return owned{key.Org, key.Policy}, !key.Policy.IsZero()
}

// userOf returns the user who counts the key.
func userOf(key apikey.Key) (user owned, counts bool) {
	return owned{key.Org, key.OnBehalfOf}, key.Type == apikey.TypePersonal && !key.OnBehalfOf.IsZero()
}

// applyCounts adjusts the counts. It ignores owners that are gone. A count that
// is too low stays as it is, so that none falls below 0.
func (c commit) applyCounts() {
	for id, by := range c.countDeltas.orgs {
		if org, exists := c.Store.orgs[id]; exists && org.KeyCount+by >= 0 {
			org.KeyCount += by
			c.Store.orgs[id] = org
		}
	}
	for id, by := range c.countDeltas.policies {
		if policy, exists := c.Store.policies[id]; exists && policy.KeyCount+by >= 0 {
			policy.KeyCount += by
			c.Store.policies[id] = policy
		}
	}
	for id, by := range c.countDeltas.users {
		if user, exists := c.Store.users[id]; exists && user.KeyCount+by >= 0 {
			user.KeyCount += by
			c.Store.users[id] = user
		}
	}
}

func keyClaim(key apikey.Key) claim { return claim{key.Org, apikey.SubjectKey, key.Claim} }

// policyClaim returns no claim for a tombstone, which has given up its name.
func policyClaim(policy apikey.Policy) claim {
	if policy.Deleted {
		return claim{}
	}
	return claim{policy.Org, apikey.SubjectPolicy, policy.Claim}
}

func userClaim(user apikey.User) claim { return claim{user.Org, apikey.SubjectUser, user.Claim} }

// moveClaim frees one name, if it is the record's, and takes another; an empty
// claim is none.
func (s *Store) moveClaim(before, after claim, id keytext.ID) {
	if s.claims[before] == id {
		delete(s.claims, before)
	}
	if after.name != "" {
		s.claims[after] = id
	}
}
