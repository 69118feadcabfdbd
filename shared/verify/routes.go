package verify

import (
	"net/http"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/permission"
	"github.com/keyward/keyward/shared/routing"
)

// has reports whether the service has the API, in the region and at the stage
// that it was registered with, if any.
func (g *guardedService) has(api routing.API) bool {
	for _, own := range g.record.APIs {
		if own.Same(api) && (own.Region == "" || own.Region == api.Region) && (own.Stage == "" || own.Stage == api.Stage) {
			return true
		}
	}
	return false
}

// held returns the permissions of a grant that matter to the service.
func (g *guardedService) held(grant apikey.Grant) permission.Set {
	if grant.All {
		return g.all
	}
	return grant.Permissions
}

// declaredHeld returns the permissions of a grant that the service itself
// declares. Only these are sent to it.
func (g *guardedService) declaredHeld(grant apikey.Grant) permission.Set {
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

// route returns the registered route of a request; nil if there is none. plain
// then says whether the gateway can read the request in only one way. If
// unlisted requests are allowed, an unlisted HEAD has the route of its GET.
func (g *guardedService) route(r *Request) (route *routing.Route, plain bool) {
	if r.Instead != nil {
		return r.Instead, true
	}
	find := func(method string) (*routing.Route, bool) {
		if r.Route == "" {
			return g.routes().Match(method, r.Path)
		}
		return g.routes().Route(method, r.Route), true
	}
	route, plain = find(r.Method)
	if route == nil && r.Method == http.MethodHead && g.opensUnlisted() {
		return find(http.MethodGet)
	}
	return route, plain
}

// decide returns why a holder of those permissions may not make a request,
// judging by the service's routes; the code is empty if they may. A request
// without a route that could be read in several ways is allowed only if the
// holder may use every reading. opener is the permission that they need and have;
// empty if the route needs none.
func (g *guardedService) decide(r *Request, held permission.Set) (template, opener string, code Code) {
	route, plain := g.route(r)
	switch {
	case route == nil && g.opensUnlisted() && (plain || g.compiler().Compile(held).AllOpen):
		return r.Route, "", ""
	case route == nil:
		return "", "", RouteNotRegistered
	}
	if opener = route.Opener(held); opener == "" && len(route.Permissions) > 0 {
		return route.Path, "", PermissionMissing
	}
	return route.Path, opener, ""
}
