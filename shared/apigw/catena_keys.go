package apigw

import (
	"context"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/dialect/catena"
)

// effect is the note on changes that the Catena document calls immediate: when
// they take effect.
const effect = "The change takes effect within 5 seconds by default. It takes effect at once if KEYWARD_CACHE_TTL_SECONDS is 0 and no gateway caches the authorizer's answers; every use of a key then waits for a read of DynamoDB."

var catenaKeys = endpointGroup{Subject{"key", "uuid"}, map[string]Endpoint{
	"create-apikey":    {action: on(catenaCreateKey), Secret: "api_key"},
	"list-apikeys":     {action: on(catenaListKeys), Note: unpaged(keysPath)},
	"get-apikey":       {action: on(catenaGetKey)},
	"update-apikey":    {action: on(catenaUpdateKey, force(lastKey)), Note: effect},
	"delete-apikey":    {action: on(deleteAPIKey, force(lastKey)), Note: effect},
	"list-permissions": {action: on(catenaListPermissions)},
}}

// catenaCreateKey creates a key with one policy. Only this answer shows the
// key's text.
func catenaCreateKey(ctx context.Context, api API, req request[catena.KeyBody]) (answer[catena.Key], error) {
	draft, faults := req.body.Draft()
	if err := apikey.InvalidError(faults...); err != nil {
		return answer[catena.Key]{}, err
	}
	minted, err := api.Rules.Create(ctx, req.caller, draft)
	if err != nil {
		return answer[catena.Key]{}, err
	}
	return answer[catena.Key]{body: new(catena.FromMinted(minted))}, nil
}

// catenaListKeys returns all keys.
func catenaListKeys(ctx context.Context, api API, req request[none]) (answer[catena.KeyList], error) {
	return allKeys(ctx, api, req.caller, catena.FromKeys)
}

// catenaGetKey returns one key.
func catenaGetKey(ctx context.Context, api API, req request[none]) (answer[catena.Key], error) {
	return catenaKey(api.Rules.Get(ctx, req.caller, req.id))
}

// catenaUpdateKey replaces a key's name, description and policy. It keeps
// everything that the Catena document does not define.
func catenaUpdateKey(ctx context.Context, api API, req request[catena.UpdateBody]) (answer[catena.Key], error) {
	edit, faults := req.body.Edit()
	if err := apikey.InvalidError(faults...); err != nil {
		return answer[catena.Key]{}, err
	}
	return catenaKey(api.Rules.Patch(ctx, req.caller, req.id, req.version, edit))
}

// catenaListPermissions returns the permissions that the services declare.
func catenaListPermissions(ctx context.Context, api API, req request[none]) (answer[catena.PermissionList], error) {
	catalogue, err := api.Rules.Catalogue(ctx, req.caller)
	return answer[catena.PermissionList]{body: new(catena.FromCatalogue(catalogue))}, err
}

// catenaKey returns an answer that shows a key.
func catenaKey(key apikey.Key, names apikey.Names, err error) (answer[catena.Key], error) {
	return answer[catena.Key]{body: new(catena.FromKey(key, names))}, err
}
