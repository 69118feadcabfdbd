package dynamo

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/keytext"
)

// write adds a write to the plan, its conditions in the order in which they are
// documented.
func (p *plan) write(write apikey.Write) {
	switch w := write.(type) {
	case apikey.CreateKey:
		p.createKey(w)
	case apikey.ReplaceKey:
		p.replaceKey(w.Before, w.After)
	case apikey.DeleteKey:
		p.deleteKey(w)
	case apikey.Require:
		p.require(p.names.of(w.Ref), inVersion(w.Version))
	case apikey.CreatePepper:
		at := p.names.pepper(w.Pepper.Version)
		p.add(at, proved(p, at, w.Pepper, pepperItem, decodePepper), stale)
	case apikey.BeginTask:
		at := p.names.task(w.Task)
		p.put(at, proved(p, at, w.Task, taskItem, decodeTask))
	case apikey.FinishTask:
		p.remove(p.names.task(w.Task))
	default:
		p.writeOwner(write)
	}
}

func (p *plan) createKey(w apikey.CreateKey) {
	at := p.names.key(w.Key.ID)
	p.add(at, proved(p, at, w.Key, keyItem, decodeListedKey), stale)
	p.enter(p.names.owners(w.Key), w.Limit)
	p.claim(place{}, p.names.keyName(w.Key), w.Key.ID, apikey.SubjectKey)
	if len(w.Sealed) > 0 {
		copied := p.names.sealed(w.Key.ID)
		p.put(copied, proved(p, copied, w.Sealed, sealedItem, decodeSealed))
	}
}

func (p *plan) replaceKey(before, after apikey.Key) {
	at := p.names.key(before.ID)
	p.put(at, proved(p, at, after, keyItem, decodeListedKey))
	p.require(at, asWas(before.Version))
	were := p.names.owners(before)
	p.enter(slices.DeleteFunc(p.names.owners(after), func(owner place) bool { return slices.Contains(were, owner) }), 0)
	p.claim(p.names.keyName(before), p.names.keyName(after), before.ID, apikey.SubjectKey)
}

func (p *plan) deleteKey(w apikey.DeleteKey) {
	key := w.Key
	at := p.names.key(key.ID)
	p.remove(at)
	if w.Damaged {
		p.require(at, ofOrg(key.Org))
	} else {
		p.require(at, asWas(key.Version))
	}
	p.claim(p.names.keyName(key), place{}, key.ID, apikey.SubjectKey)
	if key.Recoverable {
		p.remove(p.names.sealed(key.ID))
	}
}

var errSeveral = errors.New("a change adds several keys to an organization")

// enter is about the owners that a key comes to: they must exist, and have room
// for all that the change adds together. A limit takes the place of the
// organization's quota.
func (p *plan) enter(owners []place, limit int) {
	for _, owner := range owners {
		if owner.is(policySort) {
			p.require(owner, live())
		} else {
			p.require(owner, there())
		}
	}
	for _, owner := range owners {
		switch by := p.moves[owner]; {
		case by <= 0 || owner.is(policySort):
		case owner.is(userSort):
			p.require(owner, roomFor(by))
		case by == 1 && limit > 0:
			p.require(owner, countingBelow(limit))
		case by == 1:
			p.require(owner, roomForOne())
		default:
			p.fail(errSeveral)
		}
	}
}

// claim moves a thing's claim on a name; a place that is nowhere is no claim.
func (p *plan) claim(before, after place, id keytext.ID, subject apikey.Subject) {
	if before == after {
		return
	}
	if after != (place{}) {
		p.add(after, proved(p, after, id, claimItem, decodeClaim), taken(subject))
	}
	if before != (place{}) && !p.left[part{before, false}] {
		p.remove(before)
		p.require(before, claimed(id))
	}
}

