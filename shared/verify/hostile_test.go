package verify

import (
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/keytext"
	"github.com/keyward/keyward/shared/routing"
	"github.com/keyward/keyward/shared/uuid"
)

// tenant is an organization with a service of its own, and keys that each have
// their own policy.
type tenant struct {
	org  apikey.OrgID
	api  routing.API
	keys []keytext.Key
}

// settle adds an organization to the world.
func (w *world) settle(t *testing.T, n, keys, permissions, routes int) tenant {
	org := apikey.OrgID(fmt.Sprint("org-", n))
	one := tenant{org: org, api: apiOf(n)}
	w.statuses[org] = apikey.Status{Org: org}
	service := apikey.Service{ID: "files", Org: org, APIs: []routing.API{one.api}, Cache: routing.GatewayCache{Seconds: 60}}
	for i := range routes {
		service.Routes = append(service.Routes, routing.Route{Method: "GET", Path: fmt.Sprintf("/v1/things-%d/{id}", i)})
	}
	w.services[one.api] = service
	for i := range keys {
		id := uuid.UUID{byte(n), byte(i >> 8), byte(i), 1}
		w.policies[id] = apikey.Policy{ID: id, Org: org, Permissions: texts("Permission", i*permissions, permissions)}
		one.keys = append(one.keys, w.mintAs(t, apikey.Key{Org: org, Policy: id}))
	}
	return one
}

// ask returns a request with the tenant's n-th key for its own API.
func (o tenant) ask(n int) Request {
	r := bearer(o.keys[n%len(o.keys)])
	r.API, r.Method, r.Route = o.api, "GET", "/v1/things-0/{id}"
	return r
}

// Tenants who cycle through more and larger records than there is room for,
// during a flood of keys that do not exist, cost the others no read: their
// requests cost exactly as many reads as when they are alone. Everything stays
// below the ceiling, also in memory really in use.
func TestHostileTenants(t *testing.T) {
	const good, hostile, rounds = 40, 3, 30
	run := func(hostiles int) (spent cost, held int64) {
		w := newWorld()
		v := w.verifier(ttl)
		var kind, cruel []tenant
		for n := range good {
			kind = append(kind, w.settle(t, n, 5, 20, 10))
		}
		for n := range hostiles {
			cruel = append(cruel, w.settle(t, good+n, 300, 500, 100))
		}
		before := inUse()
		for round := range rounds {
			w.step(ttl / 3)
			for _, one := range cruel {
				for n := range 40 {
					decide(t, v, one.ask(40*round+n))
					decide(t, v, bearer(newKey(t)))
				}
			}
			w.reads()
			for _, one := range kind {
				for n := range 5 {
					if d := decide(t, v, one.ask(n)); d.Outcome != Allowed {
						t.Fatalf("got %+v", d)
					}
				}
			}
			more := w.spent()
			spent.waits, spent.records = spent.waits+more.waits, spent.records+more.records
			if now := v.records.held(); now > Ceiling {
				t.Fatalf("%d bytes are held", now)
			}
		}
		held = inUse() - before
		runtime.KeepAlive(w)
		runtime.KeepAlive(v)
		return spent, held
	}
	alone, _ := run(0)
	among, held := run(hostile)
	if alone != among {
		t.Errorf("the good tenants' decisions cost %v among hostile ones, and %v without", among, alone)
	}
	if held > Ceiling*11/10 {
		t.Errorf("%d bytes more are in use, over %d", held, Ceiling)
	}
	t.Logf("%v in %d decisions, %d bytes held", among, good*5*rounds, held)
}

// An owner who holds little displaces one who holds much. Records that nobody
// has read for long make room for everybody.
func TestForgottenRecordsMakeRoom(t *testing.T) {
	at := time.Unix(1_700_000_000, 0)
	r := newRecordCache(Config{CacheTTL: ttl, Now: func() time.Time { return at }})
	put := func(org, n int) {
		id := uuid.UUID{byte(org), byte(n)}
		policy := newPolicyRecord(apikey.Policy{Permissions: texts("Permission", 1000*n, 1000)})
		r.keep(policyName(apikey.OrgID(fmt.Sprint("org-", org)), id), policy)
	}
	cached := func(org int) (count int) {
		for e := range r.large.entries.all() {
			if e.name.org == fmt.Sprint("org-", org) {
				count++
			}
		}
		return count
	}
	for n := range 200 {
		put(1, n)
	}
	all := cached(1)
	for org := range 10 {
		put(2+org, 0)
	}
	if cached(1) != all-10 || cached(2) != 1 {
		t.Errorf("of %d there are %d", all, cached(1))
	}
	for n := range 200 {
		put(1, n)
	}
	for org := range 10 {
		if cached(2+org) != 1 {
			t.Errorf("organization %d was driven out", 2+org)
		}
	}
	at = at.Add(idleAfter + time.Second)
	for n := range 200 {
		put(20, n)
	}
	if cached(20) < all/2 || cached(1)+cached(2) > all/2 {
		t.Errorf("%d of the one who asks now, %d of the forgotten", cached(20), cached(1))
	}
}
