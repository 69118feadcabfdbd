package verify

import (
	"testing"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/routing"
)

// Suspending an organization, and resuming it, takes effect after the TTL at
// the latest. Other organizations are not affected, and the keys are unchanged.
func TestSuspension(t *testing.T) {
	for _, ttl := range []time.Duration{0, ttl} {
		w := newWorld()
		api := routing.API{Account: "123456789012", ID: "others"}
		w.services[api] = apikey.Service{ID: "others", Org: "other", APIs: []routing.API{api}, Routes: []routing.Route{{Method: "POST", Path: "/v1/files"}}}
		v, ours, theirs := w.verifier(ttl), bearer(w.mint(t, "acme", "ManageFiles")), bearer(w.mint(t, "other"))
		theirs.API = api
		for _, suspended := range []bool{false, true, false} {
			suspendAs(w, suspended)
			w.step(ttl)
			d := decide(t, v, ours)
			if (d.Code == OrganizationSuspended) != suspended || (d.Outcome == Allowed) == suspended || suspended && d.Identity.Org != "" {
				t.Errorf("TTL %v, suspended %v: %+v", ttl, suspended, d)
			}
			if d := decide(t, v, theirs); d.Outcome != Allowed {
				t.Errorf("TTL %v, another organization: %+v", ttl, d)
			}
		}
	}
}

// A caller who knows no secret of an organization, suspended or not, learns
// nothing about it and causes no read of it, even if the key was in use.
func TestStrangersCostTheKeyAlone(t *testing.T) {
	for _, ttl := range []time.Duration{0, ttl} {
		w := newWorld()
		w.populate()
		v, key := w.verifier(ttl), w.mintAs(t, apikey.Key{Org: "acme", Type: apikey.TypePersonal, OnBehalfOf: userID})
		decide(t, v, bearer(key))
		suspend(w)
		w.step(ttl)
		w.reads()
		d := decide(t, v, bearer(forge(t, key, newKey(t).Secret())))
		if d.Code != SecretWrong || d.Identity.Org != "" || w.grants() != 0 {
			t.Errorf("TTL %v: %+v, %d reads", ttl, d, w.grants())
		}
		wantReads(t, w, 1, 0)
	}
}
