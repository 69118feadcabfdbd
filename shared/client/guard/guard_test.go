package guard_test

import (
	"encoding/base64"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/keyward/keyward/shared/client/guard"
	"github.com/keyward/keyward/shared/client/wire"
	"github.com/keyward/keyward/shared/operations"
	"github.com/keyward/keyward/shared/verify"
)

// Every refusal has the status, the header and the body of the authorizer's
// gateway.
func TestAnswersAreTheGateways(t *testing.T) {
	key := "Bearer " + newKey(t)
	for _, c := range []struct {
		kind          string
		verify        func(wire.VerifyBody) (int, any)
		authorization string
		code          string
	}{
		{"UNAUTHORIZED", valid, "", ""},
		{"UNAUTHORIZED", valid, key + "x", ""},
		{"UNAUTHORIZED", refused("KEY_UNKNOWN"), key, ""},
		{"UNAUTHORIZED", refused("A_NEW_CODE"), key, ""},
		{"ACCESS_DENIED", refused("PERMISSION_MISSING"), key, "PERMISSION_MISSING"},
		{"AUTHORIZER_FAILURE", problem(503, "UNAVAILABLE"), key, ""},
	} {
		k := &keyward{verify: c.verify}
		w := call(newGuard(t, k, guard.Config{Timeout: time.Second, Log: slog.New(slog.DiscardHandler)}).AnyKey(reached), c.authorization)
		for _, want := range operations.GatewayResponses() {
			if want.Type != c.kind {
				continue
			}
			body := strings.Replace(want.Body, "$context.authorizer.code", c.code, 1)
			var got struct{ RequestID string }
			if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || got.RequestID == "" {
				t.Errorf("%s: %v in %s", c.kind, err, w.Body)
			}
			if body = strings.Replace(body, "$context.requestId", got.RequestID, 1); w.Code != want.Status || w.Body.String() != body {
				t.Errorf("%s: %d %s, want %d %s", c.kind, w.Code, w.Body, want.Status, body)
			}
			for name, value := range want.Headers {
				if !strings.HasPrefix(name, "Access-Control") && w.Header().Get(name) != value {
					t.Errorf("%s: %s is %q, want %q", c.kind, name, w.Header().Get(name), value)
				}
			}
		}
	}
}

// The codes that are 403 are those of the authorizer: every code is forbidden or
// unauthenticated here as it is there.
func TestCodesAreTheAuthorizers(t *testing.T) {
	forbidden := false
	for _, code := range verify.Codes() {
		forbidden = forbidden || code == verify.SourceNotAllowed // the first of them, in the list's order
		k := &keyward{verify: refused(string(code))}
		want := http.StatusUnauthorized
		if forbidden {
			want = http.StatusForbidden
		}
		if w := call(newGuard(t, k, guard.Config{}).AnyKey(reached), "Bearer "+newKey(t)); w.Code != want {
			t.Errorf("%s: %d, want %d", code, w.Code, want)
		}
	}
}

// A credential that cannot be that of a key costs no call; every form of one that
// can is accepted, and is one question.
func TestForms(t *testing.T) {
	k := &keyward{}
	g := newGuard(t, k, guard.Config{}).AnyKey(reached)
	key := newKey(t)
	for _, junk := range [][]string{
		nil, {""}, {"Bearer"}, {"Bearer "}, {key}, {"Bearer  " + key}, {"Bearer " + key + " "}, {"Bearer " + key[:len(key)-1]}, {"Bearer " + key, "Bearer " + key},
		{"Token " + key}, {"Bearer " + strings.Repeat("x", 1<<20)}, {"Bearer eyJhbGciOiJub25lIn0.e30."}, {"Basic " + base64.StdEncoding.EncodeToString([]byte(key+":password"))},
	} {
		if w := call(g, junk...); w.Code != http.StatusUnauthorized || w.Header().Get("WWW-Authenticate") == "" {
			t.Errorf("%.60q: %d", junk, w.Code)
		}
	}
	if k.calls() != 0 {
		t.Errorf("junk made %d calls", k.calls())
	}
	for _, good := range []string{"Bearer " + key, "bEARER " + key, "Basic " + key, "basic " + base64.StdEncoding.EncodeToString([]byte(key+":"))} {
		if w := call(g, good); w.Code != http.StatusOK {
			t.Errorf("%d", w.Code)
		}
	}
	if k.calls() != 1 {
		t.Errorf("one key made %d calls", k.calls())
	}
}

