package apikeytest

import (
	"context"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/routing"
	"github.com/keyward/keyward/shared/uuid"
)

// Lookup reads records one by one, for tests that inspect a store.
type Lookup struct{ Reader apikey.Reader }

// one reads a single record; find extracts it.
func one[T any](l Lookup, ctx context.Context, ref apikey.Ref, find func(apikey.Found) (T, error)) (T, error) {
	found, err := l.Reader.Read(ctx, ref)
	if err != nil {
		var none T
		return none, err
	}
	return find(found)
}

// Key reads a key; [apikey.NotFound] if there is none.
func (l Lookup) Key(ctx context.Context, id uuid.UUID) (apikey.Key, error) {
	return one(l, ctx, apikey.KeyRef(id), func(f apikey.Found) (apikey.Key, error) { return f.Key(id) })
}

// Organization reads an organization; [apikey.NotFound] if there is none.
func (l Lookup) Organization(ctx context.Context, org apikey.OrgID) (apikey.Organization, error) {
	return one(l, ctx, apikey.OrganizationRef(org), func(f apikey.Found) (apikey.Organization, error) { return f.Organization(org) })
}

// Status reads the status of an organization; [apikey.NotFound] if there is no
// such organization.
func (l Lookup) Status(ctx context.Context, org apikey.OrgID) (apikey.Status, error) {
	return one(l, ctx, apikey.StatusRef(org), func(f apikey.Found) (apikey.Status, error) { return f.Status(org) })
}

// Policy reads a policy, even a tombstone; [apikey.NotFound] if there is none.
func (l Lookup) Policy(ctx context.Context, org apikey.OrgID, id uuid.UUID) (apikey.Policy, error) {
	return one(l, ctx, apikey.PolicyRef(org, id), func(f apikey.Found) (apikey.Policy, error) { return f.Policy(org, id) })
}

// User reads a user; [apikey.NotFound] if there is none.
func (l Lookup) User(ctx context.Context, org apikey.OrgID, id uuid.UUID) (apikey.User, error) {
	return one(l, ctx, apikey.UserRef(org, id), func(f apikey.Found) (apikey.User, error) { return f.User(org, id) })
}

// RegisteredService reads a service by its id; [apikey.NotFound] if there is
// none.
func (l Lookup) RegisteredService(ctx context.Context, org apikey.OrgID, id string) (apikey.Service, error) {
	return one(l, ctx, apikey.ServiceRef(org, id), func(f apikey.Found) (apikey.Service, error) { return f.Service(org, id) })
}

// Service reads the service that an API belongs to; [apikey.NotFound] if it
// belongs to none.
func (l Lookup) Service(ctx context.Context, api routing.API) (apikey.Service, error) {
	return one(l, ctx, apikey.APIRef(api), func(f apikey.Found) (apikey.Service, error) { return f.ServiceOf(api) })
}
