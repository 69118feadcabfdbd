// Package demo contains small APIs to guard, one for each kind of API and
// authorizer. They answer with what the authorizer said about the caller, to
// show the guard at work. Two do a little more: a file upload and a command
// endpoint.
//
// Their code does not know which permission a route needs: that is set where the
// service is registered, in [Setup].
package demo

import (
	"maps"
	"slices"
	"strings"

	"github.com/keyward/keyward/infra/local/gateway"
	"github.com/keyward/keyward/shared/dialect/canonical"
)

// The ids of the organization, its service and the APIs, and the owner's e-mail
// address.
const (
	Organization = "demo"
	Service      = "demo"
	RequestAPI   = "demo"
	TokenAPI     = "demo-rest"
	CommandAPI   = "demo-http"
	PolicyAPI    = "demo-policy"
	Payload1API  = "demo-payload1"
	SocketAPI    = "demo-ws"
	GraphAPI     = "demo-graphql"
	OwnerEmail   = "owner@example.com"
)

const (
	filesPath   = "/v1/files"
	commandPath = "/api"
	socketPath  = "/demo/websocket"
	graphPath   = "/graphql"
)

// Echoes are the templates of the routes that only show the caller, by the id of
// their API.
var Echoes = map[string]string{
	RequestAPI:  "/demo/rest-request/{name}",
	TokenAPI:    "/demo/rest-token/{name}",
	Payload1API: "/demo/http-payload1/{name}",
	CommandAPI:  "/demo/http-simple/{name}",
	PolicyAPI:   "/demo/http-policy/{name}",
}

// Routes returns the sorted methods and paths of the APIs, such as "POST /api",
// with "any" for a parameter.
func Routes() []string {
	routes := []string{"POST " + filesPath, "POST " + commandPath, "GET " + socketPath, "POST " + graphPath}
	for _, template := range Echoes {
		routes = append(routes, "GET "+strings.Replace(template, "{name}", "any", 1))
	}
	slices.Sort(routes)
	return routes
}

// opensEchoes is the permission for those routes, and for the WebSocket and
// AppSync APIs.
const opensEchoes = "AccessQueries"

// APIs returns the APIs in the gateway's form. Each calls the one authorizer
// with another event format, so that the local stack uses every format.
func APIs(authorizer gateway.Authorizer) []gateway.API {
	as := func(shape gateway.Shape) *gateway.Authorizer {
		shaped := authorizer
		shaped.Shape = shape
		return &shaped
	}
	apis := []gateway.API{
		{Kind: gateway.REST, ID: RequestAPI, Stage: "v1", Authorizer: as(gateway.RequestShape), Binary: true,
			Routes: []gateway.Route{{Method: "POST", Path: filesPath, Invoke: files}}},
		{Kind: gateway.REST, ID: TokenAPI, Stage: "v1", Authorizer: as(gateway.TokenShape)},
		{Kind: gateway.HTTP, ID: Payload1API, Stage: "$default", Authorizer: as(gateway.Payload1Shape)},
		{Kind: gateway.HTTP, ID: CommandAPI, Stage: "$default", Authorizer: as(gateway.SimpleShape),
			Routes: []gateway.Route{{Method: "POST", Path: commandPath, Invoke: command}}},
		{Kind: gateway.HTTP, ID: PolicyAPI, Stage: "$default", Authorizer: as(gateway.PolicyShape),
			Variables: map[string]string{"keywardAnswer": "policy"}},
		{Kind: gateway.WebSocket, ID: SocketAPI, Stage: "live", Authorizer: &authorizer,
			Routes: []gateway.Route{{Method: "GET", Path: socketPath, Invoke: echo}}},
		{Kind: gateway.GraphQL, ID: GraphAPI, Authorizer: &authorizer,
			Routes: []gateway.Route{{Method: "POST", Path: graphPath, Invoke: resolve}}},
	}
	for i := range apis {
		if path, found := Echoes[apis[i].ID]; found {
			apis[i].Routes = append(apis[i].Routes, gateway.Route{Method: "GET", Path: path, Invoke: echo})
		}
	}
	return apis
}

// Setup returns the event of the bootstrap function. It contains the
// organization, which allows recoverable keys, its owner, the owner's admin key,
// and the service of all APIs with its permissions and routes.
func Setup(account, adminKey string) canonical.Setup {
	return canonical.Setup{
		Organization: canonical.SetupOrganization{ID: Organization, Name: "Demo", KeyPrefix: "kw", Recoverable: true},
		Owner:        canonical.SetupOwner{Email: OwnerEmail, Name: "Demo owner"},
		Services: []canonical.SetupService{{ID: Service, ServiceParts: canonical.ServiceParts{
			Name:         "Demo files and commands",
			Permissions:  Catalogue,
			APIs:         registeredAPIs(account),
			Routes:       registeredRoutes(),
			GatewayCache: &canonical.GatewayCache{By: []string{}},
		}}},
		AdminKey: adminKey,
	}
}

func registeredAPIs(account string) (apis []canonical.API) {
	for _, api := range APIs(gateway.Authorizer{}) {
		apis = append(apis, canonical.API{Account: account, ID: api.ID})
	}
	return apis
}

func registeredRoutes() []canonical.Route {
	routes := []canonical.Route{{Method: "POST", Path: filesPath, Permissions: []string{"ManageFiles"}}}
	for _, route := range []canonical.Route{
		{Method: "POST", Path: commandPath}, {Method: "ANY", Path: "$default"},
		{Method: "GET", Path: "$connect"}, {Method: "POST", Path: graphPath},
	} {
		route.Permissions = []string{opensEchoes}
		routes = append(routes, route)
	}
	for _, id := range slices.Sorted(maps.Keys(Echoes)) {
		routes = append(routes, canonical.Route{Method: "GET", Path: Echoes[id], Permissions: []string{opensEchoes}})
	}
	return routes
}
