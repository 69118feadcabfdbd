package apikeytest

import (
	"slices"

	"github.com/keyward/keyward/shared/apikey"
)

// apply applies a write whose conditions hold, except for the counts.
func (c commit) apply(write apikey.Write) {
	switch w := write.(type) {
	case apikey.CreateKey:
		c.putKey(apikey.Key{}, w.Key)
		if len(w.Sealed) > 0 {
			c.sealed[w.Key.ID] = slices.Clone(w.Sealed)
		}
	case apikey.ReplaceKey:
		c.putKey(w.Before, w.After)
	case apikey.DeleteKey:
		delete(c.keys, w.Key.ID)
		delete(c.sealed, w.Key.ID)
		delete(c.damaged, apikey.KeyRef(w.Key.ID))
		c.moveClaim(keyClaim(w.Key), claim{}, w.Key.ID)
	case apikey.CreatePepper:
		c.peppers[w.Pepper.Version] = copyPepper(w.Pepper)
	case apikey.BeginTask:
		c.tasks[w.Task] = true
	case apikey.FinishTask:
		delete(c.tasks, w.Task)
	default:
		c.applyOwner(write)
	}
}

// applyOwner is apply for records that can own keys, and for services.
func (c commit) applyOwner(write apikey.Write) {
	switch w := write.(type) {
	case apikey.CreateOrganization:
		c.putOrg(w.Organization)
		c.statuses[w.Organization.ID] = apikey.Status{Org: w.Organization.ID, Version: 1}
	case apikey.ReplaceOrganization:
		c.putOrg(w.After)
	case apikey.ReplaceStatus:
		c.statuses[w.After.Org] = w.After
	case apikey.CreatePolicy:
		c.putPolicy(apikey.Policy{}, w.Policy)
	case apikey.ReplacePolicy:
		c.putPolicy(w.Before, w.After)
		if w.Damaged {
			delete(c.damaged, apikey.PolicyRef(w.After.Org, w.After.ID))
			c.Store.policies[owned{w.After.Org, w.After.ID}] = copyPolicy(w.After)
		}
	case apikey.DeletePolicy:
		delete(c.Store.policies, owned{w.Policy.Org, w.Policy.ID})
		c.moveClaim(policyClaim(w.Policy), claim{}, w.Policy.ID)
	case apikey.CreateUser:
		c.putUser(apikey.User{}, w.User)
	case apikey.ReplaceUser:
		c.putUser(w.Before, w.After)
	case apikey.DeleteUser:
		delete(c.Store.users, owned{w.User.Org, w.User.ID})
		delete(c.damaged, apikey.UserRef(w.User.Org, w.User.ID))
		c.moveClaim(userClaim(w.User), claim{}, w.User.ID)
	case apikey.PutService:
		c.dropService(w.Before)
		c.putService(w.After)
	case apikey.DeleteService:
		c.dropService(w.Service)
	}
}

func (s *Store) putKey(before, after apikey.Key) {
	s.keys[after.ID] = copyKey(after)
	s.moveClaim(keyClaim(before), keyClaim(after), after.ID)
}

// A replaced record keeps its count; a new one starts with 0.

func (s *Store) putOrg(after apikey.Organization) {
	after.KeyCount = s.orgs[after.ID].KeyCount
	s.orgs[after.ID] = copyOrganization(after)
}

func (s *Store) putPolicy(before, after apikey.Policy) {
	id := owned{after.Org, after.ID}
	after.KeyCount = s.policies[id].KeyCount
	s.policies[id] = copyPolicy(after)
	s.moveClaim(policyClaim(before), policyClaim(after), after.ID)
}

func (s *Store) putUser(before, after apikey.User) {
	id := owned{after.Org, after.ID}
	after.KeyCount = s.users[id].KeyCount
	s.users[id] = copyUser(after)
	s.moveClaim(userClaim(before), userClaim(after), after.ID)
}

func (s *Store) putService(service apikey.Service) {
	id := serviceID{service.Org, service.ID}
	s.services[id] = copyService(service)
	for _, api := range service.APIs {
		s.apis[apiID{api.Account, api.ID}] = id
	}
}

func (s *Store) dropService(service apikey.Service) {
	id := serviceID{service.Org, service.ID}
	delete(s.services, id)
	delete(s.damaged, apikey.ServiceRef(service.Org, service.ID))
	for _, api := range service.APIs {
		if named := (apiID{api.Account, api.ID}); s.apis[named] == id {
			delete(s.apis, named)
		}
	}
}
