package clients

import (
	"errors"
	"testing"
	"time"

	"github.com/keyward/keyward/shared/client"
)

// goClient returns a client of the stack with the admin's key.
func goClient(t *testing.T) *client.Client {
	t.Helper()
	c, err := client.New(running.URL, client.NewSecret(running.AdminKey))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// A key lives its whole life through the client: made, found, changed, verified,
// rotated, deleted and restored.
func TestGoClientKeyLife(t *testing.T) {
	ctx, c := t.Context(), goClient(t)
	me, err := c.Whoami(ctx)
	if err != nil || me.ETag == "" {
		t.Fatalf("whoami: %+v, %v", me, err)
	}
	key, err := c.Keys.Create(ctx, client.NewKey{Name: "Go client's life", Permissions: me.Permissions[:1]}, nil)
	if err != nil || key.APIKey.IsZero() || key.ETag == "" {
		t.Fatalf("create: %v, %v", key, err)
	}
	verified, err := c.Verify(ctx, key.APIKey, client.Question{Permission: me.Permissions[0]})
	if err != nil || !verified.Valid || verified.KeyID != key.ID {
		t.Errorf("verify: %+v, %v", verified, err)
	}
	changed, err := c.Keys.Patch(ctx, key.ID, client.KeyPatch{Description: client.Set("changed"), ExpiresOn: client.Clear[time.Time]()}, &client.PatchKeyParams{IfMatch: key.ETag})
	if err != nil || changed.Description != "changed" {
		t.Errorf("patch: %+v, %v", changed, err)
	}
	if _, err := c.Keys.Patch(ctx, key.ID, client.KeyPatch{}, &client.PatchKeyParams{IfMatch: key.ETag}); !errors.Is(err, client.ErrPreconditionFailed) {
		t.Errorf("a patch of an old version: %v", err)
	}
	rotated, err := c.Keys.Rotate(ctx, key.ID, client.Rotation{OverlapSeconds: new(0)}, nil)
	if err != nil || rotated.APIKey.IsZero() || rotated.APIKey.Reveal() == key.APIKey.Reveal() {
		t.Errorf("rotate: %v, %v", rotated, err)
	}
	if err := c.Keys.Delete(ctx, key.ID, nil); err != nil {
		t.Error(err)
	}
	if _, err := c.Keys.Get(ctx, key.ID); !errors.Is(err, client.ErrKeyNotFound) {
		t.Errorf("a deleted key: %v", err)
	}
	if restored, err := c.Keys.Restore(ctx, key.ID); err != nil || restored.Enabled == nil || *restored.Enabled {
		t.Errorf("restore: %+v, %v", restored, err)
	}
	if err := c.Keys.Delete(ctx, key.ID, nil); err != nil {
		t.Error(err)
	}
}
