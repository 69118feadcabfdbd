package dynamo

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/uuid"
)

// write adds a write to the plan, with its conditions in the documented order.
func (p *plan) write(write apikey.Write) {
	switch w := write.(type) {
	case apikey.CreateKey:
		p.createKey(w)
	case apikey.ReplaceKey:
		p.replaceKey(w)
	case apikey.DeleteKey:
		p.deleteKey(w)
	case apikey.Require:
		p.require(p.names.recordKey(w.Ref), versionOrAbsent(w.Version))
	case apikey.CreatePepper:
		// An update, not a put: a role that may put something may put it into every
		// kind of items that its transactions put.
		at := p.names.pepper(w.Pepper.Version)
		p.set(at, roundTrip(p, at, w.Pepper, pepperAttributes))
		p.require(at, versionOrAbsent(0))
	case apikey.ReplacePepper:
		at := p.names.pepper(w.Before.Version)
		p.set(at, roundTrip(p, at, w.After, pepperAttributes))
		p.require(at, hasState(w.Before.State))
	case apikey.RequirePepper:
		p.require(p.names.pepper(w.Version), hasState(w.State))
	case apikey.PutOutcome:
		at := p.names.recordKey(w.Outcome.Ref())
		p.put(at, roundTrip(p, at, w.Outcome, outcomeAttributes))
		p.require(at, versionOrAbsent(w.Outcome.Version-1))
	case apikey.BeginTask:
		at := p.names.task(w.Task)
		p.put(at, roundTrip(p, at, w.Task, taskAttributes))
	case apikey.FinishTask:
		p.remove(p.names.task(w.Task))
	case apikey.PutLastUse:
		at := p.names.lastUse(w.After.Key)
		p.put(at, roundTrip(p, at, w.After, lastUseAttributes))
		p.require(at, versionOrAbsent(w.Before.Version))
		if w.Before.Version == 0 {
			p.require(p.names.key(w.After.Key), present())
		}
	case apikey.PutNoticeRound:
		at := p.names.recordKey(apikey.NoticeRoundRef())
		p.put(at, roundTrip(p, at, w.Round, noticeRoundAttributes))
		p.require(at, versionOrAbsent(w.Round.Version-1))
	default:
		p.writeOwner(write)
	}
}

func (p *plan) createKey(w apikey.CreateKey) {
	at := p.names.key(w.Key.ID)
	p.add(at, roundTrip(p, at, w.Key, listedKeyAttributes), stale)
	p.requireOwners(p.names.owners(w.Key), w.Limit)
	p.moveClaim(itemKey{}, p.names.keyName(w.Key), w.Key.ID, apikey.SubjectKey)
	p.putSealed(w.Key.ID, w.Sealed)
}

// putSealed stores the encrypted copy of a key, if there is one.
func (p *plan) putSealed(id uuid.UUID, sealed []byte) {
	if len(sealed) > 0 {
		at := p.names.sealed(id)
		p.put(at, roundTrip(p, at, sealed, sealedAttributes))
	}
}

func (p *plan) replaceKey(w apikey.ReplaceKey) {
	before, after := w.Before, w.After
	at := p.names.key(before.ID)
	p.put(at, roundTrip(p, at, after, listedKeyAttributes))
	p.require(at, hasVersion(before.Version))
	were := p.names.owners(before)
	p.requireOwners(slices.DeleteFunc(p.names.owners(after), func(owner itemKey) bool { return slices.Contains(were, owner) }), 0)
	p.moveClaim(p.names.keyName(before), p.names.keyName(after), before.ID, apikey.SubjectKey)
	p.putSealed(after.ID, w.Sealed)
	p.moveDue(before, after)
}

// moveDue keeps the list of tombstones that are due.
func (p *plan) moveDue(before, after apikey.Key) {
	was, at := p.names.due(before), p.names.due(after)
	if was == at {
		return
	}
	if at != (itemKey{}) {
		p.put(at, roundTrip(p, at, apikey.Due{Org: after.Org, Key: after.ID, PurgeOn: after.PurgeOn}, dueAttributes))
	}
	if was != (itemKey{}) {
		p.remove(was)
	}
}

