package apikeytest

import (
	"cmp"
	"fmt"

	"github.com/keyward/keyward/shared/apikey"
)

// check returns the error of the first condition of a write that does not hold.
func (c commit) check(write apikey.Write) error {
	switch w := write.(type) {
	case apikey.CreateKey:
		return first(c.lacks(keyRef(w.Key)), c.checkOwners(apikey.Key{}, w.Key, w.Limit), c.checkClaim(claim{}, keyClaim(w.Key)))
	case apikey.ReplaceKey:
		return first(c.has(keyRef(w.Before), w.Before.Version), c.checkOwners(w.Before, w.After, 0), c.checkClaim(keyClaim(w.Before), keyClaim(w.After)))
	case apikey.DeleteKey:
		if w.Damaged {
			key, _ := record[apikey.Key](c.Store, keyRef(w.Key))
			return staleUnless(key.Org == w.Key.Org && (key.Deleted() || !w.Key.Deleted()))
		}
		return c.has(keyRef(w.Key), w.Key.Version)
	case apikey.Require:
		return staleUnless(versionOf(c.find(w.Ref).Record) == w.Version)
	case apikey.PutOutcome:
		return staleUnless(versionOf(c.find(w.Outcome.Ref()).Record) == w.Outcome.Version-1)
	case apikey.CreatePepper:
		_, exists := c.peppers[w.Pepper.Version]
		return staleUnless(!exists)
	case apikey.ReplacePepper:
		return staleUnless(c.peppers[w.Before.Version].State == w.Before.State)
	case apikey.RequirePepper:
		return staleUnless(c.peppers[w.Version].State == w.State)
	case apikey.PutLastUse:
		_, exists := c.records[apikey.KeyRef(w.After.Key)]
		return staleUnless(versionOf(c.records[apikey.LastUseRef(w.After.Key)]) == w.Before.Version && (exists || w.Before.Version > 0))
	case apikey.PutNoticeRound:
		return staleUnless(versionOf(c.records[apikey.NoticeRoundRef()]) == w.Round.Version-1)
	case apikey.BeginTask, apikey.FinishTask, apikey.EnterOrganization:
		return nil
	}
	return c.checkOwner(write)
}

// checkOwner is check for records that can own keys, and for services.
func (c commit) checkOwner(write apikey.Write) error {
	switch w := write.(type) {
	case apikey.CreateOrganization:
		return c.lacks(apikey.OrganizationRef(w.Organization.ID))
	case apikey.ReplaceOrganization:
		return c.has(apikey.OrganizationRef(w.Before.ID), w.Before.Version)
	case apikey.ReplaceStatus:
		return c.has(apikey.StatusRef(w.After.Org), w.Before.Version)
	case apikey.CreatePolicy:
		return first(c.lacks(policyRef(w.Policy)), c.checkClaim(claim{}, policyClaim(w.Policy)))
	case apikey.ReplacePolicy:
		return first(c.hasOrDamaged(w.Damaged, policyRef(w.Before), w.Before.Version),
			staleUnless(!w.Unused || c.unused(policyRef(w.Before))), c.checkClaim(policyClaim(w.Before), policyClaim(w.After)))
	case apikey.DeletePolicy:
		miscounted := w.Miscounted && c.counts(policyRef(w.Policy), w.Policy.KeyCount)
		return first(c.has(policyRef(w.Policy), w.Policy.Version), staleUnless(miscounted || c.unused(policyRef(w.Policy))))
	case apikey.CreateUser:
		return first(c.lacks(userRef(w.User)), c.checkClaim(claim{}, userClaim(w.User)))
	case apikey.ReplaceUser:
		return first(c.has(userRef(w.Before), w.Before.Version),
			staleUnless(!w.Counted || c.counts(userRef(w.Before), w.Before.KeyCount)), c.checkClaim(userClaim(w.Before), userClaim(w.After)))
	case apikey.DeleteUser:
		return first(c.hasOrDamaged(w.Damaged, userRef(w.User), w.User.Version), staleUnless(!w.Counted || c.counts(userRef(w.User), w.User.KeyCount)))
	case apikey.PutService:
		return c.checkService(w.Before, w.After)
	case apikey.DeleteService:
		return c.hasOrDamaged(w.Damaged, serviceRef(w.Service), w.Service.Version)
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

// lacks requires that there is no such record.
func (c commit) lacks(ref apikey.Ref) error {
	_, exists := c.records[ref]
	return staleUnless(!exists)
}

// has requires a record in a version.
func (c commit) has(ref apikey.Ref, version int64) error {
	found, exists := c.records[ref]
	return staleUnless(exists && versionOf(found) == version)
}

// hasOrDamaged is has, but requires of a damaged record only that it exists.
func (c commit) hasOrDamaged(damaged bool, ref apikey.Ref, version int64) error {
	if _, exists := c.records[ref]; damaged {
		return staleUnless(exists)
	}
	return c.has(ref, version)
}

// counts reports whether an owner's count is keys. unused reports whether it
// will be 0 after the change.
func (c commit) counts(ref apikey.Ref, keys int) bool { return countOf(c.records[ref]) == keys }

func (c commit) unused(ref apikey.Ref) bool { return c.counts(ref, -c.moves[ref]) }

// checkOwners requires that the new owners of a key exist and have room for
// everything that the change adds. A limit other than 0 takes the place of the
// organization's quota.
func (c commit) checkOwners(before, after apikey.Key, limit int) error {
	switch {
	case after.Deleted():
		return nil
	case before.Deleted():
		before = apikey.Key{}
	}
	var quotas []error
	if before.Org != after.Org {
		ref := apikey.OrganizationRef(after.Org)
		org, exists := record[apikey.Organization](c.Store, ref)
		if !exists {
			return apikey.StaleError()
		}
		limit = cmp.Or(limit, org.MaxKeys)
		if by := c.moves[ref]; by > 0 && org.KeyCount+by > limit {
			quotas = append(quotas, apikey.QuotaError(limit))
		}
	}
	was, _ := policyOf(before)
	if policy, counts := policyOf(after); counts && policy != was {
		if found, exists := record[apikey.Policy](c.Store, policy); !exists || found.Deleted {
			return apikey.StaleError()
		}
	}
	acted, counted := userOf(before)
	if user, counts := userOf(after); counts && (user != acted || !counted) {
		found, exists := record[apikey.User](c.Store, user)
		if !exists {
			return apikey.StaleError()
		}
		if by := c.moves[user]; by > 0 && found.KeyCount+by > apikey.MaxPersonalKeys {
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
	ref := serviceRef(after)
	if versionOf(c.records[ref]) != before.Version {
		return apikey.StaleError()
	}
	for _, api := range after.APIs {
		if holder, taken := c.apis[apikey.APIRef(api)]; taken && holder != ref {
			return apikey.NameError(apikey.SubjectService)
		}
	}
	return nil
}
