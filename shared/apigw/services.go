package apigw

import (
	"context"
	"net/http"

	"github.com/keyward/keyward/shared/dialect/canonical"
)

var canonicalServices = endpointGroup{Subject{Name: "service"}, map[string]Endpoint{
	"put-service":      {action: on(putService, force(withdraws)), Tagged: true, MayCreate: "* creates the service only if it does not exist yet."},
	"list-services":    {action: listing(canonical.ParseNameCursor, unfiltered, listServices)},
	"get-service":      {action: on(getService), Tagged: true},
	"delete-service":   {action: on(deleteService, force(withdraws)), Unfinished: "Done, except for the keys, policies and users that holdersLeft counts. The sweep continues with these"},
	"list-permissions": {action: on(listPermissions)},
}}

// putService registers or replaces a service.
func putService(ctx context.Context, api API, req request[canonical.ServiceBody]) (answer[canonical.Service], error) {
	service, created, err := api.Rules.PutService(ctx, req.caller, req.name, req.version, req.body.Draft(), req.caller.Force)
	done := answer[canonical.Service]{body: new(canonical.FromRegistered(service)), version: service.Version}
	if created {
		done.status, done.location = http.StatusCreated, "."
	}
	return done, err
}

// listServices returns a page of the organization's services.
func listServices(ctx context.Context, api API, p page[string, none]) (answer[canonical.ServiceList], error) {
	page, err := api.Rules.ListServices(ctx, p.caller, p.after, p.limit)
	return answer[canonical.ServiceList]{body: new(canonical.FromServices(page)), damaged: page.Damaged}, err
}

// getService returns one service.
func getService(ctx context.Context, api API, req request[none]) (answer[canonical.Service], error) {
	service, err := api.Rules.GetService(ctx, req.caller, req.name)
	return answer[canonical.Service]{body: new(canonical.FromServiceWarned(service, service.Warnings())), version: service.Version}, err
}

// deleteService deletes a service. Permissions of it that are still held are
// withdrawn after the answer, which says so.
func deleteService(ctx context.Context, api API, req request[none]) (answer[canonical.Withdrawal], error) {
	left, err := api.Rules.DeleteService(ctx, req.caller, req.name, req.version, req.caller.Force)
	if err != nil || left == 0 {
		return answer[canonical.Withdrawal]{}, err
	}
	return answer[canonical.Withdrawal]{body: &canonical.Withdrawal{HoldersLeft: left}, status: http.StatusAccepted}, nil
}

// listPermissions returns the permissions that the services declare, and
// Keyward's own.
func listPermissions(ctx context.Context, api API, req request[none]) (answer[canonical.PermissionList], error) {
	catalogue, err := api.Rules.Catalogue(ctx, req.caller)
	return answer[canonical.PermissionList]{body: new(canonical.FromCatalogue(catalogue))}, err
}