// writeOwner is write for what may own keys, and for services.
func (p *plan) writeOwner(write apikey.Write) {
	switch w := write.(type) {
	case apikey.CreateOrganization:
		p.createOrganization(w.Organization)
	case apikey.ReplaceOrganization:
		at := p.names.org(w.Before.ID)
		p.replace(at, proved(p, at, w.After, orgItem, decodeOrganization), w.Before.Version)
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
		p.add(at, uncounted(proved(p, at, w.Policy, policyItem, decodePolicy)), stale)
		p.claim(place{}, p.names.policyName(w.Policy), w.Policy.ID, apikey.SubjectPolicy)
	case apikey.ReplacePolicy:
		at := p.names.policy(w.Before.Org, w.Before.ID)
		after := proved(p, at, w.After, policyItem, decodePolicy)
		if w.Damaged {
			after["keyCount"] = number(w.After.KeyCount)
			p.set(at, after)
			p.require(at, there())
		} else {
			p.replace(at, after, w.Before.Version)
		}
		if w.Unused {
			p.require(at, counting(-p.moves[at]))
		}
		p.claim(p.names.policyName(w.Before), p.names.policyName(w.After), w.Before.ID, apikey.SubjectPolicy)
	case apikey.DeletePolicy:
		at := p.names.policy(w.Policy.Org, w.Policy.ID)
		p.remove(at)
		p.require(at, asWas(w.Policy.Version))
		if w.Miscounted {
			p.require(at, counting(w.Policy.KeyCount))
		} else {
			p.require(at, counting(-p.moves[at]))
		}
		p.claim(p.names.policyName(w.Policy), place{}, w.Policy.ID, apikey.SubjectPolicy)
	}
}

func (p *plan) writeUser(write apikey.Write) {
	switch w := write.(type) {
	case apikey.CreateUser:
		at := p.names.user(w.User.Org, w.User.ID)
		p.add(at, uncounted(proved(p, at, w.User, userItem, decodeUser)), stale)
		p.claim(place{}, p.names.email(w.User.Org, w.User.Claim), w.User.ID, apikey.SubjectUser)
	case apikey.ReplaceUser:
		at := p.names.user(w.Before.Org, w.Before.ID)
		p.replace(at, proved(p, at, w.After, userItem, decodeUser), w.Before.Version)
		if w.Counted {
			p.require(at, counting(w.Before.KeyCount))
		}
		p.claim(p.names.email(w.Before.Org, w.Before.Claim), p.names.email(w.After.Org, w.After.Claim), w.Before.ID, apikey.SubjectUser)
	case apikey.DeleteUser:
		at := p.names.user(w.User.Org, w.User.ID)
		p.remove(at)
		p.require(at, unlessDamaged(w.Damaged, w.User.Version))
		if w.Counted {
			p.require(at, counting(w.User.KeyCount))
		}
		p.claim(p.names.email(w.User.Org, w.User.Claim), place{}, w.User.ID, apikey.SubjectUser)
	}
}

func (p *plan) createOrganization(org apikey.Organization) {
	status := apikey.Status{Org: org.ID, Version: 1}
	at := p.names.org(org.ID)
	encoded := uncounted(proved(p, at, org, orgItem, decodeOrganization))
	maps.Copy(encoded, repeatedStatus(status))
	p.add(at, encoded, stale)
	p.putStatus(status)
}

// replaceStatus repeats the status in the organization's record, where earlier
// versions look for it, unless that has no room left: no organization is too
// large to be suspended.
func (p *plan) replaceStatus(before, after apikey.Status) {
	p.putStatus(after)
	p.require(p.names.status(after.Org), inVersion(before.Version))
	org := p.names.org(after.Org)
	if !p.left[part{org, true}] {
		p.step(org).repeat = repeatedStatus(after)
	}
	p.require(org, there())
}

func (p *plan) putStatus(status apikey.Status) {
	at := p.names.status(status.Org)
	p.put(at, proved(p, at, status, statusItem, decodeStatus))
}

// uncounted is a new owner's item, with no keys yet.
func uncounted(encoded item) item {
	encoded["keyCount"] = number(0)
	return encoded
}

// replace sets all attributes but the count, which moves on its own.
func (p *plan) replace(at place, attributes item, version int64) {
	p.set(at, attributes)
	p.require(at, asWas(version))
}

func (p *plan) writeService(write apikey.Write) {
	switch w := write.(type) {
	case apikey.PutService:
		at := p.names.service(w.After.Org, w.After.ID)
		encoded := proved(p, at, w.After, serviceItem, decodeService)
		p.put(at, encoded)
		p.require(at, inVersion(w.Before.Version))
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
// those that it has no more.
func (p *plan) claimAPIs(before, after apikey.Service, encoded item) {
	had := make(map[place]bool)
	for _, api := range after.APIs {
		at := p.names.api(api)
		if had[at] {
			continue
		}
		had[at] = true
		p.put(at, encoded)
		p.require(at, ofService(after, taken(apikey.SubjectService)))
	}
	for _, api := range before.APIs {
		at := p.names.api(api)
		if had[at] {
			continue
		}
		if had[at] = true; !p.left[part{at, false}] {
			p.remove(at)
			p.require(at, ofService(before, nil))
		}
	}
}
