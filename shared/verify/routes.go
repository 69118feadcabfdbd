package verify

import (
	"reflect"
	"sync"

	"github.com/keyward/keyward/shared/apikey"
)

// guarded is a service as requests are checked against it.
type guarded struct {
	// record is what the rest was made of.
	record   apikey.Service
	id       string
	org      apikey.OrgID
	apis     []apikey.API
	declares apikey.Permissions
	// all is every permission that a route may ask for.
	all    apikey.Permissions
	routes *apikey.RouteTable
	// unlisted is whether what fits no route is open.
	unlisted bool
	cache    apikey.GatewayCache
	// reach and httpReach are made when they are first needed: where a gateway
	// keeps answers for a whole API, and that is an HTTP API.
	reach, httpReach func() *apikey.Reach
}

func guard(service apikey.Service) *guarded {
	reach := func(onHTTP bool) func() *apikey.Reach {
		return sync.OnceValue(func() *apikey.Reach { return apikey.NewReach(service, onHTTP) })
	}
	return &guarded{
		record: service, id: service.ID, org: service.Org, apis: service.APIs, declares: service.Declares(),
		all:    service.Declares().Or(apikey.OwnPermissions()),
		routes: apikey.NewRouteTable(service.Routes), unlisted: service.Unlisted == apikey.AuthenticateUnlisted,
		cache: service.Cache, reach: reach(false), httpReach: reach(true),
	}
}

// guards are the services that were read last, made ready. It is safe for
// concurrent use.
type guards struct {
	mu   sync.Mutex
	last map[apikey.API]*guarded
}

// of makes an API's service ready. Where its record is the same as when it was
// read before, so is the result: to see through hundreds of routes takes
// milliseconds, and their record is read every few seconds.
func (g *guards) of(api apikey.API, service apikey.Service) *guarded {
	g.mu.Lock()
	last := g.last[api]
	g.mu.Unlock()
	if last != nil && reflect.DeepEqual(last.record, service) {
		return last
	}
	made := guard(service)
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.last == nil || len(g.last) >= maxServices {
		g.last = map[apikey.API]*guarded{}
	}
	g.last[api] = made
	return made
}

// has reports whether the API is one of the service's, in the region and at the
// stage that the service names, if it names one.
func (g *guarded) has(api apikey.API) bool {
	for _, own := range g.apis {
		if own.Same(api) && (own.Region == "" || own.Region == api.Region) && (own.Stage == "" || own.Stage == api.Stage) {
			return true
		}
	}
	return false
}

// heldBy is what a grant holds, as far as the service knows of it.
func (g *guarded) heldBy(grant apikey.Grant) apikey.Permissions {
	if grant.All {
		return g.all
	}
	return grant.Permissions
}

// known is what of held the service declares; held itself where that is all.
func (g *guarded) known(held apikey.Permissions) apikey.Permissions {
	for _, name := range held {
		if !g.declares.Has(name) {
			return held.And(g.declares)
		}
	}
	return held
}

// route finds the registered route of a request; nil where there is none, and
// then whether the request is one that the gateway can read in one way only.
func (g *guarded) route(r Request) (route *apikey.Route, plain bool) {
	template, plain := r.Route, true
	if template == "" {
		template, plain = g.routes.Template(r.Path)
	}
	return g.routes.Route(r.Method, template), plain
}

// decide is whether a holder of those permissions may make a request, as far as
// the service's routes say: the code is empty where they may. A request without
// a route that could be read in more than one way is open only to who may use
// whatever it could mean.
func (g *guarded) decide(r Request, held apikey.Permissions) (template string, code Code) {
	route, plain := g.route(r)
	switch {
	case route == nil && g.unlisted && (plain || g.reach().Of(held).Whole):
		return r.Route, ""
	case route == nil:
		return "", RouteNotRegistered
	case !route.OpenTo(held):
		return route.Path, PermissionMissing
	}
	return route.Path, ""
}
