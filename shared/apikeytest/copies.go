package apikeytest

import (
	"maps"
	"slices"

	"github.com/keyward/keyward/shared/apikey"
)

// The copies share no memory with their originals, so that nobody changes what
// is stored but by a change.

func copyKey(key apikey.Key) apikey.Key {
	key.Permissions, key.Services = slices.Clone(key.Permissions), slices.Clone(key.Services)
	key.AllowIPs = slices.Clone(key.AllowIPs)
	return key
}

func copyOrganization(org apikey.Organization) apikey.Organization {
	org.Declared, org.Withdrawn = slices.Clone(org.Declared), slices.Clone(org.Withdrawn)
	org.Accounts = slices.Clone(org.Accounts)
	return org
}

func copyPolicy(policy apikey.Policy) apikey.Policy {
	policy.Permissions = slices.Clone(policy.Permissions)
	return policy
}

func copyUser(user apikey.User) apikey.User {
	user.Permissions = slices.Clone(user.Permissions)
	return user
}

func copyPepper(pepper apikey.Pepper) apikey.Pepper {
	pepper.Wrapped = slices.Clone(pepper.Wrapped)
	return pepper
}

func copyService(service apikey.Service) apikey.Service {
	service.Permissions = slices.Clone(service.Permissions)
	service.APIs, service.Routes = slices.Clone(service.APIs), slices.Clone(service.Routes)
	service.Cache.By = slices.Clone(service.Cache.By)
	for i, route := range service.Routes {
		service.Routes[i].Permissions = slices.Clone(route.Permissions)
	}
	return service
}

func copyAudit(record apikey.AuditRecord) apikey.AuditRecord {
	record.Before, record.After = maps.Clone(record.Before), maps.Clone(record.After)
	record.Removed, record.Added = maps.Clone(record.Removed), maps.Clone(record.Added)
	return record
}
