package apigw

import (
	"context"
	"strings"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/dialect/supermetrics"
)

// supermetricsCreateKey makes a key, and shows it whole this once.
var supermetricsCreateKey = on(func(ctx context.Context, api API, req request[supermetrics.KeyBody]) (answer, error) {
	draft, faults := req.body.Draft()
	if err := apikeyInvalid(faults); err != nil {
		return answer{}, err
	}
	minted, err := api.Keys.Create(ctx, req.caller, draft)
	if err != nil {
		return answer{}, err
	}
	return answer{body: supermetrics.FromKey(minted.Key, minted.Names).WithValue(minted.Text.Reveal())}, nil
})

// supermetricsListKeys shows all keys, in part.
var supermetricsListKeys = on(func(ctx context.Context, api API, req request[none]) (answer, error) {
	return allKeys(ctx, api, req.caller, supermetrics.FromKeys)
})

// showValueParameter asks for a recoverable key whole.
const showValueParameter = "show_key_value"

// supermetricsGetKey shows one key. Its value is shown where that is asked for
// and a copy is kept, once the audit log says so; it is null otherwise.
var supermetricsGetKey = on(func(ctx context.Context, api API, req request[none]) (answer, error) {
	show, err := flagOf(req.query, showValueParameter)
	if err != nil {
		return answer{}, err
	}
	if !show {
		return supermetricsKey(api.Keys.Get(ctx, req.caller, req.id))
	}
	shown, err := api.Keys.Show(ctx, req.caller, req.id)
	if err != nil || !shown.Key.Recoverable {
		return supermetricsKey(shown.Key, shown.Names, err)
	}
	return answer{body: supermetrics.FromKey(shown.Key, shown.Names).WithValue(shown.Text.Reveal())}, nil
}, showValueParameter)

// supermetricsPatchKey changes the members that the body names.
var supermetricsPatchKey = on(func(ctx context.Context, api API, req request[supermetrics.KeyPatch]) (answer, error) {
	edit, faults := req.body.Edit()
	if err := apikeyInvalid(faults); err != nil {
		return answer{}, err
	}
	return supermetricsKey(api.Keys.Patch(ctx, req.caller, req.id, req.version, edit))
}, forceParameter)

// flagOf is a query parameter that is true or false, in any case, or 1 or 0; true
// where it is there without a value, and false where it is absent.
func flagOf(query map[string]string, name string) (bool, error) {
	value, given := query[name]
	switch strings.ToLower(value) {
	case "true", "1":
		return true, nil
	case "":
		return given, nil
	case "false", "0":
		return false, nil
	}
	return false, invalid(name, apikey.FieldValue, name+" is true or false, or 1 or 0.")
}
