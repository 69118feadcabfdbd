package apikey_test

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/permission"
	"github.com/keyward/keyward/shared/routing"
)

// at parses a time as a caller writes it.
func at(t *testing.T, text string) time.Time {
	t.Helper()
	parsed, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}

// wantBound fails the test unless err names the field and says what to send.
func wantBound(t *testing.T, err error, field, says string) {
	t.Helper()
	var e *apikey.Error
	if !errors.As(err, &e) || e.Kind != apikey.Invalid {
		t.Fatalf("error %v, want Invalid about %s", err, field)
	}
	for _, fault := range e.Fields {
		if fault.Field == field && strings.Contains(fault.Detail, says) {
			return
		}
	}
	t.Errorf("faults %+v, want one of %s that says %q", e.Fields, field, says)
}

// A time must be within the years that a record can hold in UTC, whatever its
// own offset. The first and last second that fit are accepted.
func TestTimesAreBoundedInUTC(t *testing.T) {
	h := newHouse(t)
	const last, first = "9999-12-31T23:59:59Z", "0001-01-01T00:00:01Z"
	for _, text := range []string{
		"9999-12-31T23:59:59-14:00", "9999-12-31T23:59:59-00:01", "0001-01-01T00:00:00+00:01", "0000-06-01T00:00:00Z", "0000-01-01T00:00:00+14:00",
	} {
		when := at(t, text)
		for field, d := range map[string]apikey.Draft{
			"expiresOn": {Name: text, ExpiresOn: when}, "notBefore": {Name: text, NotBefore: when},
		} {
			_, err := h.Create(t.Context(), h.admin, d)
			wantBound(t, err, field, last)
			_, _, err = h.Patch(t.Context(), h.owner, h.own.ID, 0, apikey.Edit{NotBefore: &d.NotBefore, ExpiresOn: &d.ExpiresOn})
			wantBound(t, err, field, last)
		}
	}
	minted, err := h.Create(t.Context(), h.admin, apikey.Draft{Name: "widest", NotBefore: at(t, first), ExpiresOn: at(t, "9999-12-31T22:59:59-01:00")})
	if err != nil || !minted.Key.ExpiresOn.Equal(at(t, last)) || !minted.Key.NotBefore.Equal(at(t, first)) {
		t.Errorf("the widest bounds give %v to %v, %v", minted.Key.NotBefore, minted.Key.ExpiresOn, err)
	}
}

// names returns n distinct permission names of the given length in bytes.
func names(prefix string, n, length int) []string {
	var all []string
	for i := range n {
		name := fmt.Sprintf("%s%d.", prefix, i)
		all = append(all, name+strings.Repeat("x", length-len(name)))
	}
	return all
}

// large returns a service that declares names.
func large(id string, names []string) apikey.ServiceDraft {
	draft := apikey.ServiceDraft{Name: id}
	for _, name := range names {
		draft.Permissions = append(draft.Permissions, apikey.Permission{Name: name})
	}
	return draft
}

// Each record has a limit in bytes as the store counts them. A larger one is
// refused with the limit and its size. A record that is larger already can be
// changed as long as it does not grow.
func TestRecordsHaveLimits(t *testing.T) {
	h := newHouse(t)
	var all []string
	for i := range 8 {
		more := names(fmt.Sprintf("P%d.", i), 500, 64)
		if _, _, err := h.PutService(t.Context(), h.admin, fmt.Sprint("large-", i), 0, large("Large", more), false); err != nil {
			break
		}
		all = append(all, more...)
	}
	if len(all) < 3000 {
		t.Fatalf("%d names declared", len(all))
	}
	_, _, err := h.PutService(t.Context(), h.admin, "one-more", 0, large("Large", names("Q.", 500, 64)), false)
	wantBound(t, err, "permissions", strconv.Itoa(apikey.MaxOrganizationRecord))
	grant := permission.NewSet(all...)
	_, err = h.Create(t.Context(), h.owner, apikey.Draft{Name: "large", Permissions: grant})
	wantBound(t, err, "permissions", strconv.Itoa(apikey.MaxKeyRecord))
	_, err = h.CreatePolicy(t.Context(), h.owner, apikey.PolicyDraft{Name: "large", Permissions: grant})
	wantBound(t, err, "permissions", strconv.Itoa(apikey.MaxPolicyRecord))
	_, err = h.CreateUser(t.Context(), h.owner, apikey.UserDraft{Email: "a@example.com", Name: "A", Role: apikey.RoleMember, Permissions: grant})
	wantBound(t, err, "permissions", strconv.Itoa(apikey.MaxUserRecord))

	routes := large("Routes", nil)
	for i := range 500 {
		routes.Routes = append(routes.Routes, routing.Route{Method: "GET", Path: fmt.Sprint("/", i), Permissions: slices.Repeat([]string{"ViewAuditEvents"}, 25)})
	}
	_, _, err = h.PutService(t.Context(), h.admin, "routes", 0, routes, false)
	wantBound(t, err, "routes", strconv.Itoa(apikey.MaxServiceRecord))
	for i := range apikey.MaxServiceAPIs {
		routes.APIs = append(routes.APIs, routing.API{Account: filesAPI.Account, ID: fmt.Sprint("a", i)})
	}
	routes.Routes = routes.Routes[:400]
	_, _, err = h.PutService(t.Context(), h.admin, "routes", 0, routes, false)
	wantBound(t, err, "apis", strconv.Itoa(apikey.MaxServiceRecords))

	// An earlier version could have stored this.
	before, err := h.CreatePolicy(t.Context(), h.owner, apikey.PolicyDraft{Name: "older", Permissions: grant[:10]})
	if err != nil {
		t.Fatal(err)
	}
	larger := before
	larger.Permissions, larger.Version = grant, 2
	if err := h.store.Commit(t.Context(), apikey.Change{Writes: []apikey.Write{apikey.ReplacePolicy{Before: before, After: larger}}, Audits: []apikey.AuditRecord{{Org: "demo"}}}); err != nil {
		t.Fatal(err)
	}
	change := apikey.PolicyDraft{Name: "older", Permissions: grant[1:]}
	if _, err := h.ReplacePolicy(t.Context(), h.owner, before.ID, 0, change); err != nil {
		t.Errorf("it cannot shrink: %v", err)
	}
	change.Permissions = grant
	_, err = h.ReplacePolicy(t.Context(), h.owner, before.ID, 0, change)
	wantBound(t, err, "permissions", strconv.Itoa(apikey.MaxPolicyRecord))
}
