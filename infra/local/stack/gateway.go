package stack

import (
	"context"
	"net/http"
	"strings"

	"github.com/keyward/keyward/infra/local/demo"
	"github.com/keyward/keyward/infra/local/gateway"
	"github.com/keyward/keyward/infra/plan"
	"github.com/keyward/keyward/shared/operations"
)

// newGateway returns a gateway for Keyward's own API, from the table of
// operations, and the demo APIs, all behind the one authorizer. As in a
// deployment, it never caches answers about Keyward's own API.
func (s *Stack) newGateway() *gateway.Gateway {
	authorizer := gateway.Authorizer{
		Shape: gateway.RequestShape, Invoke: s.function(operations.Authorizer.Name),
	}
	kept := authorizer
	kept.TTL, kept.Sources = s.options.GatewayTTL, s.options.IdentitySources
	own := gateway.API{Kind: gateway.REST, ID: ManagementAPI, Stage: "v1", Authorizer: &authorizer, Compression: plan.CompressionBytes, Responses: operations.ManagementResponses("")}
	for _, op := range operations.All() {
		for _, route := range op.Served() {
			own.Routes = append(own.Routes, gateway.Route{
				Method: route.Method, Path: route.Path, Public: op.Public, Invoke: s.function(op.Name),
			})
		}
	}
	return gateway.New(gateway.Config{
		Region: Region, Account: Account,
		APIs:      append([]gateway.API{own}, demo.APIs(kept)...),
		Responses: operations.GatewayResponses(),
		Log:       func(line string) { s.options.Log("gateway", line) },
	})
}

// homeRedirect sends a browser that asks for / to the console. Only the local stack does:
// in a deployment, / is a route that does not exist, as it is here for programs.
func homeRedirect(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet && r.URL.Path == "/" && strings.Contains(r.Header.Get("Accept"), "text/html") {
			http.Redirect(w, r, "/console", http.StatusFound)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func (s *Stack) function(name string) gateway.Integration {
	return func(ctx context.Context, event []byte) ([]byte, error) { return s.Runtime.Invoke(ctx, name, event) }
}