func (p *plan) deleteKey(w apikey.DeleteKey) {
	key := w.Key
	at := p.names.key(key.ID)
	p.remove(at)
	if w.Damaged {
		p.require(at, ofOrg(key.Org))
	} else {
		p.require(at, hasVersion(key.Version))
	}
	p.moveClaim(p.names.keyName(key), itemKey{}, key.ID, apikey.SubjectKey)
	if key.Deleted() {
		p.moveDue(key, apikey.Key{})
		p.require(p.names.due(key), present())
	}
	if key.Recoverable {
		p.remove(p.names.sealed(key.ID))
	}
	p.remove(p.names.lastUse(key.ID))
}

var errSeveralKeys = errors.New("a change adds several keys to an organization")

// requireOwners requires that the new owners of a key exist and have room for
// everything that the change adds. A limit other than 0 takes the place of the
// organization's quota.
func (p *plan) requireOwners(owners []itemKey, limit int) {
	for _, owner := range owners {
		if owner.hasSort(policySort) {
			p.require(owner, notTombstone())
		} else {
			p.require(owner, present())
		}
	}
	for _, owner := range owners {
		switch by := p.deltas[owner]; {
		case by <= 0 || owner.hasSort(policySort):
		case owner.hasSort(userSort):
			p.require(owner, belowUserQuota(by))
		case by == 1 && limit > 0:
			p.require(owner, belowQuota(limit))
		case by == 1:
			p.require(owner, belowStoredQuota())
		default:
			p.fail(errSeveralKeys)
		}
	}
}

// moveClaim moves a record's claim on a name; a zero key is no claim.
func (p *plan) moveClaim(before, after itemKey, id uuid.UUID, subject apikey.Subject) {
	if before == after {
		return
	}
	if after != (itemKey{}) {
		p.add(after, roundTrip(p, after, id, claimAttributes), nameTaken(subject))
	}
	if before != (itemKey{}) && !p.dropped[optionalPart{before, false}] {
		p.remove(before)
		p.require(before, claimOf(id))
	}
}

// writeOwner does what write does, for records that can own keys and for services.
func (p *plan) writeOwner(write apikey.Write) {
	switch w := write.(type) {
	case apikey.CreateOrganization:
		p.createOrganization(w.Organization)
	case apikey.EnterOrganization:
		p.put(p.names.entered(w.Org), item{})
	case apikey.ReplaceOrganization:
		at := p.names.org(w.Before.ID)
		p.replace(at, roundTrip(p, at, w.After, orgAttributes), w.Before.Version)
	case apikey.ReplaceStatus:
		p.replaceStatus(w.Before, w.After)
	case apikey.CreatePolicy, apikey.ReplacePolicy, apikey.DeletePolicy:
		p.writePolicy(write)
	case apikey.CreateUser, apikey.ReplaceUser, apikey.DeleteUser:
		p.writeUser(write)
	default:
		p.writeService(write)
	}
}

func (p *plan) writePolicy(write apikey.Write) {
	switch w := write.(type) {
	case apikey.CreatePolicy:
		at := p.names.policy(w.Policy.Org, w.Policy.ID)
		p.add(at, withZeroCount(roundTrip(p, at, w.Policy, policyAttributes)), stale)
		p.moveClaim(itemKey{}, p.names.policyName(w.Policy), w.Policy.ID, apikey.SubjectPolicy)
	case apikey.ReplacePolicy:
		at := p.names.policy(w.Before.Org, w.Before.ID)
		after := roundTrip(p, at, w.After, policyAttributes)
		if w.Damaged {
			after["keyCount"] = number(w.After.KeyCount)
			p.set(at, after)
			p.require(at, present())
		} else {
			p.replace(at, after, w.Before.Version)
		}
		if w.Unused {
			p.require(at, countIs(-p.deltas[at]))
		}
		p.moveClaim(p.names.policyName(w.Before), p.names.policyName(w.After), w.Before.ID, apikey.SubjectPolicy)
	case apikey.DeletePolicy:
		at := p.names.policy(w.Policy.Org, w.Policy.ID)
		p.remove(at)
		p.require(at, hasVersion(w.Policy.Version))
		if w.Miscounted {
			p.require(at, countIs(w.Policy.KeyCount))
		} else {
			p.require(at, countIs(-p.deltas[at]))
		}
		p.moveClaim(p.names.policyName(w.Policy), itemKey{}, w.Policy.ID, apikey.SubjectPolicy)
	}
}

