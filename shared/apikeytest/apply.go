package apikeytest

import (
	"slices"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/uuid"
)

// apply applies a write whose conditions hold, except for the counts.
func (c commit) apply(write apikey.Write) {
	switch w := write.(type) {
	case apikey.CreateKey:
		c.replace(keyRef(w.Key), w.Key, claim{}, keyClaim(w.Key))
		c.putSealed(w.Key.ID, w.Sealed)
	case apikey.ReplaceKey:
		c.replace(keyRef(w.After), w.After, keyClaim(w.Before), keyClaim(w.After))
		c.moveDue(w.After)
		c.putSealed(w.After.ID, w.Sealed)
	case apikey.DeleteKey:
		c.remove(keyRef(w.Key), keyClaim(w.Key))
		c.moveDue(apikey.Key{ID: w.Key.ID})
		delete(c.sealed, w.Key.ID)
		delete(c.records, apikey.LastUseRef(w.Key.ID))
	case apikey.CreatePepper:
		c.peppers[w.Pepper.Version] = clone(w.Pepper)
	case apikey.ReplacePepper:
		c.peppers[w.After.Version] = clone(w.After)
	case apikey.PutOutcome:
		c.put(w.Outcome.Ref(), w.Outcome)
	case apikey.BeginTask:
		c.tasks[w.Task] = true
	case apikey.FinishTask:
		delete(c.tasks, w.Task)
	case apikey.PutLastUse:
		c.records[apikey.LastUseRef(w.After.Key)] = clone(w.After)
	case apikey.PutNoticeRound:
		c.put(apikey.NoticeRoundRef(), w.Round)
	default:
		c.applyOwner(write)
	}
}

// putSealed stores the encrypted copy of a key, if there is one.
func (c commit) putSealed(id uuid.UUID, sealed []byte) {
	if len(sealed) > 0 {
		c.sealed[id] = slices.Clone(sealed)
	}
}

// applyOwner is apply for records that can own keys, and for services.
func (c commit) applyOwner(write apikey.Write) {
	switch w := write.(type) {
	case apikey.CreateOrganization:
		c.put(apikey.OrganizationRef(w.Organization.ID), w.Organization)
		c.put(apikey.StatusRef(w.Organization.ID), apikey.Status{Org: w.Organization.ID, Version: 1})
		c.entered[w.Organization.ID] = true
	case apikey.EnterOrganization:
		c.entered[w.Org] = true
	case apikey.ReplaceOrganization:
		c.put(apikey.OrganizationRef(w.After.ID), w.After)
	case apikey.ReplaceStatus:
		c.put(apikey.StatusRef(w.After.Org), w.After)
	case apikey.CreatePolicy:
		c.replace(policyRef(w.Policy), w.Policy, claim{}, policyClaim(w.Policy))
	case apikey.ReplacePolicy:
		c.replace(policyRef(w.After), w.After, policyClaim(w.Before), policyClaim(w.After))
		if w.Damaged {
			delete(c.damaged, policyRef(w.After))
			c.records[policyRef(w.After)] = clone(w.After)
		}
	case apikey.DeletePolicy:
		c.remove(policyRef(w.Policy), policyClaim(w.Policy))
	case apikey.CreateUser:
		c.replace(userRef(w.User), w.User, claim{}, userClaim(w.User))
	case apikey.ReplaceUser:
		c.replace(userRef(w.After), w.After, userClaim(w.Before), userClaim(w.After))
	case apikey.DeleteUser:
		c.remove(userRef(w.User), userClaim(w.User))
	case apikey.PutService:
		c.dropService(w.Before)
		c.put(serviceRef(w.After), w.After)
		for _, api := range w.After.APIs {
			c.apis[apikey.APIRef(api)] = serviceRef(w.After)
		}
	case apikey.DeleteService:
		c.dropService(w.Service)
	}
}

// replace stores a record and moves its claim.
func (s *Store) replace(ref apikey.Ref, record any, before, after claim) {
	s.put(ref, record)
	s.moveClaim(before, after, ref.ID)
}

// remove deletes a record and frees its claim.
func (s *Store) remove(ref apikey.Ref, claimed claim) {
	delete(s.records, ref)
	delete(s.damaged, ref)
	s.moveClaim(claimed, claim{}, ref.ID)
}

// moveDue stores what is due about a key, if it is a tombstone.
func (s *Store) moveDue(key apikey.Key) {
	if delete(s.records, dueRef(key)); key.Deleted() {
		s.put(dueRef(key), apikey.Due{Org: key.Org, Key: key.ID, PurgeOn: key.PurgeOn})
	}
}

func (s *Store) dropService(service apikey.Service) {
	ref := serviceRef(service)
	s.remove(ref, claim{})
	for _, api := range service.APIs {
		if s.apis[apikey.APIRef(api)] == ref {
			delete(s.apis, apikey.APIRef(api))
		}
	}
}
