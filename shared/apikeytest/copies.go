package apikeytest

import (
	"slices"

	"github.com/keyward/keyward/shared/apikey"
)

// The copies share no memory with their originals, so that nobody changes what
// is stored but by a change.

func copyKey(key apikey.Key) apikey.Key {
	key.Permissions = slices.Clone(key.Permissions)
	return key
}

func copyOrganization(org apikey.Organization) apikey.Organization {
	org.Declared = slices.Clone(org.Declared)
	return org
}

func copyPepper(pepper apikey.Pepper) apikey.Pepper {
	pepper.Wrapped = slices.Clone(pepper.Wrapped)
	return pepper
}

func copyService(service apikey.Service) apikey.Service {
	service.APIs, service.Routes = slices.Clone(service.APIs), slices.Clone(service.Routes)
	for i, route := range service.Routes {
		service.Routes[i].Permissions = slices.Clone(route.Permissions)
	}
	return service
}

func copyAudit(record apikey.AuditRecord) apikey.AuditRecord {
	record.Before, record.After = copyFacts(record.Before), copyFacts(record.After)
	return record
}

func copyFacts(facts *apikey.KeyFacts) *apikey.KeyFacts {
	if facts == nil {
		return nil
	}
	return &apikey.KeyFacts{Name: facts.Name, Description: facts.Description, Permissions: slices.Clone(facts.Permissions)}
}
