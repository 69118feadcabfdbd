package verify

import (
	"fmt"
	"testing"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/permission"
	"github.com/keyward/keyward/shared/uuid"
)

// cost is how many consecutive waits for the tables a decision takes, and how
// many records it requests.
type cost struct{ waits, records int }

// costOf decides a request, which must be allowed, and returns the cost.
func (w *world) costOf(t *testing.T, v *Verifier, r Request) cost {
	t.Helper()
	w.reads()
	if d := decide(t, v, r); d.Outcome != Allowed {
		t.Fatalf("got %+v", d)
	}
	return w.spent()
}

// spent returns the cost of all decisions since the last call. A claim takes
// two waits, for two records.
func (w *world) spent() cost {
	c := cost{w.waits + 2*w.claims, 2 * w.claims}
	for _, n := range w.asked {
		c.records += n
	}
	w.reads()
	return c
}

// A key of any kind that was never seen waits twice for the tables: for itself,
// and then for everything it depends on. A key whose records are too old waits
// once, for all of them together. A key whose records are fresh does not wait.
// With a TTL of 0, the first decision has the same cost.
func TestWaits(t *testing.T) {
	for name, kind := range kinds {
		records := 2 + kind.grantReads // the key and the service besides
		for _, ttl := range []time.Duration{0, ttl} {
			w := newWorld()
			w.populate()
			kind.key.Org = "acme"
			if kind.key.OnBehalfOf == userID {
				kind.key.UserPolicy = policyID
			}
			v, r := w.verifier(ttl), bearer(w.mintAs(t, kind.key))
			if got := w.costOf(t, v, r); got != (cost{2, records}) {
				t.Errorf("%s, at first: %v", name, got)
			}
			if got := w.costOf(t, v, r); ttl > 0 && got != (cost{}) {
				t.Errorf("%s, cached: %v", name, got)
			}
			for range 3 {
				w.step(ttl)
				if got := w.costOf(t, v, r); got != (cost{1, records}) {
					t.Errorf("%s, TTL %v, too old: %v", name, ttl, got)
				}
			}
		}
	}
}

// A built-in service costs nothing.
func TestWaitsOfBuiltin(t *testing.T) {
	w := newWorld()
	v := w.verifier(ttl)
	r := bearer(w.mint(t, "acme"))
	r.API, r.Method, r.Route = openAPI, "GET", "/v1/whoami"
	for _, want := range []cost{{2, 2}, {1, 2}} {
		if got := w.costOf(t, v, r); got != want {
			t.Errorf("got %v, want %v", got, want)
		}
		w.step(ttl)
	}
}

// If the key's record names no policy of its user, or a wrong one, the first
// decision waits once more. Later ones take the policy from the user's cached
// record.
func TestWaitsWithoutAHint(t *testing.T) {
	for name, hint := range map[string]uuid.UUID{"none": {}, "another": {9}} {
		w := newWorld()
		w.populate()
		v := w.verifier(ttl)
		r := bearer(w.mintAs(t, apikey.Key{Org: "acme", Type: apikey.TypePersonal, OnBehalfOf: userID, UserPolicy: hint}))
		for _, want := range []int{3, 1} {
			if got := w.costOf(t, v, r); got.waits != want {
				t.Errorf("%s: %v, want %d waits", name, got, want)
			}
			w.step(ttl)
		}
	}
}

// A key that depends on something else than when it was last read waits once
// more for that.
func TestWaitsAfterAChange(t *testing.T) {
	w := newWorld()
	w.populate()
	other := uuid.UUID{5}
	w.policies[other] = apikey.Policy{ID: other, Org: "acme", Permissions: permission.NewSet("ManageFiles")}
	v, r := w.verifier(ttl), bearer(w.mintAs(t, apikey.Key{Org: "acme", Type: apikey.TypePersonal, OnBehalfOf: userID, UserPolicy: policyID}))
	w.costOf(t, v, r)
	for _, policy := range []uuid.UUID{other, policyID} {
		editUser(w, userID, func(u *apikey.User) { u.Policy = policy })
		for _, want := range []int{2, 1} {
			w.step(ttl)
			if got := w.costOf(t, v, r); got.waits != want {
				t.Errorf("%v, want %d waits", got, want)
			}
		}
	}
}

// A user with an access token is found by the claim, and then everything else
// in one read. Later the claim is not read any more.
func TestWaitsOfTokens(t *testing.T) {
	for _, ttl := range []time.Duration{0, ttl} {
		w := newWorld()
		w.populate()
		v, r := w.withTokens(&issuer{email: "ann@example.com"}, ttl), withToken("good.a.b")
		if got := w.costOf(t, v, r); got.waits != 3 {
			t.Errorf("TTL %v, at first: %v", ttl, got)
		}
		if got := w.costOf(t, v, r); ttl > 0 && got != (cost{}) {
			t.Errorf("cached: %v", got)
		}
		w.step(ttl)
		if got := w.costOf(t, v, r); got != (cost{1, 4}) {
			t.Errorf("TTL %v, too old: %v", ttl, got)
		}
	}
}

// Fresh records are not read again, whoever read them first: a second key of an
// organization costs only a read of itself and of what is its own.
func TestFreshRecordsAreNotRead(t *testing.T) {
	w := newWorld()
	w.populate()
	v := w.verifier(ttl)
	for n, want := range []cost{{2, 4}, {1, 1}, {1, 1}} {
		if got := w.costOf(t, v, bearer(w.mintAs(t, apikey.Key{Org: "acme", Policy: policyID}))); got != want {
			t.Errorf("key %d: %v, want %v", n, got, want)
		}
	}
	if got := w.costOf(t, v, bearer(w.mintAs(t, apikey.Key{Org: "acme", Type: apikey.TypePersonal, OnBehalfOf: userID}))); got != (cost{2, 2}) {
		t.Errorf("a key of another kind: %v", got)
	}
}

// A decision about a key on another organization's API reads that API's service
// separately. So callers who wait for the service do not wait for another
// organization's records. The decision itself waits once more.
func TestStrangersRecordsAreReadApart(t *testing.T) {
	w := newWorld()
	w.populate()
	w.policies[adminID] = apikey.Policy{ID: adminID, Org: "other"}
	v := w.verifier(ttl)
	stranger := bearer(w.mintAs(t, apikey.Key{Org: "other", Policy: adminID}))
	decide(t, v, bearer(w.mint(t, "acme", "ManageFiles")))
	for round := range 3 {
		w.step(ttl)
		w.reads()
		var together []string
		w.during = func() {
			if w.asked[apikey.SubjectService] > 0 && len(together) == 0 {
				together = append(together, fmt.Sprint(w.asked))
			}
			w.asked = map[apikey.Subject]int{}
		}
		if d := decide(t, v, stranger); d.Code != OrganizationNotServed {
			t.Fatalf("got %+v", d)
		}
		w.during = nil
		if want := fmt.Sprint(map[apikey.Subject]int{apikey.SubjectService: 1}); len(together) != 1 || together[0] != want {
			t.Errorf("round %d: the service was read with %v", round, together)
		}
	}
}
