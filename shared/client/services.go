package client

import (
	"context"
	"iter"

	"github.com/keyward/keyward/shared/client/wire"
)

// Services are the registered services of the organization.
type Services struct{ s *sender }

type (
	// Service is a registered service.
	Service = wire.Service
	// ServiceRegistration is what to register a service with.
	ServiceRegistration = wire.ServiceBody
	// ServicePermission is a permission that a service declares.
	ServicePermission = wire.PermissionInput
	// ServiceAPI is an API that a service registers.
	ServiceAPI = wire.APIInput
	// ServiceRoute is a route of a service, and which permissions open it.
	ServiceRoute = wire.RouteInput
	// GatewayCache says how a service's gateway caches the authorizer's answers.
	GatewayCache = wire.GatewayCacheInput
	// Withdrawal says how much of a service's deletion is left to do.
	Withdrawal = wire.Withdrawal
	// ListServicesParams are the optional parameters of the call.
	ListServicesParams = wire.ListServicesParams
	// PutServiceParams are the optional parameters of the call.
	PutServiceParams = wire.PutServiceParams
	// DeleteServiceParams are the optional parameters of the call.
	DeleteServiceParams = wire.DeleteServiceParams
	// ServicePage is one page of services.
	ServicePage = Page[Service]
)

// Put registers a service, or replaces it; its GatewayCache stays if it is absent.
// IfNoneMatch "*" only registers.
func (r Services) Put(ctx context.Context, id string, service ServiceRegistration, params *PutServiceParams) (*Service, error) {
	p := given(params)
	request, err := wire.NewPutServiceRequest(ctx, r.s.server, id, p, service)
	return ask[Service](r.s, unlessMatched(p.IfMatch+p.IfNoneMatch, repeatable), request, err)
}

// List returns one page of services.
func (r Services) List(ctx context.Context, params *ListServicesParams) (*ServicePage, error) {
	request, err := wire.NewListServicesRequest(ctx, r.s.server, given(params))
	return ask[ServicePage](r.s, repeatable, request, err)
}

// All returns the services of all pages, each fetched when it is needed. It ends
// with the first error.
func (r Services) All(ctx context.Context, params *ListServicesParams) iter.Seq2[Service, error] {
	p := given(params)
	return all(&p.Cursor, func() (*ServicePage, error) { return r.List(ctx, &p) })
}

// Get returns a service.
func (r Services) Get(ctx context.Context, id string) (*Service, error) {
	request, err := wire.NewGetServiceRequest(ctx, r.s.server, id)
	return ask[Service](r.s, repeatable, request, err)
}

// Delete deletes a service. Its HoldersLeft is how many holders of its permissions
// are left, to be withdrawn by further calls; 0 if it is done.
func (r Services) Delete(ctx context.Context, id string, params *DeleteServiceParams) (*Withdrawal, error) {
	p := given(params)
	request, err := wire.NewDeleteServiceRequest(ctx, r.s.server, id, p)
	return ask[Withdrawal](r.s, unlessMatched(p.IfMatch, removal), request, err)
}
