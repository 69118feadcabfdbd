package apikeytest

import (
	"context"
	"errors"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/uuid"
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
	if len(change.Audits) == 0 && change.NeedsAudit() {
		return apikey.PermanentError("commit a change", errors.New("it has no audit record"))
	}
	for _, record := range change.Audits[:min(len(change.Audits), 1)] {
		if _, applied := s.audit[auditRef(record)]; applied {
			return nil
		}
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
		s.audit[auditRef(record)] = clone(record)
	}
	return nil
}

// commit is one change that is being committed. moves maps each owner to the
// sum of the change's adjustments of its count.
type commit struct {
	*Store
	moves map[apikey.Ref]int
}

func movesOf(writes []apikey.Write) map[apikey.Ref]int {
	moves := make(map[apikey.Ref]int)
	move := func(key apikey.Key, by int) {
		if key.Deleted() {
			return
		}
		moves[apikey.OrganizationRef(key.Org)] += by
		if policy, counts := policyOf(key); counts {
			moves[policy] += by
		}
		if user, counts := userOf(key); counts {
			moves[user] += by
		}
	}
	for _, write := range writes {
		switch w := write.(type) {
		case apikey.CreateKey:
			move(w.Key, +1)
		case apikey.ReplaceKey:
			move(w.Before, -1)
			move(w.After, +1)
		case apikey.DeleteKey:
			move(w.Key, -1)
		}
	}
	return moves
}

// policyOf returns the policy that counts the key.
func policyOf(key apikey.Key) (policy apikey.Ref, counts bool) {
	return apikey.PolicyRef(key.Org, key.Policy), !key.Policy.IsZero()
}

// userOf returns the user who counts the key.
func userOf(key apikey.Key) (user apikey.Ref, counts bool) {
	return apikey.UserRef(key.Org, key.OnBehalfOf), key.Type == apikey.TypePersonal && !key.OnBehalfOf.IsZero()
}

// applyCounts adjusts the counts. It ignores owners that are gone. A count that
// is too low stays as it is, so that none falls below 0.
func (c commit) applyCounts() {
	for ref, by := range c.moves {
		if owner, exists := c.records[ref]; exists && countOf(owner)+by >= 0 {
			c.records[ref] = withCount(owner, countOf(owner)+by)
		}
	}
}

// keyClaim returns no claim for a tombstone, which has given up its name.
func keyClaim(key apikey.Key) claim {
	if key.Deleted() {
		return claim{}
	}
	return claim{key.Org, apikey.SubjectKey, key.Claim}
}

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
func (s *Store) moveClaim(before, after claim, id uuid.UUID) {
	if s.claims[before] == id {
		delete(s.claims, before)
	}
	if after.name != "" {
		s.claims[after] = id
	}
}