// The guarded handler learns who calls, and does not get the key, unless the
// config leaves it. The caller's own request stays as it was.
func TestTheHandlerGetsTheCaller(t *testing.T) {
	key := newKey(t)
	inner := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		caller, ok := guard.Identity(r.Context())
		if !ok || caller.OrgID != "demo" || caller.KeyID != keyID || caller.KeyType != "service" || !caller.Has("A") || caller.Has("C") {
			t.Errorf("%+v, %v", caller, ok)
		}
		reached(w, r)
	})
	for _, keep := range []bool{false, true} {
		r := httptest.NewRequest("GET", "/", nil)
		r.Header.Set("Authorization", "Bearer "+key)
		w := httptest.NewRecorder()
		newGuard(t, &keyward{}, guard.Config{KeepAuthorization: keep}).AnyKey(inner).ServeHTTP(w, r)
		if w.Code != http.StatusOK || strings.Contains(w.Body.String(), key) != keep || r.Header.Get("Authorization") == "" {
			t.Errorf("keep %v: %d, %v", keep, w.Code, r.Header.Get("Authorization") != "")
		}
	}
	if _, ok := guard.Identity(t.Context()); ok {
		t.Error("an unguarded request has a caller")
	}
}

// A user who only represents the organization is told as such.
func TestUserByDefault(t *testing.T) {
	k := &keyward{verify: func(wire.VerifyBody) (int, any) {
		return 200, wire.Verification{Valid: true, KeyID: keyID, OrgID: "demo", Type: "shared", UserID: keyID, UserByDefault: true}
	}}
	call(newGuard(t, k, guard.Config{}).AnyKey(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if caller, ok := guard.Identity(r.Context()); !ok || !caller.UserByDefault || caller.UserID != keyID {
			t.Errorf("%+v", caller)
		}
	})), "Bearer "+newKey(t))
	if k.calls() != 1 {
		t.Errorf("%d calls", k.calls())
	}
}

// What is asked is what the handler is guarded by, and from the connection's
// address: never from a header, unless the config says so.
func TestQuestions(t *testing.T) {
	forwarded := func(r *http.Request) netip.Addr {
		address, _ := netip.ParseAddr(r.Header.Get("X-Forwarded-For"))
		return address
	}
	for name, c := range map[string]struct {
		source func(*http.Request) netip.Addr
		remote string
		want   string
	}{
		"the connection": {nil, "192.0.2.7:4711", "192.0.2.7"},
		"IPv6":           {nil, "[fe80::1%eth0]:4711", "fe80::1"},
		"a mapped IPv4":  {nil, "[::ffff:192.0.2.7]:4711", "192.0.2.7"},
		"no address":     {nil, "@", ""},
		"a proxy's":      {forwarded, "192.0.2.7:4711", "198.51.100.1"},
	} {
		k := &keyward{}
		g := newGuard(t, k, guard.Config{Service: "files", Source: c.source})
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr = c.remote
		r.Header.Set("Authorization", "Bearer "+newKey(t))
		r.Header.Set("X-Forwarded-For", "198.51.100.1")
		g.Permission("A")(reached).ServeHTTP(httptest.NewRecorder(), r)
		if len(k.asked) != 1 || k.asked[0].Source != c.want || k.asked[0].Permission != "A" || k.asked[0].Service != "files" {
			t.Errorf("%s: %+v", name, k.asked)
		}
	}
}

// Behind a mux's pattern, the route is asked about; around a mux, the path. A path
// that could be read in several ways is no route, and costs no call.
func TestRoutes(t *testing.T) {
	k := &keyward{}
	g := newGuard(t, k, guard.Config{Service: "files"})
	key := "Bearer " + newKey(t)
	mux := http.NewServeMux()
	for _, pattern := range []string{"GET /files/{id}", "POST example.com/files", "GET /tree/{rest...}", "GET /exact/{$}", "/sub/"} {
		mux.Handle(pattern, g.Routes(reached))
	}
	for _, c := range []struct{ method, target, route, path string }{
		{"GET", "http://example.com/files/7", "/files/{id}", ""},
		{"HEAD", "http://example.com/files/7", "/files/{id}", ""},
		{"POST", "http://example.com/files", "/files", ""},
		{"GET", "http://example.com/tree/a/b", "/tree/{rest+}", ""},
		{"GET", "http://example.com/exact/", "/exact", ""},
		{"PUT", "http://example.com/sub/x%20y", "", "/sub/x%20y"},
	} {
		k.asked = nil
		w := send(mux, c.method, c.target, key)
		if w.Code != http.StatusOK || len(k.asked) != 1 || k.asked[0].Method != c.method || k.asked[0].Route != c.route || k.asked[0].Path != c.path {
			t.Errorf("%s %s: %d, %+v", c.method, c.target, w.Code, k.asked)
		}
	}
	k.asked = nil
	around := g.Routes(reached)
	for _, c := range []struct{ method, target string }{
		{"GET", "/files/"}, {"GET", "//files"}, {"GET", "/files/../admin"}, {"GET", "/files/%2e%2e/admin"}, {"GET", "/files%2Fadmin"}, {"GET", "/files%5cadmin"},
		{"GET", "/files;a=b"}, {"BREW", "/files"}, {"CONNECT", "/files"},
	} {
		if w := send(around, c.method, c.target, key); w.Code != http.StatusNotFound || k.calls() != 0 {
			t.Errorf("%s %s: %d after %d calls", c.method, c.target, w.Code, k.calls())
		}
	}
	quiet := guard.Config{Log: slog.New(slog.DiscardHandler)}
	if w := call(newGuard(t, k, quiet).Routes(reached), key); w.Code != http.StatusServiceUnavailable {
		t.Errorf("Routes without a service: %d", w.Code)
	}
}

