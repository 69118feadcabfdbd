package apigw

import (
	"context"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/dialect/catena"
)

// catenaCreateKey makes a key with one policy, and shows it whole this once.
var catenaCreateKey = on(func(ctx context.Context, api API, req request[catena.KeyBody]) (answer, error) {
	draft, faults := req.body.Draft()
	if err := apikeyInvalid(faults); err != nil {
		return answer{}, err
	}
	minted, err := api.Keys.Create(ctx, req.caller, draft)
	if err != nil {
		return answer{}, err
	}
	return answer{body: catena.FromMinted(minted)}, nil
})

// catenaListKeys shows all keys.
var catenaListKeys = on(func(ctx context.Context, api API, req request[none]) (answer, error) {
	return allKeys(ctx, api, req.caller, catena.FromKeys)
})

// catenaGetKey shows one key.
var catenaGetKey = on(func(ctx context.Context, api API, req request[none]) (answer, error) {
	return catenaKey(api.Keys.Get(ctx, req.caller, req.id))
})

// catenaUpdateKey gives a key another name, description and policy. The rest of
// it, of which the document knows nothing, stays.
var catenaUpdateKey = on(func(ctx context.Context, api API, req request[catena.UpdateBody]) (answer, error) {
	edit, faults := req.body.Edit()
	if err := apikeyInvalid(faults); err != nil {
		return answer{}, err
	}
	return catenaKey(api.Keys.Patch(ctx, req.caller, req.id, req.version, edit))
}, forceParameter)

// catenaDeleteKey removes a key for good.
var catenaDeleteKey = on(func(ctx context.Context, api API, req request[none]) (answer, error) {
	return answer{}, api.Keys.Delete(ctx, req.caller, req.id, req.version)
}, forceParameter)

// catenaListPermissions shows what the services declare, collected.
var catenaListPermissions = on(func(ctx context.Context, api API, req request[none]) (answer, error) {
	catalogue, err := api.Keys.Catalogue(ctx, req.caller)
	return answer{body: catena.FromCatalogue(catalogue)}, err
})

func catenaKey(key apikey.Key, names apikey.Names, err error) (answer, error) {
	return answer{body: catena.FromKey(key, names)}, err
}
