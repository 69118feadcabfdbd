package apigw

import (
	"context"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/dialect/canonical"
	"github.com/keyward/keyward/shared/uuid"
)

var canonicalUsers = endpointGroup{Subject{"user", "uuid"}, map[string]Endpoint{
	"create-user": {action: on(createUser), Tagged: true},
	"list-users":  {action: listing(canonical.ParseIDCursor, unfiltered, listUsers)},
	"get-user":    {action: on(getUser), Tagged: true},
	"update-user": {action: on(updateUser, force(lastKey)), Tagged: true},
	"patch-user":  {action: on(patchUser, force(lastKey)), Tagged: true},
	"delete-user": {action: on(deleteUser, force(lastKey))},
}}

// createUser creates a user.
func createUser(ctx context.Context, api API, req request[canonical.UserBody]) (answer[canonical.User], error) {
	user, err := api.Rules.CreateUser(ctx, req.caller, req.body.Draft())
	done, err := showUser(user, err)
	done.location = user.ID.String()
	return done, err
}

// listUsers returns a page of the organization's users.
func listUsers(ctx context.Context, api API, p page[uuid.UUID, none]) (answer[canonical.UserList], error) {
	page, err := api.Rules.ListUsers(ctx, p.caller, p.after, p.limit)
	return answer[canonical.UserList]{body: new(canonical.FromUsers(page)), damaged: page.Damaged}, err
}

// getUser returns one user.
func getUser(ctx context.Context, api API, req request[none]) (answer[canonical.User], error) {
	return showUser(api.Rules.GetUser(ctx, req.caller, req.id))
}

// updateUser replaces every writable member of a user.
func updateUser(ctx context.Context, api API, req request[canonical.UserBody]) (answer[canonical.User], error) {
	return showUser(api.Rules.ReplaceUser(ctx, req.caller, req.id, req.version, req.body.Draft()))
}

// patchUser changes the members of a user that the body names.
func patchUser(ctx context.Context, api API, req request[canonical.UserPatch]) (answer[canonical.User], error) {
	return showUser(api.Rules.PatchUser(ctx, req.caller, req.id, req.version, req.body.Edit()))
}

// deleteUser deletes a user and disables the user's personal keys.
func deleteUser(ctx context.Context, api API, req request[none]) (answer[none], error) {
	return answer[none]{}, api.Rules.DeleteUser(ctx, req.caller, req.id, req.version)
}

// showUser returns an answer that shows a user.
func showUser(user apikey.User, err error) (answer[canonical.User], error) {
	return answer[canonical.User]{body: new(canonical.FromUser(user, apikey.Names{})), version: user.Version}, err
}
