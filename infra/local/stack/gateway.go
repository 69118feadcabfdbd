package stack

import (
	"context"

	"github.com/keyward/keyward/infra/local/demo"
	"github.com/keyward/keyward/infra/local/gateway"
	"github.com/keyward/keyward/shared/operations"
)

// newGateway serves Keyward's own API, by the table of operations, and the demo
// APIs, all behind the one authorizer.
func (s *Stack) newGateway() *gateway.Gateway {
	authorizer := gateway.Authorizer{
		Shape: gateway.RequestShape, TTL: s.options.GatewayTTL, Sources: s.options.IdentitySources,
		Invoke: s.function(operations.Authorizer.Name),
	}
	own := gateway.API{Kind: gateway.REST, ID: ManagementAPI, Stage: "v1", Authorizer: &authorizer}
	for _, op := range operations.All {
		for _, route := range op.Routes {
			own.Routes = append(own.Routes, gateway.Route{
				Method: route.Method, Path: route.Path, Public: op.Public, Invoke: s.function(op.Name),
			})
		}
	}
	return gateway.New(gateway.Config{
		Region: Region, Account: Account,
		APIs:      append([]gateway.API{own}, demo.APIs(authorizer)...),
		Responses: operations.GatewayResponses,
		Log:       func(line string) { s.options.Log("gateway", line) },
	})
}

func (s *Stack) function(name string) gateway.Integration {
	return func(ctx context.Context, event []byte) ([]byte, error) { return s.Runtime.Invoke(ctx, name, event) }
}
