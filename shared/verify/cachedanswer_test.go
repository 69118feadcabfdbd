package verify

import (
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/permission"
	"github.com/keyward/keyward/shared/routing"
)

// cached returns a world whose gateways cache answers.
func cached(by ...routing.CacheKey) *world {
	w := newWorld()
	service := w.services[demoAPI]
	service.Cache = routing.GatewayCache{Seconds: 60, By: by}
	w.services[demoAPI] = service
	return w
}

// resources returns a decision's patterns, without the odd ones.
func resources(d Decision) string {
	if d.Resources == nil {
		return "-"
	}
	return strings.Join(slices.Concat(d.Resources.Allow, []string{"!"}, d.Resources.Deny), " ")
}

// A cached answer is the same for every route of the API, whether the requested
// route is the caller's or not, and contains nothing of the request's path. If
// cached by route, it is about that route.
func TestCachedDecisions(t *testing.T) {
	const files = "DELETE/v1/any GET/v1/any GET/v1/files HEAD/v1/any OPTIONS/v1/any PATCH/v1/any "
	reader, writer := files+"POST/v1/any PUT/v1/any !", files+"POST/v1/any POST/v1/files PUT/v1/any !"
	for name, test := range map[string]struct {
		by      []routing.CacheKey
		request Request
		holds   string
		outcome Outcome
		code    Code
		covers  string
	}{
		"allowed":                  {nil, Request{Route: "/v1/files", Method: "POST"}, "ManageFiles", Allowed, "", writer},
		"another route":            {nil, Request{Route: "/v1/any", Method: "GET"}, "ManageFiles", Allowed, "", writer},
		"without the permission":   {nil, Request{Route: "/v1/files", Method: "POST"}, "", Forbidden, PermissionMissing, reader},
		"unlisted":                 {nil, Request{Route: "/v1/secret", Method: "POST"}, "ManageFiles", Forbidden, RouteNotRegistered, writer},
		"by route":                 {[]routing.CacheKey{routing.ByRoute}, Request{Route: "/v1/files", Method: "POST"}, "ManageFiles", Allowed, "", "-"},
		"by route, denied":         {[]routing.CacheKey{routing.ByRoute}, Request{Route: "/v1/files", Method: "POST"}, "", Forbidden, PermissionMissing, "-"},
		"TOKEN is never by route":  {routing.CacheKeys(), Request{Path: "/v1/files", Method: "POST", Caching: CachedByCredential}, "ManageFiles", Allowed, "", writer},
		"a path of wildcards":      {nil, Request{Path: "/v1/*", Method: "GET", Caching: CachedByCredential}, "ManageFiles", Forbidden, RouteNotRegistered, writer},
		"a WebSocket caches none":  {nil, Request{Route: "/v1/files", Method: "POST", Caching: NotCached}, "ManageFiles", Allowed, "", "-"},
		"a yes for a part":         {nil, Request{Route: "/v1/files", Method: "POST", YesOrNo: true, OnHTTP: true}, "ManageFiles", Forbidden, GatewayCached, "-"},
		"a yes by route":           {[]routing.CacheKey{routing.ByRoute}, Request{Route: "/v1/files", Method: "POST", YesOrNo: true, OnHTTP: true}, "ManageFiles", Allowed, "", "-"},
		"a no for a part, by code": {nil, Request{Route: "/v1/files", Method: "POST", YesOrNo: true, OnHTTP: true}, "", Forbidden, PermissionMissing, "-"},
	} {
		w := cached(test.by...)
		key := w.mint(t, "acme", strings.Fields(test.holds)...)
		r := test.request
		r.Authorization, r.API = bearer(key).Authorization, demoAPI
		d := decide(t, w.verifier(ttl), r)
		if d.Outcome != test.outcome || d.Code != test.code || resources(d) != test.covers {
			t.Errorf("%s: got %v %s %s, want %v %s %s", name, d.Outcome, d.Code, resources(d), test.outcome, test.code, test.covers)
		}
		if d.Resources != nil && !slices.Equal(d.Identity.Permissions, permission.NewSet(strings.Fields(test.holds)...)) {
			t.Errorf("%s: the identity holds %v", name, d.Identity.Permissions)
		}
	}
}

