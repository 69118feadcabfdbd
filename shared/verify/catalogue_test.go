package verify

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/keyward/keyward/shared/apikey"
)

// An OWNER's decision costs the same whether the service declares a thousand
// permissions or a few, because no set is built. The owner holds all of them.
func TestOwnersDecisionIsFlat(t *testing.T) {
	run := func(more int) float64 {
		w := newWorld()
		w.populate()
		service := w.services[demoAPI]
		for i := range more {
			service.Permissions = append(slices.Clone(service.Permissions), apikey.Permission{Name: fmt.Sprint("Permission", more-i)})
		}
		w.services[demoAPI] = service
		v := w.verifier(MaxCacheTTL)
		r := bearer(w.mintAs(t, apikey.Key{Org: "acme", Type: apikey.TypePersonal, OnBehalfOf: adminID}))
		if d := decide(t, v, r); d.Outcome != Allowed || !slices.Equal(d.Identity.Permissions, service.Declares()) {
			t.Fatalf("got %+v", d)
		}
		return testing.AllocsPerRun(100, func() { decide(t, v, r) })
	}
	if few, many := run(0), run(1000); many > few {
		t.Errorf("%v allocations with a thousand permissions more, %v without", many, few)
	}
}

// An OWNER gets or loses the permissions that a service declares or withdraws
// once the service is read again.
func TestOwnersPermissionsChange(t *testing.T) {
	for _, ttl := range []time.Duration{0, ttl} {
		w := newWorld()
		w.populate()
		v := w.verifier(ttl)
		r := bearer(w.mintAs(t, apikey.Key{Org: "acme", Type: apikey.TypePersonal, OnBehalfOf: adminID}))
		for _, step := range []struct {
			declared []apikey.Permission
			want     Code
		}{
			{declared, ""}, {nil, PermissionMissing}, {declared[1:], PermissionMissing}, {declared[:1], ""},
		} {
			service := w.services[demoAPI]
			service.Permissions = step.declared
			w.services[demoAPI] = service
			w.step(ttl)
			if d := decide(t, v, r); d.Code != step.want {
				t.Errorf("TTL %v, %d declared: %+v", ttl, len(step.declared), d)
			}
		}
	}
}
