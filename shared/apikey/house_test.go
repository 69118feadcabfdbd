package apikey_test

import (
	"context"
	"testing"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/apikeytest"
)

// declared is the catalogue of the organizations in these tests, besides
// Keyward's own permissions.
var declared = []apikey.Permission{{Name: "ManageFiles"}, {Name: "ManageTables"}, {Name: "ViewTables"}}

// house is the rules over an in-memory store, with one organization and its
// admin key.
type house struct {
	*apikey.Keys
	store *hookedStore
	clock *apikeytest.Clock
	admin apikey.Caller
	own   apikey.Key
}

// hookedStore lets a test do something just before a change is committed.
type hookedStore struct {
	*apikeytest.Store
	before func()
}

func (s *hookedStore) Commit(ctx context.Context, change apikey.Change) error {
	if hook := s.before; hook != nil {
		s.before = nil
		hook()
	}
	return s.Store.Commit(ctx, change)
}

func newHouse(t *testing.T) *house {
	t.Helper()
	digester := &apikeytest.Peppers{}
	h := &house{
		store: &hookedStore{Store: apikeytest.NewStore()},
		clock: apikeytest.NewClock(),
	}
	h.Keys = &apikey.Keys{Store: h.store, Digester: digester, PepperMaker: digester, Now: h.clock.Now, Entropy: apikeytest.Entropy(1)}
	result := h.setup(t, "demo")
	h.admin, h.own = caller(result.Admin.Key), result.Admin.Key
	return h
}

// setup bootstraps an organization with at most four keys.
func (h *house) setup(t *testing.T, org apikey.OrgID) apikey.SetupResult {
	t.Helper()
	result, err := h.Bootstrap(t.Context(), apikey.Setup{Organization: org, MaxKeys: 4, Permissions: declared, AdminKey: "Admin"})
	if err != nil {
		t.Fatal(err)
	}
	return result
}

func caller(key apikey.Key) apikey.Caller { return apikey.Caller{Org: key.Org, Key: key.ID} }

func draft(name string, permissions ...string) apikey.Draft {
	return apikey.Draft{Name: name, Permissions: apikey.NewPermissions(permissions...)}
}

// create makes a key as the admin.
func (h *house) create(t *testing.T, name string, permissions ...string) apikey.Key {
	t.Helper()
	minted, err := h.Create(t.Context(), h.admin, draft(name, permissions...))
	if err != nil {
		t.Fatal(err)
	}
	return minted.Key
}

// wantKind fails the test unless err is of the kind.
func wantKind(t *testing.T, err error, kind apikey.Kind) {
	t.Helper()
	if err == nil || apikey.KindOf(err) != kind {
		t.Errorf("error %v, want kind %d", err, kind)
	}
}