// A yes that counts for the whole API requires that the caller may use all of
// it, including the catch-all; if unlisted requests pass, that the caller may
// use all routes.
func TestCachedYes(t *testing.T) {
	for name, test := range map[string]struct {
		unlisted routing.Unlisted
		more     []routing.Route
		want     bool
	}{
		"unlisted requests are refused": {routing.RefuseUnlisted, nil, false},
		"unlisted requests pass":        {routing.AuthenticateUnlisted, nil, true},
		"a catch-all":                   {"", []routing.Route{{Method: "ANY", Path: "$default"}}, true},
		"a catch-all of one method":     {"", []routing.Route{{Method: "GET", Path: "$default"}}, false},
		"a greedy one":                  {"", []routing.Route{{Method: "ANY", Path: "/{proxy+}"}}, false},
		"a greedy one and the root":     {"", []routing.Route{{Method: "ANY", Path: "/{proxy+}"}, {Method: "ANY", Path: "/"}}, true},
		"a closed catch-all":            {"", []routing.Route{{Method: "ANY", Path: "$default", Permissions: []string{"AccessQueries"}}}, false},
	} {
		w := cached()
		service := w.services[demoAPI]
		service.Unlisted, service.Routes = test.unlisted, append(service.Routes, test.more...)
		w.services[demoAPI] = service
		for permission, may := range map[string]bool{"ManageFiles": true, "": false} {
			r := bearer(w.mint(t, "acme", strings.Fields(permission)...))
			r.Method, r.OnHTTP, r.YesOrNo = "GET", true, true
			if d := decide(t, w.verifier(ttl), r); (d.Outcome == Allowed) != (may && test.want) {
				t.Errorf("%s, %q: got %v %s", name, permission, d.Outcome, d.Code)
			}
		}
	}
}

// A yes that is cached for a route with all methods requires that the caller
// may use each method, because the gateway reuses it for the others.
func TestCachedYesOfAllMethods(t *testing.T) {
	any, posts := routing.Route{Method: "ANY", Path: "/v1/all"}, routing.Route{Method: "POST", Path: "/v1/all", Permissions: []string{"ManageFiles"}}
	gets := routing.Route{Method: "GET", Path: "/v1/all"}
	for name, test := range map[string]struct {
		routes   []routing.Route
		unlisted routing.Unlisted
		holds    string
		one      bool
		want     bool
	}{
		"listed as one":                 {[]routing.Route{any}, "", "", false, true},
		"another method is closed":      {[]routing.Route{any, posts}, "", "", false, false},
		"another method is open":        {[]routing.Route{any, posts}, "", "ManageFiles", false, true},
		"a gateway that tells them":     {[]routing.Route{any, posts}, "", "", true, true},
		"another method is not listed":  {[]routing.Route{gets}, "", "ManageFiles", false, false},
		"unlisted methods pass":         {[]routing.Route{gets}, routing.AuthenticateUnlisted, "", false, true},
		"unlisted ones, but one closed": {[]routing.Route{posts}, routing.AuthenticateUnlisted, "", false, false},
	} {
		w := cached(routing.ByRoute)
		service := w.services[demoAPI]
		service.Routes, service.Unlisted = append(service.Routes, test.routes...), test.unlisted
		w.services[demoAPI] = service
		r := bearer(w.mint(t, "acme", strings.Fields(test.holds)...))
		r.Method, r.Route, r.OnHTTP, r.YesOrNo, r.AnyMethod = "GET", "/v1/all", true, true, !test.one
		if d := decide(t, w.verifier(ttl), r); (d.Outcome == Allowed) != test.want || !test.want && d.Code != GatewayCached {
			t.Errorf("%s: got %v %s", name, d.Outcome, d.Code)
		}
	}
}

// If an answer depends on something that the gateway does not cache it by,
// apart from key and route, it is a denial, whoever asks and from wherever.
func TestTooFewCacheKeys(t *testing.T) {
	source := netip.MustParseAddr("192.0.2.1")
	limited := apikey.Key{Org: "acme", Permissions: permission.NewSet("ManageFiles"), AllowIPs: []netip.Prefix{netip.PrefixFrom(source, 32)}}
	free := apikey.Key{Org: "acme", Permissions: permission.NewSet("ManageFiles")}
	at := newWorld().at
	until := func(left time.Duration) apikey.Key {
		key := free
		key.ExpiresOn = at.Add(left)
		return key
	}
	all := routing.CacheKeys()
	for name, test := range map[string]struct {
		by      []routing.CacheKey
		key     apikey.Key
		keeping AnswerCaching
		domain  bool
		want    bool
	}{
		"nothing to depend on":      {nil, free, CachedAsRegistered, false, true},
		"an address":                {[]routing.CacheKey{routing.ByRoute, routing.ByHost}, limited, CachedAsRegistered, false, false},
		"an address, by source":     {[]routing.CacheKey{routing.BySource}, limited, CachedAsRegistered, false, true},
		"an address, TOKEN":         {all, limited, CachedByCredential, false, false},
		"an expiry inside the time": {all, until(time.Minute - time.Second), CachedAsRegistered, false, false},
		"an expiry at its end":      {all, until(time.Minute), CachedAsRegistered, false, false},
		"an answer that is slow":    {all, until(time.Minute + answerDelay - 1), CachedAsRegistered, false, false},
		"an expiry after it":        {all, until(time.Minute + answerDelay), CachedAsRegistered, false, true},
		"a host name":               {[]routing.CacheKey{routing.ByRoute, routing.BySource}, free, CachedAsRegistered, true, false},
		"a host name, by host":      {[]routing.CacheKey{routing.ByHost}, free, CachedAsRegistered, true, true},
		"a host name, TOKEN":        {nil, free, CachedByCredential, true, true},
		"an expiry, AppSync":        {nil, until(time.Second), CachedForTTL, true, true},
		"an expiry, a WebSocket":    {nil, until(time.Second), NotCached, true, true},
	} {
		w := cached(test.by...)
		v := w.verifier(ttl)
		if test.domain {
			v = w.withDomain(&issuer{})
		}
		r := bearer(w.mintAs(t, test.key))
		r.Source, r.Caching, r.Host = source, test.keeping, "acme.api.example.com"
		d := decide(t, v, r)
		if (d.Outcome == Allowed) != test.want || !test.want && (d.Code != GatewayCached || d.Resources != nil || d.Identity.Permissions != nil) {
			t.Errorf("%s: got %+v", name, d)
		}
		r.Source = netip.MustParseAddr("192.0.2.2")
		if d := decide(t, v, r); (d.Outcome == Allowed) != (test.want && test.key.AllowIPs == nil) {
			t.Errorf("%s, from elsewhere: got %+v", name, d)
		}
	}
}

