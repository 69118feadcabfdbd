package apikey_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"golang.org/x/text/unicode/norm"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/apikeytest"
	"github.com/keyward/keyward/shared/permission"
	"github.com/keyward/keyward/shared/routing"
	"github.com/keyward/keyward/shared/uuid"
)

// declared is the catalogue of the organizations in these tests, without
// Keyward's own permissions.
var declared = []apikey.Permission{{Name: "ManageFiles"}, {Name: "ManageTables"}, {Name: "ViewTables"}}

// filesAPI is the API of the service that declares them.
var filesAPI = routing.API{Account: "123456789012", ID: "abc"}

// filesServiceOf returns that service, with one API for each organization.
func filesServiceOf(org apikey.OrgID, permissions ...apikey.Permission) apikey.ServiceDraft {
	api := filesAPI
	api.ID += string(org)
	return apikey.ServiceDraft{
		Name: "Files", Permissions: permissions, APIs: []routing.API{api},
		Routes: []routing.Route{{Method: "POST", Path: "/v1/files", Permissions: []string{"ManageFiles"}}},
	}
}

// house is the rules over an in-memory store, with one organization and its
// admin key. A read of the store returns one record of a listing, because no
// rule may count on more.
type house struct {
	*apikey.Rules
	store *hookedStore
	clock *apikeytest.Clock
	// admin is a service key, own, that holds everything.
	admin apikey.Caller
	own   apikey.Key
	// owner is a personal key of person, who is OWNER.
	owner  apikey.Caller
	person apikey.User
}

// hookedStore lets a test run something just before a change is committed.
type hookedStore struct {
	*apikeytest.Store
	before func()
	// refuse, if set, may refuse a change.
	refuse func(context.Context, apikey.Change) error
	// left is how many commits still succeed before the process "dies"; -1
	// means no limit.
	left atomic.Int64
}

func (s *hookedStore) Commit(ctx context.Context, change apikey.Change) error {
	if s.left.Load() == 0 {
		return apikey.UnavailableError("commit after the end of the process", nil)
	}
	s.left.Add(-1)
	if s.refuse != nil {
		if err := s.refuse(ctx, change); err != nil {
			return err
		}
	}
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
	h.store.left.Store(-1)
	h.store.ReadAtMost(1)
	h.Rules = &apikey.Rules{
		Store: h.store, Digester: digester, PepperMaker: digester, Vault: h, Outcomes: h,
		Now: h.clock.Now, Entropy: apikeytest.Entropy(1), NFC: norm.NFC.String,
	}
	result := h.setup(t, "demo")
	h.owner, h.person = caller(result.Admin.Key), result.Owner
	minted, err := h.Create(t.Context(), h.owner, apikey.Draft{Name: "Service admin", Permissions: everything(t, h)})
	if err != nil {
		t.Fatal(err)
	}
	h.admin, h.own = caller(minted.Key), minted.Key
	return h
}

// everything returns the whole catalogue.
func everything(t *testing.T, h *house) permission.Set {
	t.Helper()
	self, err := h.WhoAmI(t.Context(), h.owner)
	if err != nil {
		t.Fatal(err)
	}
	return self.Permissions
}

// Seal and Open make the house a vault that binds ciphertext to the id.
func (h *house) Seal(_ context.Context, id uuid.UUID, text string) ([]byte, error) {
	return []byte(id.String() + reverse(text)), nil
}

func (h *house) Open(_ context.Context, id uuid.UUID, sealed []byte) (string, error) {
	text, bound := strings.CutPrefix(string(sealed), id.String())
	if !bound {
		return "", apikey.UnavailableError("open", nil)
	}
	return reverse(text), nil
}

func reverse(text string) string {
	runes := []rune(text)
	slices.Reverse(runes)
	return string(runes)
}

// setup bootstraps an organization with a quota of five keys.
func (h *house) setup(t *testing.T, org apikey.OrgID) apikey.SetupResult {
	t.Helper()
	result, err := h.Bootstrap(t.Context(), apikey.Setup{
		Organization: org, KeyPrefix: "kw", MaxKeys: 5, Recoverable: true, OwnerEmail: "Owner@example.com", OwnerName: "Owner", AdminKey: "Admin",
		Services: []apikey.SetupService{{ID: "files", ServiceDraft: filesServiceOf(org, declared...)}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return result
}

// caller returns who uses the key's current secret.
func caller(key apikey.Key) apikey.Caller {
	return apikey.Caller{Org: key.Org, Key: key.ID, Generation: key.Generation}
}

func draft(name string, permissions ...string) apikey.Draft {
	return apikey.Draft{Name: name, Permissions: permission.NewSet(permissions...)}
}

// replacing returns the edit that makes a key match the draft.
func replacing(d apikey.Draft) apikey.Edit {
	return apikey.Edit{
		Name: &d.Name, Description: &d.Description, Permissions: &d.Permissions, Narrowed: &d.Narrowed, Policy: &d.Policy, OnBehalfOf: &d.OnBehalfOf,
		Services: &d.Services, Disabled: &d.Disabled, NotBefore: &d.NotBefore, ExpiresOn: &d.ExpiresOn, AllowIPs: &d.AllowIPs,
	}
}

// changing returns the edit that makes the settings equal s.
func changing(s apikey.Settings) apikey.SettingsEdit {
	return apikey.SettingsEdit{Name: &s.Name, KeyPrefix: &s.KeyPrefix, MaxKeys: &s.MaxKeys, Recoverable: &s.Recoverable, MaxKeyLifetime: &s.MaxKeyLifetime}
}

// create creates a key as the admin.
func (h *house) create(t *testing.T, name string, permissions ...string) apikey.Key {
	t.Helper()
	minted, err := h.Create(t.Context(), h.admin, draft(name, permissions...))
	if err != nil {
		t.Fatal(err)
	}
	return minted.Key
}

// wantFields fails the test unless err is [apikey.Invalid] and names these
// fields, in this order.
func wantFields(t *testing.T, err error, fields ...string) {
	t.Helper()
	wantKind(t, err, apikey.Invalid)
	var got []string
	if fault, ok := errors.AsType[*apikey.Error](err); ok {
		for _, f := range fault.Fields {
			got = append(got, f.Field)
		}
	}
	if !slices.Equal(got, fields) {
		t.Errorf("%v is about %v, want %v", err, got, fields)
	}
}

// wantKind fails the test unless err is of the kind.
func wantKind(t *testing.T, err error, kind apikey.Kind) {
	t.Helper()
	if err == nil || apikey.KindOf(err) != kind {
		t.Errorf("error %v, want kind %d", err, kind)
	}
}

// exchanged is a store that returns another key's encrypted copies.
type exchanged struct {
	apikey.Store
	other apikey.Key
}

func (s exchanged) Sealed(ctx context.Context, _ uuid.UUID) ([]byte, error) {
	return s.Store.Sealed(ctx, s.other.ID)
}
