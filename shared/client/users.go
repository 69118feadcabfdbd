package client

import (
	"context"
	"iter"

	"github.com/keyward/keyward/shared/client/wire"
)

// Users are the organization's users.
type Users struct{ s *sender }

type (
	// User is a user, on whose behalf keys can act.
	User = wire.User
	// Role is "OWNER", "ADMIN", "MANAGER" or "MEMBER".
	Role = wire.Role
	// NewUser is what to create or replace a user with.
	NewUser = wire.UserBody
	// UserPatch changes members of a user.
	UserPatch = wire.UserPatch
	// ListUsersParams are the optional parameters of the call.
	ListUsersParams = wire.ListUsersParams
	// UpdateUserParams are the optional parameters of the call.
	UpdateUserParams = wire.UpdateUserParams
	// PatchUserParams are the optional parameters of the call.
	PatchUserParams = wire.PatchUserParams
	// DeleteUserParams are the optional parameters of the call.
	DeleteUserParams = wire.DeleteUserParams
	// UserPage is one page of users.
	UserPage = Page[User]
)

// Create creates a user. It is not repeated, except where nothing was done.
func (u Users) Create(ctx context.Context, user NewUser) (*User, error) {
	request, err := wire.NewCreateUserRequest(ctx, u.s.server, user)
	return ask[User](u.s, once, request, err)
}

// List returns one page of users.
func (u Users) List(ctx context.Context, params *ListUsersParams) (*UserPage, error) {
	request, err := wire.NewListUsersRequest(ctx, u.s.server, given(params))
	return ask[UserPage](u.s, repeatable, request, err)
}

// All returns the users of all pages, each fetched when it is needed. It ends with
// the first error.
func (u Users) All(ctx context.Context, params *ListUsersParams) iter.Seq2[User, error] {
	given := given(params)
	return all(&given.Cursor, func() (*UserPage, error) { return u.List(ctx, &given) })
}

// Get returns a user.
func (u Users) Get(ctx context.Context, id string) (*User, error) {
	request, err := wire.NewGetUserRequest(ctx, u.s.server, id)
	return ask[User](u.s, repeatable, request, err)
}

// Update replaces a user. What is absent is removed.
func (u Users) Update(ctx context.Context, id string, user NewUser, params *UpdateUserParams) (*User, error) {
	given := given(params)
	request, err := wire.NewUpdateUserRequest(ctx, u.s.server, id, given, user)
	return ask[User](u.s, unlessMatched(given.IfMatch, repeatable), request, err)
}

// Patch changes members of a user; see [Set] and [Clear].
func (u Users) Patch(ctx context.Context, id string, patch UserPatch, params *PatchUserParams) (*User, error) {
	given := given(params)
	request, err := wire.NewPatchUserRequest(ctx, u.s.server, id, given, patch)
	return ask[User](u.s, unlessMatched(given.IfMatch, repeatable), request, err)
}

// Delete deletes a user. Its personal keys are disabled.
func (u Users) Delete(ctx context.Context, id string, params *DeleteUserParams) error {
	given := given(params)
	request, err := wire.NewDeleteUserRequest(ctx, u.s.server, id, given)
	return tell(u.s, unlessMatched(given.IfMatch, removal), request, err)
}
