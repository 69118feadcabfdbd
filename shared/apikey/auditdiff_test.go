package apikey_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/permission"
	"github.com/keyward/keyward/shared/routing"
)

// facts is what an audit record holds by field.
type facts = map[string]string

// last returns the newest audit record.
func (h *house) last(t *testing.T) apikey.AuditRecord {
	t.Helper()
	log := h.audits(t)
	return log[len(log)-1]
}

// wantTold compares how the newest audit record describes its target.
func (h *house) wantTold(t *testing.T, action apikey.Action, before, after, removed, added facts) {
	t.Helper()
	r := h.last(t)
	if r.Action != action || !maps.Equal(r.Before, before) || !maps.Equal(r.After, after) || !maps.Equal(r.Removed, removed) || !maps.Equal(r.Added, added) {
		t.Errorf("%s: before %v, after %v, removed %v, added %v;\nwant %s: %v, %v, %v, %v", r.Action, r.Before, r.After, r.Removed, r.Added,
			action, before, after, removed, added)
	}
}

// An audit record describes all of a target that is created or deleted. Of a
// changed target it holds the differences: old and new texts, and list
// elements.
func TestAuditRecordsTellDifferences(t *testing.T) {
	h := newHouse(t)
	h.Now = func() time.Time { return h.clock.Advance(time.Millisecond) }
	ctx := t.Context()
	policy := h.policy(t, "files", "ManageFiles", "ManageTables")
	h.wantTold(t, apikey.ActionCreatePolicy, nil, facts{"name": "files", "permissions": "ManageFiles,ManageTables"}, nil, nil)
	change := func(name string, permissions ...string) {
		t.Helper()
		if _, err := h.ReplacePolicy(ctx, h.admin, policy.ID, 0, apikey.PolicyDraft{Name: name, Permissions: permission.NewSet(permissions...)}); err != nil {
			t.Fatal(err)
		}
	}
	change("files", "ManageFiles", "ViewTables")
	h.wantTold(t, apikey.ActionUpdatePolicy, nil, nil, facts{"permissions": "ManageTables"}, facts{"permissions": "ViewTables"})
	change("tables", "ManageFiles", "ViewTables")
	h.wantTold(t, apikey.ActionUpdatePolicy, facts{"name": "files"}, facts{"name": "tables"}, nil, nil)
	change("tables", "ManageFiles")
	h.wantTold(t, apikey.ActionUpdatePolicy, nil, nil, facts{"permissions": "ViewTables"}, nil)
	if err := h.DeletePolicy(ctx, h.admin, policy.ID, 0, ""); err != nil {
		t.Fatal(err)
	}
	log := h.audits(t)
	if deleted := log[len(log)-2]; deleted.Before["permissions"] != "ManageFiles" || deleted.Before["name"] != "tables" || deleted.After != nil {
		t.Errorf("deleted: %+v", deleted)
	}
	service := filesServiceOf("demo", declared...)
	service.Permissions[0].Description, service.Routes[0].Path = "new", "/v2/files"
	if _, _, err := h.PutService(ctx, h.admin, "files", 0, service, false); err != nil {
		t.Fatal(err)
	}
	h.wantTold(t, apikey.ActionPutService, nil, nil,
		facts{"permissions": "ManageFiles ()", "routes": "POST /v1/files ManageFiles"}, facts{"permissions": "ManageFiles (new)", "routes": "POST /v2/files ManageFiles"})
}

// maxTold is the limit of an audit record's descriptions, in bytes.
const maxTold = 20_000

// An audit record's size is limited whatever is recorded. It marks where
// something was cut, and holds in full what fits.
func TestAuditRecordsAreBounded(t *testing.T) {
	h := newHouse(t)
	h.Now = func() time.Time { return h.clock.Advance(time.Millisecond) }
	check := func(what, mark string) {
		t.Helper()
		size, marked := 0, false
		r := h.last(t)
		for _, said := range []facts{r.Before, r.After, r.Removed, r.Added} {
			for field, value := range said {
				size += len(field) + len(value)
				marked = marked || strings.HasSuffix(value, mark)
			}
		}
		if size > maxTold || !marked {
			t.Errorf("%s: %d bytes, marked %t", what, size, marked)
		}
	}
	many := names("P.", 400, 60)
	service := large("Large", many)
	for i := range 400 {
		service.Routes = append(service.Routes, routing.Route{Method: "GET", Path: fmt.Sprint("/v1/", i), Permissions: slices.Repeat([]string{many[0]}, 1+i%3)})
	}
	service.Routes[0].Permissions = slices.Repeat([]string{many[0]}, 20)
	put := func() {
		t.Helper()
		if _, _, err := h.PutService(t.Context(), h.admin, "large", 0, service, false); err != nil {
			t.Fatal(err)
		}
	}
	put()
	check("a new service", " more]")
	for i := range service.Routes {
		service.Routes[i].Path = fmt.Sprint("/v2/", i)
	}
	for i := range service.Permissions {
		service.Permissions[i].Description = strings.Repeat("ä", 60)
	}
	put()
	check("a changed service", " more]")
	if added := h.last(t).Added["routes"]; !strings.Contains(added, "[cut],GET /v2/1 ") {
		t.Errorf("a route of 1.2 kB is told as %.400s", added)
	}
	policy, err := h.CreatePolicy(t.Context(), h.owner, apikey.PolicyDraft{Name: "large", Permissions: permission.NewSet(many...)})
	if err != nil {
		t.Fatal(err)
	}
	check("a new policy", " more]")
	if told := h.last(t).After["permissions"]; len(told) < 10_000 {
		t.Errorf("of its names, %d bytes are told", len(told))
	}
	if _, err := h.ReplacePolicy(t.Context(), h.owner, policy.ID, 0, apikey.PolicyDraft{Name: "large", Permissions: permission.NewSet(many[:300]...)}); err != nil {
		t.Fatal(err)
	}
	if removed := strings.Split(h.last(t).Removed["permissions"], ","); len(removed) != 100 {
		t.Errorf("%d names are told as removed, want 100", len(removed))
	}
}
