package protect

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/constructs-go/constructs/v10"
)

// guard attaches the authorizer to the routes of a service's APIs. It finds
// routes where that failed and routes without a decision. It searches the whole
// app, because any part of it can add a route to an API.
type guard struct {
	service Service
	scope   constructs.Construct
	// attached holds the id of each API's authorizer. It is empty if the service
	// already has faults.
	attached []*string
	// asked is what each API's asks returned at that time.
	asked []string
}

// stage returns the construct that CDK visits first. So anything that inspects
// routes, as cdk-nag does, sees them with their authorizer, even if the API
// comes before Keyward.
func (g *guard) stage() awscdk.Stage { return awscdk.Stage_Of(g.scope) }

// Visit attaches the authorizer. CDK calls it when the app is complete.
func (g *guard) Visit(node constructs.IConstruct) {
	if *node.Node().Path() != *g.stage().Node().Path() {
		return
	}
	g.each(func(api int, r *route) {
		if g.service.Routes[r.name].how == byKey && r.open() && r.use != nil {
			r.use(g.attached[api])
		}
	})
}

// faults returns the faults of the complete app. If there are none, every route
// that is not public asks the authorizer, whatever else has changed the app.
func (g *guard) faults() (faults []string) {
	found, routes := map[string]bool{}, make([]int, len(g.service.APIs))
	for i := range g.attached {
		if fault := g.undone(i); fault != "" {
			faults = append(faults, fmt.Sprintf("Service.APIs[%d]: %s", i, fault))
		}
	}
	for _, node := range g.nodes() {
		if isOpaque(node) {
			faults = append(faults, *node.Node().Path()+" is made by its type's name alone, so that nobody can tell whose route it is: use CDK's class for it")
		}
	}
	g.each(func(api int, r *route) {
		found[r.name] = true
		routes[api]++
		if fault := g.fault(api, r); fault != "" {
			faults = append(faults, fmt.Sprintf("Service.APIs[%d]: %s", api, strings.TrimSpace(r.name+" "+fault)))
		}
	})
	for api, n := range routes {
		if n == 0 {
			faults = append(faults, fmt.Sprintf("Service.APIs[%d]: it has no route that could ask Keyward; a WebSocket API needs %s", api, handshake))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(g.service.Routes)) {
		if !found[name] {
			faults = append(faults, routeField(name)+": no API of the service has the route")
		}
	}
	return faults
}

// undone says what the app has changed about an API since it was protected.
func (g *guard) undone(api int) string {
	now := g.service.APIs[api]
	if fault := now.kind.fault(); fault != "" {
		return fault
	}
	if now.asks() != g.asked[api] {
		return "the app changes what Protect has made: whom the API asks, or how long it keeps the answer"
	}
	return ""
}

// fault returns what is wrong with one route of an API.
func (g *guard) fault(api int, r *route) string {
	access, asks := g.service.Routes[r.name].how, len(g.attached) > 0 && r.authorizer == *g.attached[api]
	switch {
	case r.fault != "":
		return r.fault
	case access == undecided && !r.preflight:
		return "is not in Service.Routes: say who may use it"
	case access == byKey && !asks && len(g.attached) > 0:
		return "asks somebody else: its authorization is " + r.authorization
	case access == openToAll && asks:
		return "is Public, and asks Keyward all the same"
	}
	return ""
}

// nodes returns all constructs of the app.
func (g *guard) nodes() []constructs.IConstruct {
	return *g.scope.Node().Root().Node().FindAll(constructs.ConstructOrder_PREORDER)
}

// each calls see for every route of every API, with the API's index.
func (g *guard) each(see func(api int, r *route)) {
	for _, node := range g.nodes() {
		for i, api := range g.service.APIs {
			if api.kind == nil {
				continue
			}
			if r := api.route(node); r != nil {
				see(i, r)
			}
		}
	}
}
