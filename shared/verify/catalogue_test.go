package verify

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/keyward/keyward/shared/apikey"
)

// An OWNER's decision does not work the organization's catalogue out again while
// the organization is kept: it costs as little with a thousand permissions as
// with few. What the owner holds is the same.
func TestOwnersCatalogueIsKept(t *testing.T) {
	cost := func(more int) float64 {
		w := newWorld()
		w.populate()
		org := w.organizations["acme"]
		org.Declared = slices.Clone(org.Declared)
		for i := range more {
			org.Declared = append(org.Declared, apikey.Permission{Name: fmt.Sprint("Permission", more-i)})
		}
		w.organizations["acme"] = org
		v := w.verifier(MaxCacheTTL)
		r := bearer(w.mintAs(t, apikey.Key{Org: "acme", Type: apikey.TypePersonal, OnBehalfOf: adminID}))
		if d := decide(t, v, r); d.Outcome != Allowed || !slices.Equal(d.Identity.Permissions, apikey.NewPermissions("AccessQueries", "ManageFiles")) {
			t.Fatalf("got %+v", d)
		}
		return testing.AllocsPerRun(100, func() { decide(t, v, r) })
	}
	if few, many := cost(0), cost(1000); many > few {
		t.Errorf("%v allocations with a thousand permissions more, %v without", many, few)
	}
}

// What services declare and withdraw counts for an OWNER once the organization
// is read again.
func TestOwnersCatalogueChanges(t *testing.T) {
	for _, ttl := range []time.Duration{0, ttl} {
		w := newWorld()
		w.populate()
		v := w.verifier(ttl)
		r := bearer(w.mintAs(t, apikey.Key{Org: "acme", Type: apikey.TypePersonal, OnBehalfOf: adminID}))
		org := w.organizations["acme"]
		for _, step := range []struct {
			declared []apikey.Permission
			want     Code
		}{
			{declared, ""}, {nil, PermissionMissing}, {declared[1:], PermissionMissing}, {declared[:1], ""},
		} {
			org.Declared = step.declared
			w.organizations["acme"] = org
			w.step(ttl)
			if d := decide(t, v, r); d.Code != step.want {
				t.Errorf("TTL %v, %d declared: %+v", ttl, len(step.declared), d)
			}
		}
	}
}
