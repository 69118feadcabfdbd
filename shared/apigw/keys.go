package apigw

import (
	"context"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/dialect/canonical"
	"github.com/keyward/keyward/shared/dialect/wire"
)

var canonicalKeys = noun{Subject{"key", "uuid"}, map[string]Endpoint{
	"create-apikey":          {action: repeatable(on(createAPIKey)), Tagged: true},
	"list-apikeys":           {action: listing(canonical.ParseCursor, keyFilters, listAPIKeys)},
	"get-apikey":             {action: on(getAPIKey), Tagged: true},
	"get-apikey-usage":       {action: on(getKeyUsage, usageParameters...)},
	"get-apikey-permissions": {action: on(getKeyPermissions)},
	"get-apikey-propagation": {action: on(getPropagation), Besides: " Callers with AdministerApiKeys can also ask about a key that is gone, until no region has it."},
	"update-apikey":          {action: on(updateAPIKey, force(lastKey)), Tagged: true},
	"patch-apikey":           {action: on(patchAPIKey, force(lastKey)), Tagged: true},
	"delete-apikey":          {action: on(deleteAPIKey, force(lastKey))},
	"reveal-apikey":          {action: on(revealAPIKey), Conflicts: true},
	"whoami":                 {action: on(whoAmI), SometimesTagged: true},
}}

// createAPIKey creates a key. Only this answer shows the key's text, and its
// repetitions for a while.
func createAPIKey(ctx context.Context, api API, req request[canonical.KeyBody]) (answer[canonical.APIKey], error) {
	minted, err := api.Rules.Create(ctx, req.caller, req.body.Draft())
	if err != nil {
		return answer[canonical.APIKey]{}, err
	}
	form := canonical.FromMinted(minted)
	return answer[canonical.APIKey]{body: &form, version: minted.Key.Version, location: form.ID, repeated: minted.Repeated}, nil
}

// keyFilters returns the query parameters that filter keys.
func keyFilters(f *apikey.KeyFilter) []filter {
	return []filter{
		by("policyId", "Only keys that have this policy.", anID("a policy"), &f.Policy),
		by("onBehalfOf", "Only keys of this user.", anID("a user"), &f.OnBehalfOf),
		by("createdBy", "Only keys that this key or user created: its id.", anActor, &f.CreatedBy),
		by("name", "Only the key with this name, in any Unicode normalization form.", aName, &f.Name),
	}
}

// listAPIKeys returns a page of the organization's keys.
func listAPIKeys(ctx context.Context, api API, p page[apikey.Position, apikey.KeyFilter]) (answer[canonical.APIKeyList], error) {
	page, err := api.Rules.List(ctx, p.caller, p.filter, p.after, p.limit)
	return answer[canonical.APIKeyList]{body: new(canonical.FromPage(page)), damaged: page.Damaged}, err
}

// getAPIKey returns one key.
func getAPIKey(ctx context.Context, api API, req request[none]) (answer[canonical.APIKey], error) {
	return showKey(api.Rules.GetWithUse(ctx, req.caller, req.id))
}

// updateAPIKey replaces a key's name, description and grants. Limits that the
// body does not name stay.
func updateAPIKey(ctx context.Context, api API, req request[canonical.KeyPutBody]) (answer[canonical.APIKey], error) {
	return showKey(api.Rules.Patch(ctx, req.caller, req.id, req.version, req.body.Edit()))
}

// patchAPIKey changes the fields that the body names.
func patchAPIKey(ctx context.Context, api API, req request[canonical.KeyPatch]) (answer[canonical.APIKey], error) {
	return showKey(api.Rules.Patch(ctx, req.caller, req.id, req.version, req.body.Edit()))
}

// deleteAPIKey deletes a key. That cannot be undone.
func deleteAPIKey(ctx context.Context, api API, req request[none]) (answer[none], error) {
	return answer[none]{}, api.Rules.Delete(ctx, req.caller, req.id, req.version)
}

// revealAPIKey returns the text of a recoverable key after the audit log has
// recorded it.
func revealAPIKey(ctx context.Context, api API, req request[none]) (answer[canonical.RevealedKey], error) {
	key, text, err := api.Rules.Reveal(ctx, req.caller, req.id)
	if err != nil {
		return answer[canonical.RevealedKey]{}, err
	}
	return answer[canonical.RevealedKey]{body: &canonical.RevealedKey{ID: key.ID.String(), Text: wire.Secret(text.Reveal())}}, nil
}

// whoAmI returns the caller's key, the user as whom it acts, and its
// permissions.
func whoAmI(ctx context.Context, api API, req request[none]) (answer[canonical.WhoAmI], error) {
	self, err := api.Rules.WhoAmI(ctx, req.caller)
	if err != nil {
		return answer[canonical.WhoAmI]{}, err
	}
	done := answer[canonical.WhoAmI]{body: new(canonical.FromSelf(self))}
	if self.Key != nil {
		done.version = self.Key.Version
	}
	return done, nil
}

// showKey returns an answer that shows a key.
func showKey(key apikey.Key, names apikey.Names, err error) (answer[canonical.APIKey], error) {
	return answer[canonical.APIKey]{body: new(canonical.FromKey(key, names)), version: key.Version}, err
}
