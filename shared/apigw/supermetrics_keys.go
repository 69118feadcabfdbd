package apigw

import (
	"context"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/dialect/supermetrics"
)

// supermetricsKeys assigns the route that gets a key to reveal-apikey. The
// document uses one route for getting and revealing a key, and only that
// operation's function can decrypt the stored keys.
var supermetricsKeys = endpointGroup{Subject{Name: "key"}, map[string]Endpoint{
	"create-apikey": {action: on(supermetricsCreateKey)},
	"list-apikeys":  {action: on(supermetricsListKeys), Note: unpaged(keysPath)},
	"reveal-apikey": {action: on(supermetricsGetKey, showValue)},
	"patch-apikey":  {action: updating(on(supermetricsPatchKey, force(lastKey)))},
}}

// supermetricsCreateKey creates a key. The answer shows its text; later answers
// do so only if it is recoverable.
func supermetricsCreateKey(ctx context.Context, api API, req request[supermetrics.KeyBody]) (answer[supermetrics.KeyAnswer], error) {
	draft, faults := req.body.Draft()
	if err := apikey.InvalidError(faults...); err != nil {
		return answer[supermetrics.KeyAnswer]{}, err
	}
	minted, err := api.Rules.Create(ctx, req.caller, draft)
	if err != nil {
		return answer[supermetrics.KeyAnswer]{}, err
	}
	return supermetricsKey(req.caller, supermetrics.FromKey(minted.Key, minted.Names).WithValue(minted.Text.Reveal())), nil
}

// supermetricsListKeys returns all keys in their short form.
func supermetricsListKeys(ctx context.Context, api API, req request[none]) (answer[supermetrics.KeyListAnswer], error) {
	return allKeys(ctx, api, req.caller, func(keys []apikey.Key, names apikey.Names) supermetrics.KeyListAnswer {
		return supermetrics.KeyListAnswer{Meta: supermetrics.Meta{RequestID: req.caller.RequestID}, Data: supermetrics.FromKeys(keys, names)}
	})
}

// showValue asks for the text of a recoverable key.
var showValue = aFlag.named("show_key_value", "true shows the value of a recoverable key, after recording that in the audit log. Takes true, false, 1 and 0, in upper or lower case. Without a value it means true. Default: false.")

// supermetricsGetKey returns one key. It includes the value if the caller asks
// for it and the key is recoverable, after the audit log has recorded it;
// otherwise the value is null. HEAD never includes it.
func supermetricsGetKey(ctx context.Context, api API, req request[none]) (answer[supermetrics.KeyAnswer], error) {
	var show bool
	if err := aFlag.read(req.query, showValue.Name, &show); err != nil {
		return answer[supermetrics.KeyAnswer]{}, err
	}
	if !show || req.head {
		key, names, err := api.Rules.Get(ctx, req.caller, req.id)
		return supermetricsKey(req.caller, supermetrics.FromKey(key, names)), err
	}
	shown, err := api.Rules.Show(ctx, req.caller, req.id)
	form := supermetrics.FromKey(shown.Key, shown.Names)
	if err == nil && shown.Key.Recoverable {
		form = form.WithValue(shown.Text.Reveal())
	}
	return supermetricsKey(req.caller, form), err
}

// supermetricsPatchKey changes the members that the body names.
func supermetricsPatchKey(ctx context.Context, api API, req request[supermetrics.KeyPatch]) (answer[supermetrics.KeyAnswer], error) {
	edit, faults := req.body.Edit()
	if err := apikey.InvalidError(faults...); err != nil {
		return answer[supermetrics.KeyAnswer]{}, err
	}
	key, names, err := api.Rules.Patch(ctx, req.caller, req.id, req.version, edit)
	return supermetricsKey(req.caller, supermetrics.FromKey(key, names)), err
}

// supermetricsKey returns an answer with a key and the request's id.
func supermetricsKey(caller apikey.Caller, key supermetrics.Key) answer[supermetrics.KeyAnswer] {
	return answer[supermetrics.KeyAnswer]{body: &supermetrics.KeyAnswer{Meta: supermetrics.Meta{RequestID: caller.RequestID}, Data: key}}
}
