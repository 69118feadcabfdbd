package apikey_test

import (
	"testing"

	"github.com/keyward/keyward/shared/apikey"
)

// The scopes of the Supermetrics document count only on that document's routes.
// Together with ManageApiKeys they do not make an administrator.
func TestScopesCountOnTheirRoutesAlone(t *testing.T) {
	h := newHouse(t)
	writer := caller(h.create(t, "writer", "api_keys_write"))
	reader := caller(h.create(t, "reader", "api_keys_read", "ManageApiKeys"))
	for _, by := range []apikey.Caller{writer, reader} {
		_, _, err := h.Get(t.Context(), by, h.own.ID)
		wantKind(t, err, apikey.Forbidden)
	}
	_, err := h.Create(t.Context(), writer, draft("n"))
	wantKind(t, err, apikey.Forbidden)

	writer.Scoped, reader.Scoped = true, true
	name := "renamed"
	if _, _, err := h.Patch(t.Context(), writer, h.own.ID, 0, apikey.Edit{Name: &name}); err != nil {
		t.Error(err)
	}
	if _, _, err := h.Get(t.Context(), reader, h.own.ID); err != nil {
		t.Error(err)
	}
	_, _, err = h.Patch(t.Context(), reader, h.own.ID, 0, apikey.Edit{Name: &name})
	wantKind(t, err, apikey.Forbidden)
	if _, err := h.List(t.Context(), reader, apikey.KeyFilter{}, apikey.Position{}, 10); err != nil {
		t.Error(err)
	}
}
