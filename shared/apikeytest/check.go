package apikeytest

import (
	"cmp"
	"fmt"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/keytext"
)

// check returns the error of the first condition of a write that does not hold.
func (c commit) check(write apikey.Write) error {
	switch w := write.(type) {
	case apikey.CreateKey:
		_, exists := c.keys[w.Key.ID]
		return first(staleUnless(!exists), c.checkOwners(apikey.Key{}, w.Key, w.Limit), c.checkClaim(claim{}, keyClaim(w.Key)))
	case apikey.ReplaceKey:
		return first(c.hasKey(w.Before.ID, w.Before.Version), c.checkOwners(w.Before, w.After, 0), c.checkClaim(keyClaim(w.Before), keyClaim(w.After)))
	case apikey.DeleteKey:
		if w.Damaged {
			return staleUnless(c.keys[w.Key.ID].Org == w.Key.Org)
		}
		return c.hasKey(w.Key.ID, w.Key.Version)
	case apikey.Require:
		return c.require(w)
	case apikey.CreatePepper:
		_, exists := c.peppers[w.Pepper.Version]
		return staleUnless(!exists)
	case apikey.BeginTask, apikey.FinishTask:
		return nil
	}
	return c.checkOwner(write)
}

// checkOwner is check for records that can own keys, and for services.
func (c commit) checkOwner(write apikey.Write) error {
	switch w := write.(type) {
	case apikey.CreateOrganization:
		_, exists := c.Store.orgs[w.Organization.ID]
		return staleUnless(!exists)
	case apikey.ReplaceOrganization:
		return c.hasOrg(w.Before.ID, w.Before.Version)
	case apikey.ReplaceStatus:
		_, exists := c.Store.orgs[w.After.Org]
		return first(staleUnless(exists), c.require(apikey.Require{Ref: apikey.StatusRef(w.After.Org), Version: w.Before.Version}))
	case apikey.CreatePolicy:
		_, exists := c.Store.policies[owned{w.Policy.Org, w.Policy.ID}]
		return first(staleUnless(!exists), c.checkClaim(claim{}, policyClaim(w.Policy)))
	case apikey.ReplacePolicy:
		id := owned{w.Before.Org, w.Before.ID}
		unused := c.Store.policies[id].KeyCount+c.countDeltas.policies[id] == 0
		_, exists := c.Store.policies[id]
		return first(unlessDamaged(w.Damaged, exists, c.hasPolicy(id, w.Before.Version)), staleUnless(unused || !w.Unused), c.checkClaim(policyClaim(w.Before), policyClaim(w.After)))
	case apikey.DeletePolicy:
		id := owned{w.Policy.Org, w.Policy.ID}
		count := c.Store.policies[id].KeyCount
		unused := count+c.countDeltas.policies[id] == 0 || w.Miscounted && count == w.Policy.KeyCount
		return first(c.hasPolicy(id, w.Policy.Version), staleUnless(unused))
	case apikey.CreateUser:
		_, exists := c.Store.users[owned{w.User.Org, w.User.ID}]
		return first(staleUnless(!exists), c.checkClaim(claim{}, userClaim(w.User)))
	case apikey.ReplaceUser:
		id := owned{w.Before.Org, w.Before.ID}
		counted := c.Store.users[id].KeyCount == w.Before.KeyCount
		return first(c.hasUser(id, w.Before.Version), staleUnless(counted || !w.Counted), c.checkClaim(userClaim(w.Before), userClaim(w.After)))
	case apikey.DeleteUser:
		id := owned{w.User.Org, w.User.ID}
		_, exists := c.Store.users[id]
		return first(unlessDamaged(w.Damaged, exists, c.hasUser(id, w.User.Version)), staleUnless(c.Store.users[id].KeyCount == w.User.KeyCount || !w.Counted))
	case apikey.PutService:
		return c.checkService(w.Before, w.After)
	case apikey.DeleteService:
		_, exists := c.services[serviceID{w.Service.Org, w.Service.ID}]
		return unlessDamaged(w.Damaged, exists, c.hasService(w.Service))
	}
	panic(fmt.Sprintf("apikeytest: %T is no write of this store", write))
}

