package verify

import (
	"reflect"
	"strings"
	"sync"
	"weak"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/permission"
	"github.com/keyward/keyward/shared/routing"
)

// guardedService is a service, prepared for checking requests. All APIs of the
// service share it, as long as their records are equal.
type guardedService struct {
	// record is the relevant part of the service's record.
	record   apikey.Service
	declares permission.Set
	// all is every permission that a route can need.
	all permission.Set
	// routes, compiler and httpCompiler are made on first use. The last two are
	// used if a gateway caches answers for a whole API, and httpCompiler only
	// if that is an HTTP API.
	routes                 func() *routing.Table
	compiler, httpCompiler func() *routing.PolicyCompiler

	// weight is its size in bytes, and uses how many of its APIs are cached.
	// Both belong to recordCache, whose mu must be held.
	weight, uses int
}

// newGuardedService prepares a service, which nobody changes afterwards. It calls
// grown when it compiles more later.
func newGuardedService(service apikey.Service, grown func(*guardedService, int)) *guardedService {
	g := &guardedService{record: service}
	g.declares = trimmed(g.record.Declares())
	g.all = trimmed(g.declares.Or(apikey.OwnPermissions()))
	g.weight = guardedWeight + serviceWeight(g.record) + allocated(textWeight*len(g.declares)) + allocated(textWeight*len(g.all))
	g.routes = sync.OnceValue(func() *routing.Table {
		table := routing.NewTable(g.record.Routes)
		grown(g, table.Weight())
		return table
	})
	compiler := func(onHTTP bool) func() *routing.PolicyCompiler {
		return sync.OnceValue(func() *routing.PolicyCompiler {
			compiler := routing.NewPolicyCompiler(g.record.Routes, g.record.Unlisted, onHTTP)
			grown(g, compiler.Weight())
			return compiler
		})
	}
	g.compiler, g.httpCompiler = compiler(false), compiler(true)
	return g
}

// opensUnlisted reports whether requests that match no route are allowed.
func (g *guardedService) opensUnlisted() bool {
	return g.record.Unlisted == routing.AuthenticateUnlisted
}

func (g *guardedService) addTo(*owner) int {
	if g.uses++; g.uses > 1 {
		return 0
	}
	return g.weight
}

func (g *guardedService) removeFrom(*owner) int {
	if g.uses--; g.uses > 0 {
		return 0
	}
	return g.weight
}

// ownService returns a copy of the relevant part of a service that keeps no memory of
// the store's, with each text once.
func ownService(service apikey.Service) apikey.Service {
	texts := map[string]string{}
	return trimService(service, func(text string) string {
		if _, known := texts[text]; !known {
			texts[text] = strings.Clone(text)
		}
		return texts[text]
	})
}

// trimService returns a copy of the relevant part of a service. own copies a
// text, or returns it as it is.
func trimService(service apikey.Service, own func(string) string) apikey.Service {
	e := apikey.Service{
		ID: own(service.ID), Org: apikey.OrgID(own(string(service.Org))), APIs: trimmed(service.APIs), Routes: trimmed(service.Routes),
		Unlisted: constantOf(service.Unlisted, routing.RefuseUnlisted, routing.AuthenticateUnlisted),
		Cache:    routing.GatewayCache{Seconds: service.Cache.Seconds, By: trimmed(service.Cache.By)},
	}
	for i, key := range e.Cache.By {
		e.Cache.By[i] = constantOf(key, routing.CacheKeys()...)
	}
	for i, api := range e.APIs {
		e.APIs[i] = routing.API{Account: own(api.Account), ID: own(api.ID), Region: own(api.Region), Stage: own(api.Stage)}
	}
	if n := len(service.Permissions); n > 0 {
		e.Permissions = make([]apikey.Permission, n)
	}
	for i, permission := range service.Permissions {
		e.Permissions[i].Name = own(permission.Name)
	}
	for i, route := range e.Routes {
		e.Routes[i] = routing.Route{Method: own(route.Method), Path: own(route.Path), Permissions: trimmed(route.Permissions)}
		for j, name := range e.Routes[i].Permissions {
			e.Routes[i].Permissions[j] = own(name)
		}
	}
	return e
}

// guardedServices holds the prepared services for as long as they are in use.
// It is safe for concurrent use.
type guardedServices struct {
	grown func(*guardedService, int)

	mu   sync.Mutex
	made map[serviceID]weak.Pointer[guardedService]
}

// serviceID names a service of an organization.
type serviceID struct {
	org apikey.OrgID
	id  string
}

// maxGuards limits how many prepared services are remembered.
const maxGuards = 1024

// prepare returns a prepared service, reusing one with the same record.
// Compiling hundreds of routes takes milliseconds, and the record is read every
// few seconds, once for each API.
func (g *guardedServices) prepare(service apikey.Service) *guardedService {
	name, borrowed := serviceID{service.Org, service.ID}, trimService(service, func(text string) string { return text })
	for {
		g.mu.Lock()
		last := g.made[name]
		g.mu.Unlock()
		if ready := last.Value(); ready != nil && reflect.DeepEqual(ready.record, borrowed) {
			return ready
		}
		if made := newGuardedService(ownService(service), g.grown); g.replace(last, made) {
			return made
		}
	}
}

// replace stores made in place of last, and reports whether last was still
// stored.
func (g *guardedServices) replace(last weak.Pointer[guardedService], made *guardedService) bool {
	name := serviceID{made.record.Org, made.record.ID}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.made[name] != last {
		return false
	}
	if g.made == nil || len(g.made) >= maxGuards {
		g.made = map[serviceID]weak.Pointer[guardedService]{}
	}
	g.made[name] = weak.Make(made)
	return true
}