func (p *plan) writeUser(write apikey.Write) {
	switch w := write.(type) {
	case apikey.CreateUser:
		at := p.names.user(w.User.Org, w.User.ID)
		p.add(at, withZeroCount(roundTrip(p, at, w.User, userAttributes)), stale)
		p.moveClaim(itemKey{}, p.names.email(w.User.Org, w.User.Claim), w.User.ID, apikey.SubjectUser)
	case apikey.ReplaceUser:
		at := p.names.user(w.Before.Org, w.Before.ID)
		p.replace(at, roundTrip(p, at, w.After, userAttributes), w.Before.Version)
		if w.Counted {
			p.require(at, countIs(w.Before.KeyCount))
		}
		p.moveClaim(p.names.email(w.Before.Org, w.Before.Claim), p.names.email(w.After.Org, w.After.Claim), w.Before.ID, apikey.SubjectUser)
	case apikey.DeleteUser:
		at := p.names.user(w.User.Org, w.User.ID)
		p.remove(at)
		p.require(at, unlessDamaged(w.Damaged, w.User.Version))
		if w.Counted {
			p.require(at, countIs(w.User.KeyCount))
		}
		p.moveClaim(p.names.email(w.User.Org, w.User.Claim), itemKey{}, w.User.ID, apikey.SubjectUser)
	}
}

func (p *plan) createOrganization(org apikey.Organization) {
	status := apikey.Status{Org: org.ID, Version: 1}
	at := p.names.org(org.ID)
	encoded := withZeroCount(roundTrip(p, at, org, orgAttributes))
	maps.Copy(encoded, encode(status, repeatedStatusAttributes))
	p.add(at, encoded, stale)
	p.putStatus(status)
	p.put(p.names.entered(org.ID), item{})
}

// replaceStatus replaces a status, and its copy in the organization's record,
// which earlier versions read. If the record has no room for it, the copy is
// left out, so that any organization can be suspended.
func (p *plan) replaceStatus(before, after apikey.Status) {
	p.putStatus(after)
	p.require(p.names.status(after.Org), versionOrAbsent(before.Version))
	org := p.names.org(after.Org)
	if !p.dropped[optionalPart{org, true}] {
		p.step(org).repeat = encode(after, repeatedStatusAttributes)
	}
	p.require(org, present())
}

func (p *plan) putStatus(status apikey.Status) {
	at := p.names.status(status.Org)
	p.put(at, roundTrip(p, at, status, statusAttributes))
}

// withZeroCount returns the item of a new owner, which has no keys.
func withZeroCount(encoded item) item {
	encoded["keyCount"] = number(0)
	return encoded
}

// replace sets all attributes except the count, which is adjusted separately.
func (p *plan) replace(at itemKey, attributes item, version int64) {
	p.set(at, attributes)
	p.require(at, hasVersion(version))
}

func (p *plan) writeService(write apikey.Write) {
	switch w := write.(type) {
	case apikey.PutService:
		at := p.names.service(w.After.Org, w.After.ID)
		encoded := roundTrip(p, at, w.After, serviceAttributes)
		p.put(at, encoded)
		p.require(at, versionOrAbsent(w.Before.Version))
		p.claimAPIs(w.Before, w.After, encoded)
	case apikey.DeleteService:
		at := p.names.service(w.Service.Org, w.Service.ID)
		p.remove(at)
		p.require(at, unlessDamaged(w.Damaged, w.Service.Version))
		p.claimAPIs(w.Service, apikey.Service{}, nil)
	default:
		panic(fmt.Sprintf("dynamo: %T is no write of this store", write))
	}
}

// claimAPIs puts a copy of the service's item under each of its APIs, and frees
// those that it no longer has.
func (p *plan) claimAPIs(before, after apikey.Service, encoded item) {
	had := make(map[itemKey]bool)
	for _, api := range after.APIs {
		at := p.names.api(api)
		if had[at] {
			continue
		}
		had[at] = true
		p.put(at, encoded)
		p.require(at, ofService(after, nameTaken(apikey.SubjectService)))
	}
	for _, api := range before.APIs {
		at := p.names.api(api)
		if had[at] {
			continue
		}
		if had[at] = true; !p.dropped[optionalPart{at, false}] {
			p.remove(at)
			p.require(at, ofService(before, nil))
		}
	}
}
