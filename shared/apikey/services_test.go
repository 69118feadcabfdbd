package apikey_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/permission"
	"github.com/keyward/keyward/shared/routing"
)

// The catalogue consists of what the services declare and Keyward's own
// permissions.
func TestCatalogueIsCollected(t *testing.T) {
	h := newHouse(t)
	more := apikey.ServiceDraft{Name: "Mail", Permissions: []apikey.Permission{{Name: "Mail.Send"}, {Name: "ViewTables"}}}
	if _, created, err := h.PutService(t.Context(), h.admin, "mail", 0, more, false); err != nil || !created {
		t.Fatal(created, err)
	}
	catalogue, err := h.Catalogue(t.Context(), h.admin)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, p := range catalogue {
		names = append(names, p.Name)
	}
	want := append([]string{"Mail.Send", "ManageFiles", "ManageTables", "ViewTables"}, apikey.OwnPermissions()...)
	slices.Sort(want)
	if !slices.Equal(names, want) {
		t.Errorf("catalogue %v", names)
	}
}

// A permission that somebody holds is not withdrawn without notice. One that
// another service also declares is not withdrawn at all.
func TestPermissionInUse(t *testing.T) {
	h := newHouse(t)
	held := h.create(t, "held", "ManageTables", "ManageFiles")
	policy := h.policy(t, "policy", "ManageTables", "ViewTables")
	user := h.user(t, member("u", "ManageTables"))
	without := filesServiceOf("demo", declared[0], declared[2])

	_, _, err := h.PutService(t.Context(), h.admin, "files", 0, without, false)
	var e *apikey.Error
	if !errors.As(err, &e) || e.Kind != apikey.InUse || e.Use.Keys != 2 || e.Use.Policies != 1 || e.Use.Users != 1 {
		t.Fatalf("error %+v", err)
	}
	if _, _, err := h.PutService(t.Context(), h.admin, "files", 0, without, true); err != nil {
		t.Fatal(err)
	}
	if got := h.permissions(t, held); !slices.Equal(got, permission.NewSet("ManageFiles")) {
		t.Errorf("the key holds %v", got)
	}
	if after, _ := h.GetPolicy(t.Context(), h.admin, policy.ID); after.Permissions.Has("ManageTables") {
		t.Error("the policy has it still")
	}
	if after, _ := h.GetUser(t.Context(), h.admin, user.ID); after.Permissions.Has("ManageTables") {
		t.Error("the user has it still")
	}
	h.clock.Advance(time.Minute)
	if swept, err := h.Sweep(t.Context()); err != nil || swept.Tasks != 1 {
		t.Fatalf("swept %+v, %v", swept, err)
	}
	if _, _, err = h.PutService(t.Context(), h.admin, "files", 0, filesServiceOf("demo", declared...), false); err != nil {
		t.Errorf("it cannot come back: %v", err)
	}
}