// An access token, whose end is unknown, is not allowed in a cached answer, and
// AppSync is told not to cache the answer.
func TestCachedTokens(t *testing.T) {
	w := cached(routing.CacheKeys()...)
	w.populate()
	v := w.withTokens(&issuer{email: "ann@example.com"}, ttl)
	r := withToken("good.a.b")
	if d := decide(t, v, r); d.Code != GatewayCached || d.Outcome != Forbidden {
		t.Errorf("got %+v", d)
	}
	r.Caching = CachedForTTL
	if d := decide(t, v, r); d.Outcome != Allowed || d.TTL != 0 {
		t.Errorf("AppSync: got %+v", d)
	}
}

// AppSync is told to cache an allowance for as long as the service says and the
// key is valid, in whole seconds, and a refusal not at all.
func TestCachedForTTL(t *testing.T) {
	for _, test := range []struct {
		left  time.Duration
		holds string
		want  time.Duration
	}{
		{0, "ManageFiles", time.Minute}, {time.Hour, "ManageFiles", time.Minute}, {2500*time.Millisecond + answerDelay, "ManageFiles", 2 * time.Second},
		{time.Second, "ManageFiles", 0}, {time.Millisecond, "ManageFiles", 0}, {0, "", 0},
	} {
		w := cached()
		key := apikey.Key{Org: "acme", Permissions: permission.NewSet(strings.Fields(test.holds)...)}
		if test.left > 0 {
			key.ExpiresOn = w.at.Add(test.left)
		}
		r := bearer(w.mintAs(t, key))
		r.Caching = CachedForTTL
		if d := decide(t, w.verifier(ttl), r); d.TTL != test.want || (d.Outcome == Allowed) != (test.holds != "") {
			t.Errorf("%v left, holds %q: got %+v", test.left, test.holds, d)
		}
	}
}

// A service that lets unlisted requests pass still checks the permissions of
// listed routes. A path that could be read in two ways passes only for a caller
// who may use all routes, and the answer about a path is never wider than the
// routes.
func TestUnlistedRequests(t *testing.T) {
	const every = "DELETE/* GET/* HEAD/* OPTIONS/* PATCH/* POST/* PUT/*"
	for _, test := range []struct {
		request Request
		holds   string
		code    Code
		covers  string
	}{
		{Request{Route: "/v1/other", Method: "GET"}, "", "", "-"},
		{Request{Route: "/v1/files", Method: "DELETE"}, "", "", "-"},
		{Request{Route: "/v1/files", Method: "POST"}, "", PermissionMissing, "-"},
		{Request{Path: "/v1/files", Method: "POST"}, "", PermissionMissing, "-"},
		{Request{Path: "/v1/other", Method: "POST"}, "", "", every + " ! POST/v1/files *%* *//* */./* */../* */. */.. */*/"},
		{Request{Path: "/v1/%66iles", Method: "POST"}, "", RouteNotRegistered, "-"},
		{Request{Path: "/v1//files", Method: "POST"}, "", RouteNotRegistered, "-"},
		{Request{Path: "/v1/files/", Method: "POST"}, "", PermissionMissing, "-"},
		{Request{Path: "//v1/files", Method: "POST"}, "", PermissionMissing, "-"},
		{Request{Path: "/v1/%66iles", Method: "POST"}, "ManageFiles", "", every + " !"},
	} {
		w := newWorld()
		service := w.services[demoAPI]
		service.Unlisted = routing.AuthenticateUnlisted
		w.services[demoAPI] = service
		r := test.request
		r.Authorization, r.API = bearer(w.mint(t, "acme", strings.Fields(test.holds)...)).Authorization, demoAPI
		d := decide(t, w.verifier(ttl), r)
		if d.Code != test.code || (d.Outcome == Allowed) != (test.code == "") || resources(d) != test.covers {
			t.Errorf("%s %s%s, %q: got %v %s %s", r.Method, r.Route, r.Path, test.holds, d.Outcome, d.Code, resources(d))
		}
		if d.Outcome == Allowed && d.Template != r.Route {
			t.Errorf("the template is %q", d.Template)
		}
	}
}
