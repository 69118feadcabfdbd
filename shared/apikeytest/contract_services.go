package apikeytest

import (
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/routing"
)

// newService returns a service's record without storing it.
func (s *subject) newService(id string, apis ...routing.API) apikey.Service {
	return apikey.Service{
		ID: id, Org: acme, Name: "The " + id, APIs: apis,
		Permissions: []apikey.Permission{{Name: "ManageFiles", Description: "für files", Service: id}, {Name: "ViewFiles", Service: id}},
		Routes: []routing.Route{
			{Method: "POST", Path: "/v1/files", Permissions: []string{"ManageFiles", "Admin"}}, {Method: "ANY", Path: "/{all+}"},
		},
		Unlisted:  routing.AuthenticateUnlisted,
		Cache:     routing.GatewayCache{Seconds: 300, By: []routing.CacheKey{routing.ByHost, routing.ByRoute}},
		CreatedBy: apikey.Actor{Username: "person@example.com", UserID: "42"}, CreatedOn: s.clock.Now(), Version: 1,
	}
}

// with returns the service's next version, with other APIs.
func (s *subject) with(service apikey.Service, apis ...routing.API) apikey.Service {
	service.APIs, service.Unlisted, service.Cache = apis, routing.RefuseUnlisted, routing.GatewayCache{}
	service.LastModifiedBy, service.LastModifiedOn = apikey.Actor{Username: "x", UserID: "43"}, s.clock.Advance(time.Millisecond)
	service.Version++
	return service
}

func (s *subject) service(api routing.API) apikey.Service {
	s.Helper()
	found, err := s.one.Service(s.Context(), api)
	s.must(err)
	return found
}

func (s *subject) noService(api routing.API) {
	s.Helper()
	s.wantKind(apikey.NotFound, errorOf(s.one.Service(s.Context(), api)))
}

const account = "123456789012"

var (
	apiA = routing.API{Account: account, ID: "a", Region: "eu-north-1", Stage: "prod"}
	apiB = routing.API{Account: account, ID: "b"}
	apiC = routing.API{Account: account, ID: "c"}
)

func servicesByAPI(s *subject) {
	twice := routing.API{Account: account, ID: "a", Stage: "test"}
	files := s.newService("files", apiA, apiB, twice)
	s.commit(acme, apikey.PutService{After: files})
	s.equal(s.service(routing.API{Account: account, ID: "a"}), files)
	s.equal(s.service(apiB), files)
	s.noService(routing.API{Account: "210987654321", ID: "a"})
	registered, err := s.one.RegisteredService(s.Context(), acme, "files")
	s.must(err)
	s.equal(registered, files)
	s.wantKind(apikey.NotFound, errorOf(s.one.RegisteredService(s.Context(), "other", "files")))

	next := s.with(files, apiB, apiC)
	next.Name, next.Permissions, next.Routes = "Renamed", nil, nil
	s.commit(acme, apikey.PutService{Before: files, After: next})
	s.noService(apiA)
	s.equal(s.service(apiB), next)
	s.equal(s.service(apiC), next)

	s.commit(acme, apikey.DeleteService{Service: next})
	s.noService(apiB)
	s.noService(apiC)
	s.wantKind(apikey.NotFound, errorOf(s.one.RegisteredService(s.Context(), acme, "files")))
	s.commit(acme, apikey.PutService{After: s.newService("files", apiC)})
}

func serviceFails(s *subject) {
	files, tables := s.newService("files", apiA), s.newService("tables", apiB)
	s.commit(acme, apikey.PutService{After: files})
	s.commit(acme, apikey.PutService{After: tables})
	s.refused(apikey.Stale, acme, apikey.PutService{After: s.newService("files", apiC)})
	s.refused(apikey.NameTaken, acme, apikey.PutService{After: s.newService("more", apiC, apiB)})
	s.refused(apikey.NameTaken, acme, apikey.PutService{Before: files, After: s.with(files, apiB)})
	s.noService(apiC)

	foreign := s.newService("files", apiA)
	foreign.Org = "other"
	s.refused(apikey.NameTaken, "other", apikey.PutService{After: foreign})
	next := s.with(files, apiA)
	s.commit(acme, apikey.PutService{Before: files, After: next})
	s.refused(apikey.Stale, acme, apikey.PutService{Before: files, After: s.with(files, apiA)})
	s.refused(apikey.Stale, acme, apikey.DeleteService{Service: files})
	missing := s.newService("missing", apiC)
	s.refused(apikey.Stale, acme, apikey.PutService{Before: missing, After: s.with(missing, apiC)})
	s.refused(apikey.Stale, acme, apikey.DeleteService{Service: missing})
	s.equal(s.service(apiA), next)
}

// serviceOfDeployment tests a service that all organizations use.
func serviceOfDeployment(s *subject) {
	own := s.newService("keyward", apiA)
	own.Org = ""
	s.commit(acme, apikey.PutService{After: own})
	s.equal(s.service(apiA), own)
	s.equal(s.snapshot(acme).Services, []apikey.Service(nil))
	s.commit(acme, apikey.PutService{After: s.newService("keyward", apiB)})
	s.equal(len(s.snapshot(acme).Services), 1)
}

// serviceOfAnySize tests a service with the most APIs possible, all of which
// change.
func serviceOfAnySize(s *subject) {
	var first, second []routing.API
	for i := range apikey.MaxServiceAPIs {
		id := string(rune('a' + i))
		first = append(first, routing.API{Account: account, ID: "one" + id})
		second = append(second, routing.API{Account: account, ID: "two" + id})
	}
	before := s.newService("large", first...)
	s.commit(acme, apikey.PutService{After: before})
	after := s.with(before, second...)
	s.commit(acme, apikey.PutService{Before: before, After: after})
	s.noService(first[0])
	s.equal(s.service(second[apikey.MaxServiceAPIs-1]), after)
}
