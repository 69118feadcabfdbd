package apikeytest

import (
	"context"
	"errors"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/keytext"
)

// Commit implements [apikey.Store]. Since the writes of a change concern
// different things, checking all of them before applying any is the same as a
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
	c.count()
	for _, record := range change.Audits {
		s.audit[record.ID] = copyAudit(record)
	}
	return nil
}

// commit is one change on its way into the store, and how far it moves each
// count.
type commit struct {
	*Store
	moves
}

// moves are how far a change moves the counts of keys, all of its writes
// together.
type moves struct {
	orgs            map[apikey.OrgID]int
	policies, users map[owned]int
}

func movesOf(writes []apikey.Write) moves {
	m := moves{make(map[apikey.OrgID]int), make(map[owned]int), make(map[owned]int)}
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

func (m moves) move(key apikey.Key, by int) {
	m.orgs[key.Org] += by
	if policy, counts := policyOf(key); counts {
		m.policies[policy] += by
	}
	if user, counts := userOf(key); counts {
		m.users[user] += by
	}
}

// policyOf is the policy that counts the key.
func policyOf(key apikey.Key) (policy owned, counts bool) {
	return owned{key.Org, key.Policy}, !key.Policy.IsZero()
}

// userOf is the user who counts the key.
func userOf(key apikey.Key) (user owned, counts bool) {
	return owned{key.Org, key.OnBehalfOf}, key.Type == apikey.TypePersonal && !key.OnBehalfOf.IsZero()
}

// count moves the counts. Those of an owner that is gone are forgotten, and one
// that missed the keys stays, so that none is below 0.
func (c commit) count() {
	for id, by := range c.moves.orgs {
		if org, exists := c.Store.orgs[id]; exists && org.KeyCount+by >= 0 {
			org.KeyCount += by
			c.Store.orgs[id] = org
		}
	}
	for id, by := range c.moves.policies {
		if policy, exists := c.Store.policies[id]; exists && policy.KeyCount+by >= 0 {
			policy.KeyCount += by
			c.Store.policies[id] = policy
		}
	}
	for id, by := range c.moves.users {
		if user, exists := c.Store.users[id]; exists && user.KeyCount+by >= 0 {
			user.KeyCount += by
			c.Store.users[id] = user
		}
	}
}

func keyClaim(key apikey.Key) claim { return claim{key.Org, apikey.SubjectKey, key.Claim} }

// policyClaim is empty for a tombstone, which has given up its name.
func policyClaim(policy apikey.Policy) claim {
	if policy.Deleted {
		return claim{}
	}
	return claim{policy.Org, apikey.SubjectPolicy, policy.Claim}
}

func userClaim(user apikey.User) claim { return claim{user.Org, apikey.SubjectUser, user.Claim} }

// moveClaim gives up one name, if it is the thing's, and takes another; an empty
// one is none.
func (s *Store) moveClaim(before, after claim, id keytext.ID) {
	if s.claims[before] == id {
		delete(s.claims, before)
	}
	if after.name != "" {
		s.claims[after] = id
	}
}
