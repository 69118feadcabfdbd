package demo

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/keyward/keyward/infra/local/gateway"
)

// An echo shows what the gateway says about the caller, from every kind of
// event, without what the gateway adds itself. It shows a message only for a
// WebSocket.
func TestEcho(t *testing.T) {
	for name, c := range map[string]struct{ event, want string }{
		"REST":      {`{"pathParameters":{"name":"x"},"body":"b","requestContext":{"apiId":"a","authorizer":{"orgId":"demo","principalId":"p","integrationLatency":1}}}`, `{"api":"a","caller":{"orgId":"demo"},"name":"x"}`},
		"HTTP":      {`{"pathParameters":{"name":"x"},"requestContext":{"apiId":"a","authorizer":{"lambda":{"orgId":"demo"}}}}`, `{"api":"a","caller":{"orgId":"demo"},"name":"x"}`},
		"WebSocket": {`{"body":"hello","requestContext":{"apiId":"a","eventType":"MESSAGE","authorizer":{"orgId":"demo","principalId":"p"}}}`, `{"api":"a","caller":{"orgId":"demo"},"message":"hello"}`},
		"nobody":    {`{"requestContext":{"apiId":"a"}}`, `{"api":"a","caller":null}`},
	} {
		status, body := ask(t, func(event string) ([]byte, error) { return echo(t.Context(), []byte(event)) }, c.event)
		if got, _ := json.Marshal(body); status != 200 || string(got) != c.want {
			t.Errorf("%s: %d %s, want %s", name, status, got, c.want)
		}
	}
	got, err := resolve(t.Context(), []byte(`{"identity":{"resolverContext":{"orgId":"demo"}}}`))
	if err != nil || string(got) != `{"orgId":"demo"}` {
		t.Errorf("the resolver: %s, %v", got, err)
	}
	for _, handler := range []func(string) ([]byte, error){
		func(event string) ([]byte, error) { return echo(t.Context(), []byte(event)) },
		func(event string) ([]byte, error) { return resolve(t.Context(), []byte(event)) },
	} {
		if answer, err := handler("oh"); err == nil {
			t.Errorf("no event, but answered %s", answer)
		}
	}
}

// Each served API is registered with all its routes, and there is one of each
// kind of API and authorizer.
func TestEveryAPIIsRegistered(t *testing.T) {
	service := Setup("000000000000", "Admin").Services[0]
	kinds := map[[2]int]bool{}
	for _, api := range APIs(gateway.Authorizer{}) {
		kinds[[2]int{int(api.Kind), int(api.Authorizer.Shape)}] = true
		if len(api.Routes) == 0 {
			t.Errorf("%s serves nothing", api.ID)
		}
		for _, route := range api.Routes {
			method, path := route.Method, route.Path
			if api.Kind == gateway.WebSocket {
				path = "$connect"
			}
			found := false
			for _, registered := range service.Routes {
				found = found || registered.Method == method && registered.Path == path && len(registered.Permissions) == 1
			}
			if !found {
				t.Errorf("%s: %s %s is not registered with a permission", api.ID, method, path)
			}
		}
		owned := false
		for _, registered := range service.APIs {
			owned = owned || registered.ID == api.ID
		}
		if !owned {
			t.Errorf("%s is not registered", api.ID)
		}
	}
	if len(kinds) != 7 {
		t.Errorf("%d kinds of APIs and authorizers, want 7", len(kinds))
	}
	for _, route := range Routes() {
		served := slices.ContainsFunc(APIs(gateway.Authorizer{}), func(api gateway.API) bool {
			return slices.ContainsFunc(api.Routes, func(r gateway.Route) bool { return r.Method+" "+r.Path == strings.Replace(route, "/any", "/{name}", 1) })
		})
		if !served {
			t.Errorf("nothing serves %s", route)
		}
	}
	for id := range Echoes {
		if !slices.ContainsFunc(APIs(gateway.Authorizer{}), func(api gateway.API) bool { return api.ID == id }) {
			t.Errorf("there is no API %s", id)
		}
	}
}
