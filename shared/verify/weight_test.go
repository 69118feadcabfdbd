package verify

import (
	"fmt"
	"net/netip"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/routing"
)

// hoards maps each kind of record to a function that caches the n-th such
// record.
var hoards = map[string]func(r *recordCache, n int){
	"keys": func(r *recordCache, n int) { r.keep(keyOf(n), newKeyRecord(apikey.Key{Org: "acme"})) },
	"keys with limits": func(r *recordCache, n int) {
		ranges := make([]netip.Prefix, 20)
		r.keep(keyOf(n), newKeyRecord(apikey.Key{Org: "acme", AllowIPs: ranges, Services: texts("service", 0, 5)}))
	},
	"rotated keys": func(r *recordCache, n int) {
		r.keep(keyOf(n), newKeyRecord(apikey.Key{Org: "acme", Generation: 9, Older: make([]apikey.OlderSecret, apikey.MaxOlder)}))
	},
	"keys of organizations": func(r *recordCache, n int) {
		r.keep(keyOf(n), newKeyRecord(apikey.Key{Org: apikey.OrgID(fmt.Sprint("organization-", n)), Permissions: texts("P", 0, 3)}))
	},
	"statuses": func(r *recordCache, n int) {
		r.keep(statusName(apikey.OrgID(fmt.Sprint("organization-", n))), &statusRecord{})
	},
	"users": func(r *recordCache, n int) {
		r.keep(userName("acme", keyOf(n).id), newUserRecord(apikey.User{Email: fmt.Sprintf("somebody-%d@example.com", n), Permissions: texts("P", n%7, 3)}))
	},
	"claims": func(r *recordCache, n int) {
		r.keep(claimName("acme", fmt.Sprintf("somebody-%d@example.com", n)), &claimant{})
	},
	"nobody's keys":     func(r *recordCache, n int) { r.keep(keyOf(n), nil) },
	"nothing's APIs":    func(r *recordCache, n int) { r.keep(serviceName(apiOf(n)), nil) },
	"small policies":    func(r *recordCache, n int) { r.keepPolicy(n, 3, 64) },
	"large policies":    func(r *recordCache, n int) { r.keepPolicy(n, 3000, 64) },
	"distinct policies": func(r *recordCache, n int) { r.keepPolicy(n, 500, 1<<30) },
	"small services":    func(r *recordCache, n int) { r.keepService(n, 5, routing.GatewayCache{}) },
	"large services":    func(r *recordCache, n int) { r.keepService(n, 400, routing.GatewayCache{}) },
	"services with a compiler": func(r *recordCache, n int) {
		r.keepService(n, 60, routing.GatewayCache{Seconds: 60})
	},
}

func apiOf(n int) routing.API {
	return routing.API{Account: "123456789012", ID: fmt.Sprintf("api-%06d", n)}
}

// texts returns names of 28 characters in one block of memory, as a store
// returns them.
func texts(prefix string, from, count int) []string {
	all := strings.Builder{}
	for i := range count {
		fmt.Fprintf(&all, "%-20s%08d", prefix, from+i)
	}
	split := make([]string, count)
	for i := range split {
		split[i] = all.String()[28*i : 28*(i+1)]
	}
	return split
}

func (r *recordCache) keep(n name, value content) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.put(n, value, r.now(), r.now())
}

func (r *recordCache) keepPolicy(n, permissions, shared int) {
	r.keep(policyName("acme", keyOf(n).id), newPolicyRecord(apikey.Policy{Permissions: texts("Permission", n%shared*permissions, permissions)}))
}

func (r *recordCache) keepService(n, routes int, cache routing.GatewayCache) {
	service := apikey.Service{ID: fmt.Sprint("service-", n), Org: "acme", APIs: []routing.API{apiOf(n)}, Cache: cache}
	for _, name := range texts("Permission", 0, routes/5) {
		service.Permissions = append(service.Permissions, apikey.Permission{Name: name})
	}
	for i := range routes {
		service.Routes = append(service.Routes, routing.Route{
			Method: "GET", Path: fmt.Sprintf("/v1/things-%d/{id}/parts/{part}", i), Permissions: texts("Permission", i%max(1, routes/5), 1),
		})
	}
	g := r.guards.prepare(service)
	r.keep(serviceName(apiOf(n)), g)
	g.routes()
	if cache.Enabled() {
		g.compiler()
	}
}

// noise is how many bytes other memory may change meanwhile.
const noise = 64 << 10

// The weight that a cache counts for its records is what they really use in
// memory, or a little more, never less.
func TestWeightIsWhatIsHeld(t *testing.T) {
	at := time.Unix(1_700_000_000, 0)
	for name, fill := range hoards {
		before := inUse()
		r := newRecordCache(Config{CacheTTL: ttl, Now: func() time.Time { return at }})
		for n := range 20_000 {
			if fill(r, n); r.held() > Ceiling {
				t.Fatalf("%s: %d bytes are held", name, r.held())
			}
			if n > 20 && (r.small.weight > smallCeiling*9/10 || r.absent.weight > absentCeiling*9/10 || r.large.weight > largeCeiling*9/10) {
				break
			}
		}
		real, said := inUse()-before, int64(r.held())
		if t.Logf("%s: %d bytes are held, %d said", name, real, said); said < real*95/100-noise || said > real*4/3+noise {
			t.Errorf("%s: %d bytes are held, and the shelves say %d", name, real, said)
		}
		runtime.KeepAlive(r)
	}
}

// held returns the weight of all records.
func (r *recordCache) held() int { return r.small.weight + r.large.weight + r.absent.weight }
