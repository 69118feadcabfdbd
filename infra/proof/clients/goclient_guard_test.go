package clients

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/netip"
	"net/url"
	"sync/atomic"
	"testing"
	"time"

	"github.com/keyward/keyward/infra/local/await"
	"github.com/keyward/keyward/shared/client"
	"github.com/keyward/keyward/shared/client/guard"
)

// guarded is a service with a mux of its own, guarded by the stack.
type guarded struct {
	*httptest.Server
	t *testing.T
}

// protect starts a service whose handler is made by a guard.
func protect(t *testing.T, c *client.Client, config guard.Config, handler func(*guard.Guard) http.Handler) guarded {
	t.Helper()
	config.Log = slog.New(slog.DiscardHandler)
	g, err := guard.New(c, config)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(handler(g))
	t.Cleanup(server.Close)
	return guarded{server, t}
}

// status returns what the service answers a key.
func (g guarded) status(method, path string, key client.Secret) int {
	g.t.Helper()
	request, err := http.NewRequestWithContext(g.t.Context(), method, g.URL+path, nil)
	if err != nil {
		g.t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+key.Reveal())
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		g.t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	if _, err := io.Copy(io.Discard, response.Body); err != nil {
		g.t.Error(err)
	}
	return response.StatusCode
}

// hello answers who calls.
var hello = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
	caller, ok := guard.Identity(r.Context())
	if !ok || r.Header.Get("Authorization") != "" {
		w.WriteHeader(http.StatusTeapot)
	}
	_, _ = io.WriteString(w, caller.KeyID)
})

// newKey creates a key that the test deletes in the end, unless it is gone by then.
func newKey(t *testing.T, c *client.Client, key client.NewKey) *client.Key {
	t.Helper()
	key.Name = t.Name() + " " + rand.Text()
	made, err := c.Keys.Create(t.Context(), key, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Keys.Delete(context.Background(), made.ID, nil); err != nil && !errors.Is(err, client.ErrKeyNotFound) {
			t.Error(err)
		}
	})
	return made
}

// verifier returns a client whose key may only verify.
func verifier(t *testing.T, url string) *client.Client {
	t.Helper()
	key := newKey(t, goClient(t), client.NewKey{Permissions: []string{"VerifyApiKeys"}})
	c, err := client.New(url, key.APIKey)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// A service that is guarded lets a key pass from its creation on, and refuses it
// within the bound of its deletion: the guard's time and that of Keyward's records.
func TestGoGuardFollowsAKey(t *testing.T) {
	c := goClient(t)
	service := protect(t, verifier(t, running.URL), guard.Config{TTL: time.Second}, func(g *guard.Guard) http.Handler {
		return g.Permission("ManageFiles")(hello)
	})
	key := newKey(t, c, client.NewKey{Permissions: []string{"ManageFiles"}})
	if status := service.status(http.MethodGet, "/", key.APIKey); status != http.StatusOK {
		t.Fatalf("a new key: %d", status)
	}
	other := newKey(t, c, client.NewKey{Permissions: []string{"ViewTables"}})
	if status := service.status(http.MethodGet, "/", other.APIKey); status != http.StatusForbidden {
		t.Errorf("a key without the permission: %d", status)
	}
	if err := c.Keys.Delete(t.Context(), key.ID, nil); err != nil {
		t.Fatal(err)
	}
	await.Until(t, "the deleted key is refused", func() bool { return service.status(http.MethodGet, "/", key.APIKey) == http.StatusUnauthorized })
}

// A guarded mux answers as the registered routes say, whether the guard is inside
// of it or around it.
func TestGoGuardRoutes(t *testing.T) {
	c := goClient(t)
	config := guard.Config{Service: "demo"}
	mux := func(wrap func(http.Handler) http.Handler) *http.ServeMux {
		m := http.NewServeMux()
		m.Handle("/v1/files", wrap(hello))
		m.Handle("/v1/unlisted", wrap(hello))
		return m
	}
	plain := func(h http.Handler) http.Handler { return h }
	v := verifier(t, running.URL)
	inside := protect(t, v, config, func(g *guard.Guard) http.Handler { return mux(g.Routes) })
	around := protect(t, v, config, func(g *guard.Guard) http.Handler { return g.Routes(mux(plain)) })
	may := newKey(t, c, client.NewKey{Permissions: []string{"ManageFiles"}, Services: []string{"demo"}})
	mayNot := newKey(t, c, client.NewKey{Permissions: []string{"ViewTables"}})
	for name, service := range map[string]guarded{"inside": inside, "around": around} {
		for _, want := range []struct {
			path   string
			key    client.Secret
			status int
		}{{"/v1/files", may.APIKey, 200}, {"/v1/files", mayNot.APIKey, 403}, {"/v1/unlisted", may.APIKey, 403}} {
			if status := service.status(http.MethodPost, want.path, want.key); status != want.status {
				t.Errorf("%s: %s is %d, want %d", name, want.path, status, want.status)
			}
		}
	}
}

// A mux's pattern is the listed route even if its wildcards have other names than the
// service's parameters. It is not an unlisted route, open to every valid key.
func TestGoGuardRoutesByShape(t *testing.T) {
	c, read := goClient(t), "Orders.Read"
	if _, err := c.Services.Put(t.Context(), "orders", client.ServiceRegistration{
		Name: "Orders", UnlistedRoutes: "authenticate", Permissions: []client.ServicePermission{{Name: read}},
		Routes: []client.ServiceRoute{{Method: "GET", Path: "/orders/{orderId}", Permissions: []string{read}}},
	}, nil); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, err := c.Services.Delete(context.Background(), "orders", &client.DeleteServiceParams{Force: true}); err != nil {
			t.Error(err)
		}
	})
	service := protect(t, verifier(t, running.URL), guard.Config{Service: "orders"}, func(g *guard.Guard) http.Handler {
		m := http.NewServeMux()
		m.Handle("GET /orders/{id}", g.Routes(hello))
		m.Handle("GET /orders/{id}/notes", g.Routes(hello))
		return m
	})
	may, mayNot := newKey(t, c, client.NewKey{Permissions: []string{read}}), newKey(t, c, client.NewKey{Permissions: []string{held}})
	for _, want := range []struct {
		path   string
		key    client.Secret
		status int
	}{{"/orders/7", may.APIKey, 200}, {"/orders/7", mayNot.APIKey, 403}, {"/orders/7/notes", mayNot.APIKey, 200}} {
		if status := service.status(http.MethodGet, want.path, want.key); status != want.status {
			t.Errorf("%s is %d, want %d", want.path, status, want.status)
		}
	}
}

