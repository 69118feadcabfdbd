package verify

import (
	"fmt"
	"net/netip"
	"testing"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/permission"
	"github.com/keyward/keyward/shared/routing"
)

// A key's time bounds are checked to the second, by the wall clock at the time
// of the request, whether its record is cached or not. A cached record saves
// the read and extends nothing.
func TestTimeBounds(t *testing.T) {
	for _, ttl := range []time.Duration{0, MaxCacheTTL} {
		w := newWorld()
		begin := w.at.Add(10 * time.Second)
		v, key := w.verifier(ttl), w.mintAs(t, apikey.Key{
			Org: "acme", Permissions: permission.NewSet("ManageFiles"), NotBefore: begin, ExpiresOn: begin.Add(20 * time.Second),
		})
		for _, step := range []struct {
			after time.Duration // since the world's beginning
			code  Code
		}{
			{0, KeyNotYetValid}, {10*time.Second - 1, KeyNotYetValid}, {10 * time.Second, ""}, {30*time.Second - 1, ""},
			{30 * time.Second, KeyExpired}, {31 * time.Second, KeyExpired},
		} {
			w.at = begin.Add(step.after - 10*time.Second)
			d := decide(t, v, bearer(key))
			if d.Code != step.code || (d.Outcome == Allowed) != (step.code == "") || step.code != "" && d.Outcome != Unauthenticated {
				t.Errorf("TTL %v, after %v: %+v, want %q", ttl, step.after, d, step.code)
			}
			if d.Outcome != Allowed && d.Identity.Org != "" {
				t.Errorf("the refusal names the organization: %+v", d)
			}
		}
		if keys, _ := w.reads(); ttl > 0 && keys != 1 {
			t.Errorf("%d reads, want 1", keys)
		}
	}
}

// A disabled key is refused after the TTL at the latest, and allowed again
// after it is enabled.
func TestDisabled(t *testing.T) {
	w := newWorld()
	v, key := w.verifier(ttl), w.mint(t, "acme", "ManageFiles")
	for _, disabled := range []bool{false, true, false} {
		each(w, func(k *apikey.Key) { k.Disabled = disabled })
		w.step(ttl)
		d := decide(t, v, bearer(key))
		if disabled && (d.Outcome != Unauthenticated || d.Code != KeyDisabled) || !disabled && d.Outcome != Allowed {
			t.Errorf("disabled %v: %+v", disabled, d)
		}
	}
}

// A dead key with a wrong secret looks like any other wrong secret: without the
// secret, nobody learns the key's state.
func TestStateNeedsTheSecret(t *testing.T) {
	w := newWorld()
	key := w.mintAs(t, apikey.Key{Org: "acme", Disabled: true})
	if d := decide(t, w.verifier(0), bearer(forge(t, key, newKey(t).Secret()))); d.Code != SecretWrong {
		t.Errorf("got %+v", d)
	}
}

// A key with address rules is valid only from those addresses, and not from an
// unknown one. Each request is checked, cached or not, and a refused one reads
// no service.
func TestSource(t *testing.T) {
	rules := []netip.Prefix{netip.MustParsePrefix("198.51.100.0/24"), netip.MustParsePrefix("2001:db8::7/128")}
	for _, ttl := range []time.Duration{0, time.Minute} {
		w := newWorld()
		v := w.verifier(ttl)
		key := w.mintAs(t, apikey.Key{Org: "acme", Permissions: permission.NewSet("ManageFiles"), AllowIPs: rules})
		free := w.mint(t, "acme", "ManageFiles")
		for text, good := range map[string]bool{
			"198.51.100.0": true, "198.51.100.255": true, "198.51.101.0": false, "::ffff:198.51.100.9": true,
			"2001:db8::7": true, "2001:db8::8": false, "2001:db8::7%eth0": false, "": false,
		} {
			r, other := bearer(key), bearer(free)
			if text != "" {
				r.Source = netip.MustParseAddr(text)
				other.Source = r.Source
			}
			d := decide(t, v, r)
			if good && d.Outcome != Allowed || !good && (d.Outcome != Forbidden || d.Code != SourceNotAllowed) {
				t.Errorf("TTL %v, from %q: %+v", ttl, text, d)
			}
			if d := decide(t, v, other); d.Outcome != Allowed {
				t.Errorf("a key without rules, from %q: %+v", text, d)
			}
		}
		w.reads()
		if decide(t, v, bearer(key)); w.asked[apikey.SubjectService] != 0 {
			t.Errorf("a refused source cost %d reads of a service", w.asked[apikey.SubjectService])
		}
	}
}