// first returns the first error that is not nil.
func first(errs ...error) error { return cmp.Or(errs...) }

func staleUnless(holds bool) error {
	if holds {
		return nil
	}
	return apikey.StaleError()
}

// unlessDamaged requires of a damaged record only that it exists.
func unlessDamaged(damaged, exists bool, otherwise error) error {
	if damaged {
		return staleUnless(exists)
	}
	return otherwise
}

// require compares the version of a record; it is 0 if there is no record.
func (c commit) require(w apikey.Require) error {
	var version int64
	switch record := c.find(w.Ref).Record.(type) {
	case apikey.Key:
		version = record.Version
	case apikey.Organization:
		version = record.Version
	case apikey.Status:
		version = record.Version
	case apikey.Policy:
		version = record.Version
	case apikey.User:
		version = record.Version
	case apikey.Service:
		version = record.Version
	}
	return staleUnless(version == w.Version)
}

func (c commit) hasKey(id keytext.ID, version int64) error {
	key, exists := c.keys[id]
	return staleUnless(exists && key.Version == version)
}

func (c commit) hasOrg(id apikey.OrgID, version int64) error {
	org, exists := c.Store.orgs[id]
	return staleUnless(exists && org.Version == version)
}

func (c commit) hasPolicy(id owned, version int64) error {
	policy, exists := c.Store.policies[id]
	return staleUnless(exists && policy.Version == version)
}

func (c commit) hasUser(id owned, version int64) error {
	user, exists := c.Store.users[id]
	return staleUnless(exists && user.Version == version)
}

func (c commit) hasService(service apikey.Service) error {
	kept, exists := c.services[serviceID{service.Org, service.ID}]
	return staleUnless(exists && kept.Version == service.Version)
}

// checkOwners requires that the new owners of a key exist and have room for
// everything that the change adds. A limit other than 0 takes the place of the
// organization's quota.
func (c commit) checkOwners(before, after apikey.Key, limit int) error {
	var quotas []error
	if before.Org != after.Org {
		org, exists := c.Store.orgs[after.Org]
		if !exists {
			return apikey.StaleError()
		}
		limit = cmp.Or(limit, org.MaxKeys)
		if by := c.countDeltas.orgs[after.Org]; by > 0 && org.KeyCount+by > limit {
			quotas = append(quotas, apikey.QuotaError(limit))
		}
	}
	was, _ := policyOf(before)
	if policy, counts := policyOf(after); counts && policy != was {
		if found, exists := c.Store.policies[policy]; !exists || found.Deleted {
			return apikey.StaleError()
		}
	}
	acted, counted := userOf(before)
	if user, counts := userOf(after); counts && (user != acted || !counted) {
		found, exists := c.Store.users[user]
		if !exists {
			return apikey.StaleError()
		}
		if by := c.countDeltas.users[user]; by > 0 && found.KeyCount+by > apikey.MaxPersonalKeys {
			quotas = append(quotas, apikey.UserQuotaError())
		}
	}
	return first(quotas...)
}

func (c commit) checkClaim(before, after claim) error {
	if _, taken := c.claims[after]; taken && after != before && after.name != "" {
		return apikey.NameError(after.sort)
	}
	return nil
}

func (c commit) checkService(before, after apikey.Service) error {
	id := serviceID{after.Org, after.ID}
	kept, exists := c.services[id]
	if exists != (before.Version != 0) || kept.Version != before.Version {
		return apikey.StaleError()
	}
	for _, api := range after.APIs {
		if holder, taken := c.apis[apiID{api.Account, api.ID}]; taken && holder != id {
			return apikey.NameError(apikey.SubjectService)
		}
	}
	return nil
}