// Sweeps finish a withdrawal that was interrupted.
func TestWithdrawalSurvivesACrash(t *testing.T) {
	for step := 1; step <= 3; step++ {
		h := newHouse(t)
		for _, name := range []string{"a", "b"} {
			h.create(t, name, "ManageTables")
		}
		h.store.left.Store(int64(step))
		if _, _, err := h.PutService(t.Context(), h.admin, "files", 0, filesServiceOf("demo", declared[0], declared[2]), true); err != nil {
			t.Fatal(err)
		}
		h.store.left.Store(-1)
		h.clock.Advance(time.Minute)
		for range 2 {
			if _, err := h.Sweep(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		page, err := h.List(t.Context(), h.admin, apikey.KeyFilter{}, apikey.Position{}, 100)
		if err != nil {
			t.Fatal(err)
		}
		for _, key := range page.Keys {
			if key.Permissions.Has("ManageTables") {
				t.Errorf("step %d: %s has it still", step, key.Name)
			}
		}
		if tasks, _, _ := h.store.Unfinished(t.Context()); len(tasks) != 0 {
			t.Errorf("step %d: tasks %v", step, tasks)
		}
	}
}

// A service that would look guarded without being so is refused, and every
// faulty field is named.
func TestServiceRefuses(t *testing.T) {
	h := newHouse(t)
	bad := apikey.ServiceDraft{
		Permissions: []apikey.Permission{{Name: "a b"}, {Name: "Twice"}, {Name: "Twice"}, {Name: "ManageApiKeys"}},
		APIs:        []routing.API{{Account: "1", ID: "A_B", Region: "here", Stage: "a b"}, {Account: "1", ID: "A_B"}},
		Routes: []routing.Route{
			{Method: "post", Path: "v1/files"}, {Method: "GET", Path: "/a/*"}, {Method: "GET", Path: "/{x+}/b"},
			{Method: "GET", Path: "/ok", Permissions: []string{"Nobody.Declares"}}, {Method: "GET", Path: "/ok"},
		},
	}
	_, _, err := h.PutService(t.Context(), h.admin, "X", 0, bad, false)
	var e *apikey.Error
	if !errors.As(err, &e) || e.Kind != apikey.Invalid {
		t.Fatalf("error %+v", err)
	}
	named := map[string]bool{}
	for _, f := range e.Fields {
		named[f.Field] = true
	}
	for _, field := range []string{
		"id", "name", "permissions[0].name", "permissions[2].name", "permissions[3].name", "apis[0].account", "apis[0].id", "apis[0].region",
		"apis[0].stage", "apis[1]", "routes[0].method", "routes[0].path", "routes[1].path", "routes[2].path", "routes[3].permissions", "routes[4]",
	} {
		if !named[field] {
			t.Errorf("%s is not named", field)
		}
	}
	for _, path := range []string{"/", "/v1/files/{id}", "/v1/{rest+}", "/a.b/~c", "$default", "$connect"} {
		good := apikey.ServiceDraft{Name: "Good", Routes: []routing.Route{{Method: "ANY", Path: path}}}
		if _, _, err := h.PutService(t.Context(), h.admin, "good", 0, good, false); err != nil {
			t.Errorf("%s: %v", path, err)
		}
	}
	huge := apikey.ServiceDraft{Name: "Huge", Routes: []routing.Route{{Method: "GET", Path: "/" + strings.Repeat("a", apikey.MaxServiceRecord)}}}
	_, _, err = h.PutService(t.Context(), h.admin, "huge", 0, huge, false)
	wantKind(t, err, apikey.Invalid)
	_, _, err = h.PutService(t.Context(), h.admin, apikey.ReservedService, 0, apikey.ServiceDraft{Name: "Keyward"}, false)
	wantKind(t, err, apikey.Invalid)
	taken := apikey.ServiceDraft{Name: "Taken", APIs: filesServiceOf("demo").APIs}
	_, _, err = h.PutService(t.Context(), h.admin, "taken", 0, taken, false)
	wantKind(t, err, apikey.NameTaken)
}

// Deleting a service removes its APIs and permissions.
func TestDeleteService(t *testing.T) {
	h := newHouse(t)
	api := filesServiceOf("demo").APIs[0]
	remove := func(version int64, force bool) error {
		left, err := h.DeleteService(t.Context(), h.admin, "files", version, force)
		if left != 0 {
			t.Errorf("%d holders are left", left)
		}
		return err
	}
	wantKind(t, remove(0, false), apikey.InUse)
	wantKind(t, remove(7, true), apikey.PreconditionFailed)
	if err := remove(0, true); err != nil {
		t.Fatal(err)
	}
	_, err := h.store.Service(t.Context(), api)
	wantKind(t, err, apikey.NotFound)
	if got := h.permissions(t, h.own); got.Has("ManageFiles") {
		t.Errorf("a key holds %v", got)
	}
	wantKind(t, remove(0, true), apikey.NotFound)
}
