package verify

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/keyward/keyward/shared/apikey"
)

// serviceOf is a service of one route.
func serviceOf(permission string) apikey.Service {
	return apikey.Service{
		ID: "demo", Org: "acme", APIs: []apikey.API{demoAPI}, Version: 1,
		Routes: []apikey.Route{{Method: "GET", Path: "/v1/files/{id}", Permissions: []string{permission}}},
	}
}

// A service whose record is as it was is not made ready again; any change of it
// counts, even one that leaves its version as it was.
func TestServicesAreMadeReadyOnce(t *testing.T) {
	w := newWorld()
	v := w.verifier(0)
	read := func(service apikey.Service) *guarded {
		w.services[demoAPI] = service
		got, err := v.readService(context.Background(), demoAPI)
		if err != nil || got.routes.Route("GET", "/v1/files/{id}").Permissions[0] != service.Routes[0].Permissions[0] {
			t.Fatalf("%+v, %v", got, err)
		}
		return got
	}
	first := read(serviceOf("A"))
	if read(serviceOf("A")) != first {
		t.Error("the same record was made ready again")
	}
	if read(serviceOf("B")) == first {
		t.Error("another permission of the same version was not seen")
	}
	closed := serviceOf("B")
	closed.Unlisted = apikey.AuthenticateUnlisted
	if got := read(closed); !got.unlisted {
		t.Error("another setting was not seen")
	}
}

// However many services there are, and are read at once, each stays itself and
// the memory of them is bounded.
func TestServicesMadeReadyAreBounded(t *testing.T) {
	var g guards
	var wait sync.WaitGroup
	for range 4 {
		wait.Go(func() {
			for n := range 2 * maxServices {
				api, permission := apikey.API{Account: "123456789012", ID: fmt.Sprint(n)}, fmt.Sprint(n)
				if got := g.of(api, serviceOf(permission)); got.record.Routes[0].Permissions[0] != permission {
					t.Errorf("API %d: %+v", n, got.record)
				}
			}
		})
	}
	wait.Wait()
	if len(g.last) > maxServices {
		t.Errorf("%d services are kept", len(g.last))
	}
}
