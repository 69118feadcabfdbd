package verify

import (
	"context"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/keytext"
)

// begin asks for a key. The service comes with it where nothing is known of the
// service: else a key of nobody costs one record, and no service, which can be
// large.
func (l *lookup) requestKey(id keytext.ID, now time.Time) {
	r := l.records
	r.mu.Lock()
	defer r.mu.Unlock()
	if l.request(keyName(id), now).state != settled && l.builtin == nil && r.find(l.api) == nil {
		l.request(l.api, now)
	}
}

// need is what a decision depends on besides the key.
type dependencies struct {
	org apikey.OrgID
	// user is whom the holder acts or goes as, if anybody.
	user keytext.ID
	// policy is the holder's. Of a holder who acts as the user it is a guess,
	// for as long as nothing is known of the user.
	policy keytext.ID
	acts   bool
	// barred is why the service does not matter.
	refusal Code
}

func (r *keyRecord) dependencies(barred Code) dependencies {
	n := dependencies{org: r.org, user: r.onBehalfOf, policy: r.policy, refusal: barred}
	if r.kind == apikey.TypePersonal {
		n.policy, n.acts = r.userPolicy, true
	}
	return n
}

// follow asks for what is needed, as far as its names are known, and reports
// whether any of it is to be read.
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

// policy is the one that is needed, by what is known of the user.
func (s *slot) policy(n *dependencies) keytext.ID {
	record, exists := s.value.(*userRecord)
	switch {
	case !n.acts, !exists && s.state != settled:
		return n.policy
	case !exists, record.role == apikey.RoleOwner:
		return keytext.ID{}
	}
	return record.policy
}

// foreign reports whether the service of an API is known to be no service of the
// organization's. It is read apart: those who ask for it must not wait for what a
// stranger's key depends on. r.mu must be held.
func (r *recordCache) servesOther(api name, org apikey.OrgID) bool {
	e := r.find(api)
	if e == nil {
		return false
	}
	service, exists := e.value.(*guardedService)
	return exists && service.record.Org != org
}

// claimed finds the user who has a claim, and all that is needed of that user;
// zero where there is none. Who had the claim when it was last asked for is asked
// for at once: a user's record says whether the user still has it.
func (l *lookup) userByClaim(ctx context.Context, claim name, barred Code) (keytext.ID, error) {
	r := l.records
	if last := r.claimant(claim); last != nil {
		if has, err := l.ownsClaim(ctx, last.id, claim, barred); has || err != nil {
			return last.id, err
		}
	}
	r.mu.Lock()
	l.request(claim, r.now())
	r.mu.Unlock()
	r.fetch(ctx, l)
	present, err := found[*claimant](l, claimKind)
	if present == nil || err != nil {
		return keytext.ID{}, err
	}
	has, err := l.ownsClaim(ctx, present.id, claim, barred)
	if !has {
		return keytext.ID{}, err
	}
	return present.id, err
}

// claimant is who had a claim when it was last asked for; nil where nobody is
// known.
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

// has finds whether a user has a claim, and all that is needed of the user.
func (l *lookup) ownsClaim(ctx context.Context, user keytext.ID, claim name, barred Code) (bool, error) {
	n := &dependencies{org: apikey.OrgID(claim.org), user: user, acts: true, refusal: barred}
	for l.requestAll(n, l.records.now()) {
		l.records.fetch(ctx, l)
	}
	record, err := found[*userRecord](l, userKind)
	return record != nil && record.claim == claim.text, err
}
