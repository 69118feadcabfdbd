package verify

import (
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"
	"unsafe"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/routing"
)

// serviceOf returns a service with one route.
func serviceOf(permission string) apikey.Service {
	return apikey.Service{
		ID: "demo", Org: "acme", APIs: []routing.API{demoAPI}, Version: 1,
		Routes: []routing.Route{{Method: "GET", Path: "/v1/files/{id}", Permissions: []string{permission}}},
	}
}

// A service whose record is unchanged is not prepared again. Any change counts,
// even one that leaves the version as it was.
func TestServicesArePreparedOnce(t *testing.T) {
	var g guardedServices
	read := func(service apikey.Service) *guardedService {
		got := g.prepare(service)
		if len(got.record.Routes) != 1 || got.record.Routes[0].Permissions[0] != service.Routes[0].Permissions[0] {
			t.Fatalf("%+v", got)
		}
		return got
	}
	first := read(serviceOf("A"))
	renamed := serviceOf("A")
	renamed.Name, renamed.Version = "what nobody asks for", 2
	if read(serviceOf("A")) != first || read(renamed) != first {
		t.Error("the same record was made ready again")
	}
	if read(serviceOf("B")) == first {
		t.Error("another permission of the same version was not seen")
	}
	for name, change := range map[string]func(*apikey.Service){
		"unlisted":  func(s *apikey.Service) { s.Unlisted = routing.AuthenticateUnlisted },
		"cache":     func(s *apikey.Service) { s.Cache = routing.GatewayCache{Seconds: 1} },
		"cache key": func(s *apikey.Service) { s.Cache.By = []routing.CacheKey{routing.ByRoute} },
		"API":       func(s *apikey.Service) { s.APIs = append(s.APIs, openAPI) },
		"stage": func(s *apikey.Service) {
			s.APIs = []routing.API{{Account: demoAPI.Account, ID: demoAPI.ID, Stage: "prod"}}
		},
		"method":      func(s *apikey.Service) { s.Routes[0].Method = "PUT" },
		"path":        func(s *apikey.Service) { s.Routes[0].Path = "/" },
		"permissions": func(s *apikey.Service) { s.Permissions = declared },
	} {
		before, changed := read(serviceOf("B")), serviceOf("B")
		change(&changed)
		if got := read(changed); got == before || read(changed) != got {
			t.Errorf("%s: the change was not seen, or not cached", name)
		}
	}
	runtime.KeepAlive(first)
}

// All APIs of a service share what is compiled for it, however many are read at
// once: it is compiled once and counted once.
func TestAPIsShareAService(t *testing.T) {
	w := newWorld()
	v, key := w.verifier(ttl), w.mint(t, "acme", "ManageFiles")
	service := apikey.Service{ID: "demo", Org: "acme", Permissions: declared, Cache: routing.GatewayCache{Seconds: 60}}
	for n := range 100 {
		service.Routes = append(service.Routes, routing.Route{Method: "GET", Path: fmt.Sprintf("/v1/things-%d/{id}", n)})
	}
	for n := range apikey.MaxServiceAPIs {
		service.APIs = append(service.APIs, apiOf(n))
	}
	for _, api := range service.APIs {
		w.services[api] = service
	}
	held := make([]int, apikey.MaxServiceAPIs)
	for n := range held {
		var group sync.WaitGroup
		for _, api := range service.APIs[:n+1] {
			group.Go(func() {
				r := bearer(key)
				r.API, r.Method, r.Route, r.OnHTTP = api, "GET", "/v1/things-0/{id}", true
				if d, err := v.Decide(t.Context(), r); err != nil || d.Outcome != Allowed {
					t.Errorf("%+v, %v", d, err)
				}
			})
		}
		group.Wait()
		held[n] = v.records.large.weight
	}
	var shared *guardedService
	for _, api := range service.APIs {
		n := serviceName(api)
		got := v.records.large.entries.get(&n).value.(*guardedService)
		if shared != nil && got != shared {
			t.Error("two APIs do not share their service")
		}
		shared = got
	}
	if more := held[len(held)-1] - held[0]; more > apikey.MaxServiceAPIs*500 || shared.weight < 50_000 || shared.uses != apikey.MaxServiceAPIs {
		t.Errorf("%d APIs weigh %d more than one, of a service that weighs %d and has %d", apikey.MaxServiceAPIs, more, shared.weight, shared.uses)
	}
}

