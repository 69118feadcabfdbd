package gateway

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	authorizer "github.com/keyward/keyward/authorizer/gateway"
	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/apikeytest"
	"github.com/keyward/keyward/shared/permission"
	"github.com/keyward/keyward/shared/routing"
	"github.com/keyward/keyward/shared/verify"
)

const cachedAccount = "123456789012"

// cachedService has literal and {parameter} routes side by side, and its API has
// one that the service does not list.
func cachedService() apikey.ServiceDraft {
	return apikey.ServiceDraft{
		Name: "Files", Permissions: []apikey.Permission{{Name: "Read"}, {Name: "Write"}}, APIs: []routing.API{{Account: cachedAccount, ID: "files"}},
		Routes: []routing.Route{
			{Method: "GET", Path: "/files/{id}", Permissions: []string{"Read"}}, {Method: "PUT", Path: "/files/{id}", Permissions: []string{"Write"}},
			{Method: "GET", Path: "/files/secret", Permissions: []string{"Write"}}, {Method: "GET", Path: "/health"},
		},
		Cache: routing.GatewayCache{Seconds: 60},
	}
}

// newCached returns a gateway with the real authorizer and rules, and a key that
// may read.
func newCached(t *testing.T, shape Shape, asked *atomic.Int32) (url, key string) {
	t.Helper()
	store, peppers, clock := apikeytest.NewStore(), &apikeytest.Peppers{}, apikeytest.NewClock()
	keys := &apikey.Rules{Store: store, Digester: peppers, PepperMaker: peppers, Now: clock.Now, Entropy: apikeytest.Entropy(1),
		NFC: func(name string) string { return name }}
	setup, err := keys.Bootstrap(t.Context(), apikey.Setup{
		Organization: "acme", KeyPrefix: "kw", Name: "Acme", OwnerEmail: "owner@example.com", OwnerName: "Owner", AdminKey: "Admin",
		Services: []apikey.SetupService{{ID: "files", ServiceDraft: cachedService()}},
	})
	if err != nil {
		t.Fatal(err)
	}
	by := apikey.Caller{Org: "acme", Key: setup.Admin.Key.ID}
	minted, err := keys.Create(t.Context(), by, apikey.Draft{Name: "reader", Permissions: permission.NewSet("Read")})
	if err != nil {
		t.Fatal(err)
	}
	handler := authorizer.New(verify.New(verify.Config{
		Reader: store, Digester: peppers, CacheTTL: time.Minute, Now: clock.Now,
	}), slog.New(slog.DiscardHandler))
	ask := func(ctx context.Context, event []byte) ([]byte, error) {
		asked.Add(1)
		return handler.Invoke(ctx, event)
	}
	act := func(context.Context, []byte) ([]byte, error) { return []byte(`{"statusCode":200,"body":"{}"}`), nil }
	api := API{ID: "files", Stage: "prod", Authorizer: &Authorizer{Shape: shape, Invoke: ask, TTL: time.Minute}}
	for _, route := range append(cachedService().Routes, routing.Route{Method: "GET", Path: "/files/{id}/unlisted"}) {
		api.Routes = append(api.Routes, Route{Method: route.Method, Path: route.Path, Invoke: act})
	}
	server := httptest.NewServer(New(Config{Region: "eu-west-1", Account: cachedAccount, APIs: []API{api}}))
	t.Cleanup(server.Close)
	return server.URL, minted.Text.Reveal()
}

// If the cache key is the credential alone, one answer of the authorizer is
// correct on every route of the API, whichever came first and whether or not the
// caller may use it.
func TestOneAnswerForAllRoutes(t *testing.T) {
	requests := map[string]int{
		"GET /files/1": 200, "GET /files/2": 200, "GET /health": 200, "PUT /files/1": 403, "GET /files/secret": 403, "GET /files/1/unlisted": 403,
	}
	for _, shape := range []Shape{RequestShape, TokenShape} {
		for first := range requests {
			var asked atomic.Int32
			url, key := newCached(t, shape, &asked)
			wantStatus(t, url, key, first, requests[first])
			for name, want := range requests {
				wantStatus(t, url, key, name, want)
			}
			if n := asked.Load(); n != 1 {
				t.Errorf("shape %d, %s first: the authorizer was asked %d times", shape, first, n)
			}
		}
	}
}

func wantStatus(t *testing.T, url, key, request string, want int) {
	t.Helper()
	method, path, _ := strings.Cut(request, " ")
	req, err := http.NewRequestWithContext(t.Context(), method, url+path, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+key)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	if res.StatusCode != want {
		t.Errorf("%s: status %d, want %d", request, res.StatusCode, want)
	}
}