// A key that is limited to services cannot be used on others of its
// organization, nor on the deployment's own.
func TestServiceLimit(t *testing.T) {
	w := newWorld()
	v := w.verifier(0)
	for name, test := range map[string]struct {
		services []string
		api      routing.API
		code     Code
	}{
		"no limit":             {nil, demoAPI, ""},
		"its service":          {[]string{"demo"}, demoAPI, ""},
		"one of its services":  {[]string{"a", "demo"}, demoAPI, ""},
		"another service":      {[]string{"demos"}, demoAPI, ServiceNotAllowed},
		"the deployment's own": {[]string{"demo"}, openAPI, ServiceNotAllowed},
		"limited to that":      {[]string{"keyward"}, openAPI, RouteNotRegistered},
	} {
		key := w.mintAs(t, apikey.Key{Org: "acme", Permissions: permission.NewSet("ManageFiles"), Services: test.services})
		r := bearer(key)
		r.API = test.api
		if d := decide(t, v, r); d.Code != test.code || d.Outcome == Unauthenticated {
			t.Errorf("%s: %+v, want %q", name, d, test.code)
		}
	}
}

// If a registration names a region or a stage, the request's must match;
// otherwise any will do.
func TestRegionAndStage(t *testing.T) {
	called := demoAPI
	called.Region, called.Stage = "eu-central-1", "prod"
	at := func(region, stage string) routing.API {
		return routing.API{Account: demoAPI.Account, ID: demoAPI.ID, Region: region, Stage: stage}
	}
	for name, test := range map[string]struct {
		registered []routing.API
		good       bool
	}{
		"none named":           {[]routing.API{demoAPI}, true},
		"both named":           {[]routing.API{at("eu-central-1", "prod")}, true},
		"another region":       {[]routing.API{at("us-east-1", "")}, false},
		"another stage":        {[]routing.API{at("", "test")}, false},
		"stage in other case":  {[]routing.API{at("", "Prod")}, false},
		"several, one fits":    {[]routing.API{at("", "test"), at("", "prod")}, true},
		"several, none fits":   {[]routing.API{at("us-east-1", "prod"), at("eu-central-1", "test")}, false},
		"record lacks the API": {[]routing.API{openAPI}, false},
	} {
		for _, builtin := range []bool{false, true} {
			w := newWorld()
			service := w.services[demoAPI]
			service.APIs = test.registered
			w.services[demoAPI] = service
			config := Config{Reader: w, Digester: w, Now: w.now}
			if builtin {
				config.Builtin, w.services = func() []apikey.Service { return []apikey.Service{service} }, nil
			}
			r := bearer(w.mint(t, "acme", "ManageFiles"))
			r.API = called
			d := decide(t, New(config), r)
			if test.good && d.Outcome != Allowed || !test.good && (d.Outcome != Forbidden || d.Code != ServiceNotRegistered) {
				t.Errorf("%s, built in %v: %+v", name, builtin, d)
			}
		}
	}
}

// Invented regions and stages of an API do not cost a read each, and displace
// nothing from the cache.
func TestStageFlood(t *testing.T) {
	w := newWorld()
	v, r := w.verifier(ttl), bearer(w.mint(t, "acme", "ManageFiles"))
	for n := range 500 {
		r.API.Region, r.API.Stage = fmt.Sprint("r", n), fmt.Sprint("s", n)
		if d := decide(t, v, r); d.Outcome != Allowed {
			t.Fatalf("got %+v", d)
		}
	}
	wantReads(t, w, 1, 1)
}

// A deleted key is refused after the TTL at the latest, with a code of its own
// for the log, and allowed again once it is restored and enabled.
func TestDeleted(t *testing.T) {
	w := newWorld()
	v, key := w.verifier(ttl), w.mint(t, "acme", "ManageFiles")
	for _, on := range []time.Time{{}, time.Unix(0, 0), {}} {
		each(w, func(k *apikey.Key) { k.DeletedOn = on })
		w.step(ttl)
		d := decide(t, v, bearer(key))
		if deleted := !on.IsZero(); deleted && (d.Outcome != Unauthenticated || d.Code != KeyDeleted) || !deleted && d.Outcome != Allowed {
			t.Errorf("deleted %t: %+v", deleted, d)
		}
	}
}
