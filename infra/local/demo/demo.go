// Package demo is two small APIs to guard: a file upload on a REST API, and a
// command endpoint on an HTTP API. They answer with what the authorizer said of
// the caller, so that one sees the guard at work.
//
// Which permission a route needs is no business of its code: it is fixed where
// the service is registered, in [Setup].
package demo

import (
	"github.com/keyward/keyward/infra/local/gateway"
	"github.com/keyward/keyward/shared/dialect/canonical"
)

// The ids of the organization, its service and the two APIs, and the e-mail
// address of its owner.
const (
	Organization = "demo"
	Service      = "demo"
	FilesAPI     = "demo"
	CommandAPI   = "demo-http"
	// SocketAPI and GraphAPI are registered but not served: events alone are
	// about them.
	SocketAPI  = "demo-ws"
	GraphAPI   = "demo-graphql"
	OwnerEmail = "owner@example.com"
)

const (
	filesPath   = "/v1/files"
	commandPath = "/api"
)

// APIs are the two APIs, as the gateway takes them. The authorizer answers a
// TOKEN event for the one and a simple event for the other, so that the local
// stack uses every shape there is.
func APIs(authorizer gateway.Authorizer) []gateway.API {
	token, simple := authorizer, authorizer
	token.Shape, simple.Shape = gateway.TokenShape, gateway.SimpleShape
	return []gateway.API{
		{
			Kind: gateway.REST, ID: FilesAPI, Stage: "v1", Binary: true, Authorizer: &token,
			Routes: []gateway.Route{{Method: "POST", Path: filesPath, Invoke: files}},
		},
		{
			Kind: gateway.HTTP, ID: CommandAPI, Stage: "$default", Authorizer: &simple,
			Routes: []gateway.Route{{Method: "POST", Path: commandPath, Invoke: command}},
		},
	}
}

// Setup is what the bootstrap function is told: the organization, which allows
// recoverable keys, its owner, the service of both APIs with what it declares and
// the permission of each route, and the name of the owner's admin key.
func Setup(account, adminKey string) canonical.Setup {
	return canonical.Setup{
		Organization: canonical.SetupOrganization{ID: Organization, Name: "Demo", Recoverable: true},
		Owner:        canonical.SetupOwner{Email: OwnerEmail, Name: "Demo owner"},
		Services: []canonical.SetupService{{ID: Service, ServiceParts: canonical.ServiceParts{
			Name:        "Demo files and commands",
			Permissions: Catalogue,
			APIs: []canonical.API{{Account: account, ID: FilesAPI}, {Account: account, ID: CommandAPI},
				{Account: account, ID: SocketAPI}, {Account: account, ID: GraphAPI}},
			Routes: []canonical.Route{
				{Method: "POST", Path: filesPath, Permissions: []string{"ManageFiles"}},
				{Method: "POST", Path: commandPath, Permissions: []string{"AccessQueries"}},
				{Method: "ANY", Path: "$default", Permissions: []string{"AccessQueries"}},
				{Method: "GET", Path: "$connect", Permissions: []string{}}, {Method: "POST", Path: "/graphql", Permissions: []string{}},
			},
		}}},
		AdminKey: adminKey,
	}
}
