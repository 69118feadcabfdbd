package verify

import (
	"context"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/uuid"
)

// requestKey requests a key. It also requests the service if nothing is known
// of it. Otherwise it does not, so an unknown key costs a read of one record
// and not of a service, which can be large.
func (l *lookup) requestKey(id uuid.UUID, now time.Time) {
	r := l.records
	r.mu.Lock()
	defer r.mu.Unlock()
	if l.request(keyName(id), now).state != settled && l.builtin == nil && r.find(l.api) == nil {
		l.request(l.api, now)
	}
}

// renewAfter is the time between two reads of a key because of wrong secrets.
const renewAfter = 100 * time.Millisecond

// requestNewer marks the key to be read again if its record was read before this
// request arrived, and reports whether it did. A new secret must work at once,
// whatever the cache's TTL. Wrong secrets cause at most one such read per renewAfter.
func (l *lookup) requestNewer(asked, now time.Time) bool {
	r, s := l.records, &l.slots[keyKind]
	r.mu.Lock()
	defer r.mu.Unlock()
	if e := r.find(*s.name); e != nil && s.since.Before(asked) {
		if apikey.Fresh(now, e.renewed, renewAfter) {
			asked = e.renewed
		} else {
			e.renewed = now
		}
	}
	if !s.since.Before(asked) {
		return false
	}
	s.state, s.notBefore = wanted, asked
	return true
}

// dependencies are what a decision depends on besides the key.
type dependencies struct {
	org apikey.OrgID
	// user is whom the holder acts or identifies as, if anybody.
	user uuid.UUID
	// policy is the holder's. For a holder who acts as the user, it is a guess
	// until the user's record is known.
	policy uuid.UUID
	acts   bool
	// refusal is why the service does not matter.
	refusal Code
}

func (r *keyRecord) dependencies(refusal Code) dependencies {
	n := dependencies{org: r.org, user: r.onBehalfOf, policy: r.policy, refusal: refusal}
	if r.kind == apikey.TypePersonal {
		n.policy, n.acts = r.userPolicy, true
	}
	return n
}

// requestAll requests the dependencies whose names are known, and reports
// whether any of them must be read.
func (l *lookup) requestAll(n *dependencies, now time.Time) (more bool) {
	r := l.records
	r.mu.Lock()
	defer r.mu.Unlock()
	l.request(statusName(n.org), now)
	policy := n.policy
	if !n.user.IsZero() {
		policy = l.request(userName(n.org, n.user), now).policy(n)
	}
	if policy.IsZero() {
		l.slots[policyKind] = slot{}
	} else {
		l.request(policyName(n.org, policy), now)
	}
	more = l.anyWanted()
	if l.builtin != nil || n.refusal != "" || more && r.servesOther(l.api, n.org) {
		return more
	}
	return l.request(l.api, now).state == wanted || more
}

// policy returns the policy that is needed, judging by what is known of the
// user.
func (s *slot) policy(n *dependencies) uuid.UUID {
	record, exists := s.value.(*userRecord)
	switch {
	case !n.acts, !exists && s.state != settled:
		return n.policy
	case !exists, record.role == apikey.RoleOwner:
		return uuid.UUID{}
	}
	return record.policy
}

// servesOther reports whether the API is known to serve another organization.
// Its service is then read separately, so that callers who share that read do
// not wait for another organization's records. r.mu must be held.
func (r *recordCache) servesOther(api name, org apikey.OrgID) bool {
	e := r.find(api)
	if e == nil {
		return false
	}
	service, exists := e.value.(*guardedService)
	return exists && service.record.Org != org
}

// userByClaim returns the user who has an address's claim, and requests that user's
// dependencies; zero if there is none. It first requests the user who had the
// claim last: that user's record says whether it is still theirs.
func (l *lookup) userByClaim(ctx context.Context, claim name, refusal Code) (uuid.UUID, error) {
	r := l.records
	if last := r.claimant(claim); last != nil {
		if has, err := l.ownsClaim(ctx, last.id, claim, refusal); has || err != nil {
			return last.id, err
		}
	}
	r.mu.Lock()
	l.request(claim, r.now())
	r.mu.Unlock()
	r.fetch(ctx, l)
	present, err := found[*claimant](l, claimKind)
	if present == nil || err != nil {
		return uuid.UUID{}, err
	}
	has, err := l.ownsClaim(ctx, present.id, claim, refusal)
	if !has {
		return uuid.UUID{}, err
	}
	return present.id, err
}

// claimant returns who had a claim when it was last read; nil if unknown.
func (r *recordCache) claimant(claim name) *claimant {
	r.mu.Lock()
	defer r.mu.Unlock()
	e := r.find(claim)
	if e == nil {
		return nil
	}
	last, _ := e.value.(*claimant)
	return last
}

// ownsClaim reports whether a user has a claim, after fetching the user's
// dependencies.
func (l *lookup) ownsClaim(ctx context.Context, user uuid.UUID, claim name, refusal Code) (bool, error) {
	n := &dependencies{org: apikey.OrgID(claim.org), user: user, acts: true, refusal: refusal}
	for l.requestAll(n, l.records.now()) {
		l.records.fetch(ctx, l)
	}
	record, err := found[*userRecord](l, userKind)
	return record != nil && record.claim == claim.text, err
}
