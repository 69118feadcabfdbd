package client

import (
	"context"
	"crypto/rand"
	"iter"

	"github.com/keyward/keyward/shared/client/wire"
)

// Keys are the organization's API keys. A nil pointer to parameters means none of
// them.
type Keys struct{ s *sender }

type (
	// Key is an API key. Only the answers that create and rotate it have the whole key,
	// in APIKey.
	Key = wire.APIKey
	// NewKey is what to create a key with.
	NewKey = wire.KeyBody
	// KeyReplacement holds the new values of all writable members of a key.
	KeyReplacement = wire.KeyPutBody
	// KeyPatch changes members of a key.
	KeyPatch = wire.KeyPatch
	// KeyType is "personal", "shared" or "service". In answers, a service key has none.
	KeyType = wire.KeyType
	// Rotation says for how long the previous secret works on.
	Rotation = wire.RotateBody
	// RevealedKey is a whole recoverable key.
	RevealedKey = wire.RevealedKey
	// Usage is what a key was used for.
	Usage = wire.Usage
	// PermissionUse says which permissions a key uses.
	PermissionUse = wire.PermissionUse
	// Propagation says how far a key's newest version has come.
	Propagation = wire.Propagation
	// CreateKeyParams are the optional parameters of the call.
	CreateKeyParams = wire.CreateKeyParams
	// ListKeysParams are the optional parameters of the call.
	ListKeysParams = wire.ListKeysParams
	// UpdateKeyParams are the optional parameters of the call.
	UpdateKeyParams = wire.UpdateKeyParams
	// PatchKeyParams are the optional parameters of the call.
	PatchKeyParams = wire.PatchKeyParams
	// RotateKeyParams are the optional parameters of the call.
	RotateKeyParams = wire.RotateKeyParams
	// DeleteKeyParams are the optional parameters of the call.
	DeleteKeyParams = wire.DeleteKeyParams
	// EndSecretParams are the optional parameters of the call.
	EndSecretParams = wire.DeletePreviousSecretParams
	// KeyUsageParams are the optional parameters of the call.
	KeyUsageParams = wire.GetKeyUsageParams
	// KeyPage is one page of keys.
	KeyPage = Page[Key]
	// KeySecretSummary describes a secret of a key, without its text.
	KeySecretSummary = wire.KeySecret
)

// Create creates a key. Its answer is the only one that has the whole key, unless
// the key is recoverable. Without an IdempotencyKey it sends a random one.
func (k Keys) Create(ctx context.Context, key NewKey, params *CreateKeyParams) (*Key, error) {
	p := given(params)
	if p.IdempotencyKey == "" {
		p.IdempotencyKey = rand.Text()
	}
	request, err := wire.NewCreateKeyRequest(ctx, k.s.server, p, key)
	return ask[Key](k.s, repeatable, request, err)
}

// List returns one page of keys.
func (k Keys) List(ctx context.Context, params *ListKeysParams) (*KeyPage, error) {
	request, err := wire.NewListKeysRequest(ctx, k.s.server, given(params))
	return ask[KeyPage](k.s, repeatable, request, err)
}

// All returns the keys of all pages, each fetched when it is needed. It ends with
// the first error.
func (k Keys) All(ctx context.Context, params *ListKeysParams) iter.Seq2[Key, error] {
	p := given(params)
	return all(&p.Cursor, func() (*KeyPage, error) { return k.List(ctx, &p) })
}

// Get returns a key.
func (k Keys) Get(ctx context.Context, id string) (*Key, error) {
	request, err := wire.NewGetKeyRequest(ctx, k.s.server, id)
	return ask[Key](k.s, repeatable, request, err)
}

// Update replaces a key's name, description and permissions. Other members that are
// absent stay; see [Set] and [Clear].
func (k Keys) Update(ctx context.Context, id string, key KeyReplacement, params *UpdateKeyParams) (*Key, error) {
	p := given(params)
	request, err := wire.NewUpdateKeyRequest(ctx, k.s.server, id, p, key)
	return ask[Key](k.s, unlessMatched(p.IfMatch, repeatable), request, err)
}

// Patch changes members of a key; see [Set] and [Clear].
func (k Keys) Patch(ctx context.Context, id string, patch KeyPatch, params *PatchKeyParams) (*Key, error) {
	p := given(params)
	request, err := wire.NewPatchKeyRequest(ctx, k.s.server, id, p, patch)
	return ask[Key](k.s, unlessMatched(p.IfMatch, repeatable), request, err)
}

// Rotate gives a key a new secret. The previous one works on for the rotation's
// overlap. Without an IdempotencyKey it sends a random one.
func (k Keys) Rotate(ctx context.Context, id string, rotation Rotation, params *RotateKeyParams) (*Key, error) {
	p := given(params)
	if p.IdempotencyKey == "" {
		p.IdempotencyKey = rand.Text()
	}
	request, err := wire.NewRotateKeyRequest(ctx, k.s.server, id, p, rotation)
	return ask[Key](k.s, repeatable, request, err)
}

// EndPreviousSecret ends the overlap of a rotation.
func (k Keys) EndPreviousSecret(ctx context.Context, id string, params *EndSecretParams) error {
	p := given(params)
	request, err := wire.NewDeletePreviousSecretRequest(ctx, k.s.server, id, p)
	return tell(k.s, unlessMatched(p.IfMatch, removal), request, err)
}

// Delete deletes a key.
func (k Keys) Delete(ctx context.Context, id string, params *DeleteKeyParams) error {
	p := given(params)
	request, err := wire.NewDeleteKeyRequest(ctx, k.s.server, id, p)
	return tell(k.s, unlessMatched(p.IfMatch, removal), request, err)
}

// Restore restores a deleted key, disabled.
func (k Keys) Restore(ctx context.Context, id string) (*Key, error) {
	request, err := wire.NewRestoreKeyRequest(ctx, k.s.server, id)
	return ask[Key](k.s, once, request, err)
}

// Reveal returns a whole recoverable key. The audit log tells of it.
func (k Keys) Reveal(ctx context.Context, id string) (*RevealedKey, error) {
	request, err := wire.NewRevealKeyRequest(ctx, k.s.server, id)
	return ask[RevealedKey](k.s, once, request, err)
}

// Usage returns what a key was used for, by hour or day.
func (k Keys) Usage(ctx context.Context, id string, params *KeyUsageParams) (*Usage, error) {
	request, err := wire.NewGetKeyUsageRequest(ctx, k.s.server, id, given(params))
	return ask[Usage](k.s, repeatable, request, err)
}

// Permissions returns which of its permissions a key uses, and which it does not.
func (k Keys) Permissions(ctx context.Context, id string) (*PermissionUse, error) {
	request, err := wire.NewGetKeyPermissionsRequest(ctx, k.s.server, id)
	return ask[PermissionUse](k.s, repeatable, request, err)
}

// Propagation returns how far the newest version of a key has come in each Region.
func (k Keys) Propagation(ctx context.Context, id string) (*Propagation, error) {
	request, err := wire.NewGetKeyPropagationRequest(ctx, k.s.server, id)
	return ask[Propagation](k.s, repeatable, request, err)
}

// given returns a copy of the parameters, or none.
func given[T any](params *T) T {
	if params == nil {
		return *new(T)
	}
	return *params
}
