package verify

import (
	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/routing"
)

// has reports whether the API is one of the service's, in the region and at the
// stage that the service names, if it names one.
func (g *guardedService) has(api routing.API) bool {
	for _, own := range g.record.APIs {
		if own.Same(api) && (own.Region == "" || own.Region == api.Region) && (own.Stage == "" || own.Stage == api.Stage) {
			return true
		}
	}
	return false
}

// heldBy is what a grant holds, as far as the service knows of it.
func (g *guardedService) held(grant apikey.Grant) apikey.Permissions {
	if grant.All {
		return g.all
	}
	return grant.Permissions
}

// told is what the service is told that a holder of a grant may do: what it
// declares itself.
func (g *guardedService) declaredHeld(grant apikey.Grant) apikey.Permissions {
	if grant.All {
		return g.declares
	}
	for _, name := range grant.Permissions {
		if !g.declares.Has(name) {
			return grant.Permissions.And(g.declares)
		}
	}
	return grant.Permissions
}

// route finds the registered route of a request; nil where there is none, and
// then whether the request is one that the gateway can read in one way only.
func (g *guardedService) route(r Request) (route *routing.Route, plain bool) {
	if r.Route == "" {
		return g.routes().Match(r.Method, r.Path)
	}
	return g.routes().Route(r.Method, r.Route), true
}

// decide is whether a holder of those permissions may make a request, as far as
// the service's routes say: the code is empty where they may. A request without
// a route that could be read in more than one way is open only to who may use
// whatever it could mean.
func (g *guardedService) decide(r Request, held apikey.Permissions) (template string, code Code) {
	route, plain := g.route(r)
	switch {
	case route == nil && g.opensUnlisted() && (plain || g.compiler().Compile(held).AllOpen):
		return r.Route, ""
	case route == nil:
		return "", RouteNotRegistered
	case !route.OpenTo(held):
		return route.Path, PermissionMissing
	}
	return route.Path, ""
}