// However many services are read at once, none is mixed up with another, and
// unused ones are freed.
func TestUnusedServicesAreFreed(t *testing.T) {
	var g guardedServices
	var wait sync.WaitGroup
	for range 4 {
		wait.Go(func() {
			for n := range 2 * maxGuards {
				service := serviceOf(fmt.Sprint(n))
				service.ID = fmt.Sprint(n)
				if got := g.prepare(service); got.record.Routes[0].Permissions[0] != service.ID {
					t.Errorf("service %d: %+v", n, got.record)
				}
			}
		})
	}
	wait.Wait()
	if len(g.made) > maxGuards {
		t.Errorf("%d services are remembered", len(g.made))
	}
	runtime.GC()
	for name, ready := range g.made {
		if ready.Value() != nil {
			t.Fatalf("%v is cached", name)
		}
	}
}

// Nothing cached shares memory with what was read: a record's texts lie in one
// block with others, which would stay in memory.
func TestCachedTextsAreOwn(t *testing.T) {
	all := strings.Repeat("organization-permission-service-12345678901-api-path-somebody@example.com", 60)
	borrowed := func(text string) string { return all[strings.Index(all, text):][:len(text)] }
	lies := func(text string) bool {
		at, begin := uintptr(unsafe.Pointer(unsafe.StringData(text))), uintptr(unsafe.Pointer(unsafe.StringData(all)))
		return text != "" && begin <= at && at < begin+uintptr(len(all))
	}
	var texts []string
	see := func(values ...[]string) {
		for _, v := range values {
			texts = append(texts, v...)
		}
	}
	r := live(nil, ttl)
	names, org := []string{borrowed("permission")}, apikey.OrgID(borrowed("organization"))
	key := newKeyRecord(apikey.Key{Org: org, Permissions: names, Services: []string{borrowed("service")}})
	policy, user := newPolicyRecord(apikey.Policy{Permissions: names}), newUserRecord(apikey.User{Permissions: names, Email: borrowed("somebody@example.com")})
	service := newGuardedService(ownService(apikey.Service{
		Org: org, ID: borrowed("service"), APIs: []routing.API{{Account: borrowed("12345678901"), ID: borrowed("api")}},
		Permissions: []apikey.Permission{{Name: borrowed("permission")}}, Routes: []routing.Route{{Path: borrowed("path"), Permissions: names}},
	}), r.grown)
	r.keep(keyOf(1), key)
	r.keep(policyName(org, keyOf(1).id), policy)
	r.keep(userName(org, keyOf(1).id), user)
	r.keep(statusName(org), &statusRecord{})
	r.keep(serviceName(routing.API{Account: borrowed("12345678901"), ID: borrowed("api")}), service)
	r.keep(claimName(org, borrowed("somebody")), nil)
	see(key.permissions, key.services(), policy.permissions, user.permissions, []string{string(key.org), user.claim}, service.declares, service.all)
	for _, s := range []*ownerCache{r.small, r.large, r.absent} {
		for e := range s.entries.all() {
			see([]string{e.name.org, e.name.text, e.owner.id})
		}
	}
	record := service.record
	see([]string{record.ID, string(record.Org), record.APIs[0].Account, record.APIs[0].ID, record.Routes[0].Path}, record.Routes[0].Permissions)
	for _, text := range texts {
		if lies(text) {
			t.Errorf("%q is what was read", text)
		}
	}
}