// A key with address rules passes from the connection's address, or from that which
// a trusted proxy tells.
func TestGoGuardSource(t *testing.T) {
	key := newKey(t, goClient(t), client.NewKey{Permissions: []string{"ManageFiles"}, AllowIps: []string{"127.0.0.0/8", "::1"}})
	v := verifier(t, running.URL)
	anyKey := func(g *guard.Guard) http.Handler { return g.AnyKey(hello) }
	if status := protect(t, v, guard.Config{}, anyKey).status(http.MethodGet, "/", key.APIKey); status != http.StatusOK {
		t.Errorf("from here: %d", status)
	}
	elsewhere := guard.Config{Source: func(*http.Request) netip.Addr { return netip.MustParseAddr("192.0.2.1") }}
	if status := protect(t, v, elsewhere, anyKey).status(http.MethodGet, "/", key.APIKey); status != http.StatusForbidden {
		t.Errorf("from elsewhere: %d", status)
	}
}

// While Keyward cannot be reached, a key that was not seen before is 503, never 401;
// afterwards it passes.
func TestGoGuardOutage(t *testing.T) {
	target, err := url.Parse(running.URL)
	if err != nil {
		t.Fatal(err)
	}
	var down atomic.Bool
	through := httputil.NewSingleHostReverseProxy(target)
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if down.Load() {
			panic(http.ErrAbortHandler)
		}
		through.ServeHTTP(w, r)
	}))
	t.Cleanup(front.Close)
	v := verifier(t, front.URL)
	service := protect(t, v, guard.Config{}, func(g *guard.Guard) http.Handler { return g.AnyKey(hello) })
	key := newKey(t, goClient(t), client.NewKey{Permissions: []string{"ManageFiles"}})
	down.Store(true)
	if status := service.status(http.MethodGet, "/", key.APIKey); status != http.StatusServiceUnavailable {
		t.Errorf("during the outage: %d", status)
	}
	down.Store(false)
	if status := service.status(http.MethodGet, "/", key.APIKey); status != http.StatusOK {
		t.Errorf("after it: %d", status)
	}
}
