package verify

import (
	"testing"
	"time"

	"github.com/keyward/keyward/shared/apikey"
)

// The suspension of an organization, and its end, count after the TTL at the
// latest, or a second where that is shorter; no other organization notices, and
// nothing of the keys has changed.
func TestSuspension(t *testing.T) {
	for _, ttl := range []time.Duration{0, ttl} {
		w := newWorld()
		w.organizations["other"] = apikey.Organization{ID: "other", Declared: declared}
		api := apikey.API{Account: "123456789012", ID: "others"}
		w.services[api] = apikey.Service{ID: "others", Org: "other", APIs: []apikey.API{api}, Routes: []apikey.Route{{Method: "POST", Path: "/v1/files"}}}
		v, ours, theirs := w.verifier(ttl), bearer(w.mint(t, "acme", "ManageFiles")), bearer(w.mint(t, "other"))
		theirs.API = api
		for _, suspended := range []bool{false, true, false} {
			suspendAs(w, suspended)
			w.step(max(ttl, MinSuspensionTTL))
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

// Who does not know a secret of a suspended organization learns nothing of it,
// and costs no read of it.
func TestSuspensionIsNotShownToStrangers(t *testing.T) {
	w := newWorld()
	suspend(w)
	stranger, v := newKey(t), w.verifier(ttl)
	w.keys[stranger.ID()] = apikey.Key{ID: stranger.ID(), Org: "acme", Digest: apikey.Digest{Pepper: 1}, Version: 1}
	if d := decide(t, v, bearer(stranger)); d.Code != SecretWrong || w.grantReads != 0 {
		t.Errorf("%+v, %d reads", d, w.grantReads)
	}
}

// Where nothing is kept, a decision about a key with permissions of its own costs
// one read: the organization's record is read once a second, and not for each.
func TestSuspensionCostsNoReadOfItsOwn(t *testing.T) {
	w := newWorld()
	v, r := w.verifier(0), bearer(w.mint(t, "acme", "ManageFiles"))
	for second := range 3 {
		for range 10 {
			decide(t, v, r)
		}
		if w.grantReads != second+1 {
			t.Errorf("%d reads of the organization in %d s", w.grantReads, second+1)
		}
		w.step(MinSuspensionTTL)
	}
}
