package apigw

import (
	"context"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/dialect/canonical"
	"github.com/keyward/keyward/shared/dialect/wire"
)

var canonicalKeys = endpointGroup{Subject{"key", "uuid"}, map[string]Endpoint{
	"create-apikey":          {action: repeatable(on(createAPIKey)), Tagged: true},
	"list-apikeys":           {action: listing(canonical.ParseKeyCursor, keyFilters, listAPIKeys)},
	"get-apikey":             {action: on(getAPIKey), Tagged: true},
	"get-apikey-usage":       {action: filtering(usageFilters, getKeyUsage)},
	"get-apikey-permissions": {action: on(getKeyPermissions)},
	"get-apikey-propagation": {action: on(getPropagation), Note: "Callers with AdministerApiKeys can also ask about a key that is gone, until no region has it."},
	"update-apikey":          {action: on(updateAPIKey, force(lastKey)), Tagged: true},
	"patch-apikey":           {action: on(patchAPIKey, force(lastKey)), Tagged: true},
	"delete-apikey":          {action: on(deleteAPIKey, force(lastKey))},
	"restore-apikey":         {action: on(restoreAPIKey), Tagged: true, Conflicts: true},
	"reveal-apikey":          {action: on(revealAPIKey), Conflicts: true},
	"rotate-apikey":          {action: repeatable(on(rotateAPIKey)), Tagged: true, Note: "The caller must hold what the key holds. A key that rotates itself should use an overlap: once its old secret has ended, it cannot repeat the request."},
	"delete-previous-secret": {action: on(deletePreviousSecret)},
	"whoami":                 {action: on(whoAmI), SometimesTagged: true},
}}

// createAPIKey creates a key. Only this answer shows the key's text, and its
// repetitions for a while.
func createAPIKey(ctx context.Context, api API, req request[canonical.KeyBody]) (answer[canonical.APIKey], error) {
	created, err := showMinted(api.Rules.Create(ctx, req.caller, req.body.Draft()))
	if err == nil {
		created.location = created.body.ID
	}
	return created, err
}

// rotateAPIKey gives a key another secret. Only this answer shows the new text,
// and its repetitions for a while.
func rotateAPIKey(ctx context.Context, api API, req request[canonical.RotateBody]) (answer[canonical.APIKey], error) {
	return showMinted(api.Rules.Rotate(ctx, req.caller, req.id, req.version, req.body.Rotation()))
}

// deletePreviousSecret ends the overlap of a rotation.
func deletePreviousSecret(ctx context.Context, api API, req request[none]) (answer[none], error) {
	return answer[none]{}, api.Rules.EndPreviousSecret(ctx, req.caller, req.id, req.version)
}

// showMinted returns an answer that shows a key with its text.
func showMinted(minted apikey.Minted, err error) (answer[canonical.APIKey], error) {
	return answer[canonical.APIKey]{body: new(canonical.FromMinted(minted)), version: minted.Key.Version, repeated: minted.Repeated}, err
}

// keyFilters returns the query parameters that select and order keys.
func keyFilters(q *apikey.KeyQuery) []filter {
	return []filter{
		by("policyId", "Only keys that have this policy.", anID("a policy"), &q.Policy),
		by("onBehalfOf", "Only keys of this user.", anID("a user"), &q.OnBehalfOf),
		by("createdBy", "Only keys that this actor created: the id of a key or user.", anActor, &q.CreatedBy),
		by("name", "Only the key of this name, in any Unicode normalization.", aName, &q.Name),
		by("q", "Only keys whose name contains this text, in any case.", aText, &q.Text),
		by("state", "Only keys in this state now. A key can be in several. expired and notYet follow its times, disabled whether it is enabled; active keys can be used, and those in overlap with a previous secret too. Deleted keys are listed only with deleted.", aState, &q.State),
		by("service", "Only keys that can be used on this service.", aService, &q.Service),
		by("expiresBefore", "Only keys that expire before this time.", aTime, &q.ExpiresBefore),
		by("unusedSince", "Only keys whose last use, or creation if they were never used, is before this time. Needs the whole list, like sort.", aTime, &q.UnusedSince),
		by("neverUsed", "true: only keys that were never used. false: only keys that were. Needs the whole list, like sort.", neverUsed, &q.Use),
		by("sort", "What the list is ordered by. Keys that were never used come before others, and keys that never expire after. createdOn in ascending order is read page by page. Everything else reads all keys that match policyId, onBehalfOf, createdBy, name and state=deleted for each page, at most 10000 keys and 32 MB; beyond that the answer is 400.", aSort, &q.Sort),
		by("order", "asc or desc.", anOrder, &q.Descending),
	}
}

// listAPIKeys returns a page of the organization's keys.
func listAPIKeys(ctx context.Context, api API, p page[canonical.KeyPlace, apikey.KeyQuery]) (answer[canonical.APIKeyList], error) {
	if p.after != (canonical.KeyPlace{}) && p.after.Query != canonical.DigestOf(p.filter) {
		return answer[canonical.APIKeyList]{}, invalid(cursorParameter, apikey.FieldConflict, cursorParameter+" must be sent with the filters, sort and order of the page that it came from.")
	}
	page, err := api.Rules.Find(ctx, p.caller, p.filter, p.after.Position, p.limit)
	return answer[canonical.APIKeyList]{body: new(canonical.FromPage(page, p.filter)), damaged: page.Damaged}, err
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

// restoreAPIKey restores a deleted key, disabled.
func restoreAPIKey(ctx context.Context, api API, req request[none]) (answer[canonical.APIKey], error) {
	return showKey(api.Rules.Restore(ctx, req.caller, req.id))
}

// deleteAPIKey deletes a key. It can be restored for as long as the organization
// keeps deleted keys.
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
	done := answer[canonical.WhoAmI]{body: new(canonical.FromSelf(self))}
	if self.Key != nil {
		done.version = self.Key.Version
	}
	return done, err
}

// showKey returns an answer that shows a key.
func showKey(key apikey.Key, names apikey.Names, err error) (answer[canonical.APIKey], error) {
	return answer[canonical.APIKey]{body: new(canonical.FromKey(key, names)), version: key.Version}, err
}