// A route that the service does not list is 403 for a valid key, and 401 for another.
func TestUnlistedRoute(t *testing.T) {
	for status, otherwise := range map[int]func(wire.VerifyBody) (int, any){403: valid, 401: refused("KEY_UNKNOWN")} {
		k := &keyward{verify: func(body wire.VerifyBody) (int, any) {
			if body.Path != "" {
				return 400, wire.Problem{Code: "INVALID_REQUEST", Errors: []wire.Fault{{Field: "path"}}}
			}
			return otherwise(body)
		}}
		w := call(newGuard(t, k, guard.Config{Service: "files"}).Routes(reached), "Bearer "+newKey(t))
		if w.Code != status || strings.Contains(w.Body.String(), "ROUTE_NOT_REGISTERED") != (status == 403) {
			t.Errorf("%d %s, want %d", w.Code, w.Body, status)
		}
	}
}

// An outage, an answer that is none, and a guard that may not ask are 503 for good
// and bad keys alike, within the timeout. The next request asks again. The log says
// why, without a key.
func TestFailsClosed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		key := newKey(t)
		for name, verify := range map[string]func(wire.VerifyBody) (int, any){
			"503": problem(503, "UNAVAILABLE"), "500": problem(500, "INTERNAL"), "its own 401": problem(401, "UNAUTHENTICATED"),
			"its own 403": problem(403, "FORBIDDEN"), "no service": problem(404, "SERVICE_NOT_FOUND"), "throttled": problem(429, "THROTTLED"),
			"another server's JSON": func(wire.VerifyBody) (int, any) { return 200, map[string]any{} },
			"null":                  func(wire.VerifyBody) (int, any) { return 200, nil },
			"nobody":                func(wire.VerifyBody) (int, any) { return 200, map[string]any{"valid": true, "ttlSeconds": 5} },
			"a panic":               func(wire.VerifyBody) (int, any) { panic("broken") },
		} {
			var log strings.Builder
			k := &keyward{verify: verify}
			g := newGuard(t, k, guard.Config{Log: slog.New(slog.NewTextHandler(&log, nil))}).AnyKey(reached)
			start := time.Now()
			w := call(g, "Bearer "+key)
			if w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") == "" || time.Since(start) > 3*time.Second {
				t.Errorf("%s: %d after %v", name, w.Code, time.Since(start))
			}
			if !strings.Contains(log.String(), "could not be checked") || strings.Contains(log.String(), key) {
				t.Errorf("%s: the log says %q", name, log.String())
			}
			k.set(nil)
			if w := call(g, "Bearer "+key); w.Code != http.StatusOK {
				t.Errorf("%s: %d afterwards", name, w.Code)
			}
		}
		k := &keyward{wait: taking(time.Hour)}
		start := time.Now()
		if w := call(newGuard(t, k, guard.Config{Log: slog.New(slog.DiscardHandler)}).AnyKey(reached), "Bearer "+key); w.Code != http.StatusServiceUnavailable || time.Since(start) != 3*time.Second {
			t.Errorf("a Keyward that hangs: %d after %v", w.Code, time.Since(start))
		}
	})
}

// A guard that cannot work is not made.
func TestNewRefuses(t *testing.T) {
	if _, err := guard.New(nil, guard.Config{}); err == nil {
		t.Error("a guard without a client")
	}
}

// A permission without a name opens nothing.
func TestPermissionWithoutName(t *testing.T) {
	k := &keyward{}
	g := newGuard(t, k, guard.Config{Log: slog.New(slog.DiscardHandler)})
	if w := call(g.Permission("")(reached), "Bearer "+newKey(t)); w.Code != http.StatusServiceUnavailable || k.calls() != 0 {
		t.Errorf("%d after %d calls", w.Code, k.calls())
	}
}
