package apikey_test

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/keyward/keyward/shared/apikey"
)

// What a service says of its gateways is checked as a whole: each fault names
// its field.
func TestGatewaySettingsAreChecked(t *testing.T) {
	h := newHouse(t)
	draft := filesServiceOf("demo", declared...)
	draft.Unlisted = "Refuse"
	draft.Cache = apikey.GatewayCache{Seconds: 3601, By: []apikey.CacheKey{"route", "Route", "route", ""}}
	_, _, err := h.PutService(t.Context(), h.admin, "files", 0, draft, false)
	var e *apikey.Error
	if !errors.As(err, &e) || e.Kind != apikey.Invalid {
		t.Fatalf("error %v", err)
	}
	var fields []string
	for _, fault := range e.Fields {
		fields = append(fields, fault.Field)
	}
	if want := []string{"unlistedRoutes", "gatewayCache.seconds", "gatewayCache.by[1]", "gatewayCache.by[2]", "gatewayCache.by[3]"}; !slices.Equal(fields, want) {
		t.Errorf("faults of %v, want %v", fields, want)
	}
	for _, seconds := range []int{-1, 3601} {
		draft := filesServiceOf("demo", declared...)
		draft.Cache.Seconds = seconds
		if _, _, err := h.PutService(t.Context(), h.admin, "files", 0, draft, false); apikey.KindOf(err) != apikey.Invalid {
			t.Errorf("%d seconds: error %v", seconds, err)
		}
	}
}

// A service keeps what it says of its gateways, and says nothing but the
// defaults where it was told nothing.
func TestGatewaySettingsAreKept(t *testing.T) {
	h := newHouse(t)
	draft := filesServiceOf("demo", declared...)
	draft.Unlisted, draft.Cache = apikey.AuthenticateUnlisted, apikey.GatewayCache{Seconds: 3600, By: apikey.CacheKeys()}
	after, _, err := h.PutService(t.Context(), h.admin, "files", 0, draft, false)
	if err != nil || after.Unlisted != apikey.AuthenticateUnlisted || after.Cache.Seconds != 3600 || !slices.Equal(after.Cache.By, apikey.CacheKeys()) {
		t.Errorf("%+v, error %v", after, err)
	}
	after, _, err = h.PutService(t.Context(), h.admin, "files", 0, filesServiceOf("demo", declared...), false)
	if err != nil || after.Unlisted != apikey.RefuseUnlisted || after.Cache.Keeps() || after.Cache.By != nil || after.Warnings != nil {
		t.Errorf("%+v, error %v", after, err)
	}
}

// A path that does not fit into a policy behind the longest name that the
// service's APIs can have is refused; a parameter counts as one character.
func TestPathsFitIntoPolicies(t *testing.T) {
	h := newHouse(t)
	open := len("arn:aws-us-gov:execute-api:us-isob-northwest-1:123456789012:abcdemo/") + 128 + len("/OPTIONS")
	stated := len("arn:aws-us-gov:execute-api:eu-west-1:123456789012:abcdemo/") + len("v1/OPTIONS")
	for name, test := range map[string]struct {
		path          string
		region, stage string
		right         bool
	}{
		"as long as can be":  {"/" + strings.Repeat("a", 511-open), "", "", true},
		"too long":           {"/" + strings.Repeat("a", 512-open), "", "", false},
		"stated, as long":    {"/" + strings.Repeat("a", 511-stated), "eu-west-1", "v1", true},
		"stated, too long":   {"/" + strings.Repeat("a", 512-stated), "eu-west-1", "v1", false},
		"parameter, as long": {"/{" + strings.Repeat("p", 400) + "}/" + strings.Repeat("a", 507-open), "", "", true},
		"parameter, longer":  {"/{p}/" + strings.Repeat("a", 508-open), "", "", false},
	} {
		draft := filesServiceOf("demo", declared...)
		draft.APIs[0].Region, draft.APIs[0].Stage = test.region, test.stage
		draft.Routes = []apikey.Route{{Method: "GET", Path: test.path}}
		_, _, err := h.PutService(t.Context(), h.admin, "files", 0, draft, false)
		if (err == nil) != test.right {
			t.Errorf("%s: error %v", name, err)
		}
		var e *apikey.Error
		if !test.right && (!errors.As(err, &e) || len(e.Fields) != 1 || e.Fields[0].Field != "routes[0].path") {
			t.Errorf("%s: error %+v", name, err)
		}
	}
}

// The warnings name what keeping costs, and the routes that it can cost; there
// are none where nothing is kept, and none about routes that answers are kept by.
func TestWarnings(t *testing.T) {
	nested := []apikey.Route{{Method: "GET", Path: "/files/{id}", Permissions: []string{"P"}}, {Method: "GET", Path: "/files/{id}/parts"}, {Method: "GET", Path: "/health"}}
	about := func(s apikey.Service) (general string, routes map[string]bool) {
		routes = map[string]bool{}
		for _, w := range s.Warnings() {
			if w.Route == "" {
				general += w.Detail
			} else {
				routes[w.Route] = true
			}
		}
		return general, routes
	}
	for _, test := range []struct {
		service apikey.Service
		general []string
		routes  map[string]bool
	}{
		{apikey.Service{Routes: nested}, nil, nil},
		{apikey.Service{Routes: nested, Cache: apikey.GatewayCache{Seconds: 60}}, []string{"60 seconds", "allowIps", "domain", "simple response", "'%'"}, map[string]bool{"GET /files/{id}/parts": true}},
		{apikey.Service{Routes: nested[1:], Cache: apikey.GatewayCache{Seconds: 60, By: []apikey.CacheKey{apikey.BySource, apikey.ByHost}}}, []string{"60 seconds", "simple response"}, nil},
		{apikey.Service{Routes: nested, Cache: apikey.GatewayCache{Seconds: 60, By: apikey.CacheKeys()}}, []string{"60 seconds", "TOKEN"}, nil},
		{apikey.Service{Routes: nested[:1], Unlisted: apikey.AuthenticateUnlisted, Cache: apikey.GatewayCache{Seconds: 60}}, []string{"allowIps"}, nil},
	} {
		general, routes := about(test.service)
		if !maps.Equal(routes, test.routes) && len(routes)+len(test.routes) > 0 || (general == "") != (test.general == nil) {
			t.Errorf("%+v: warned of %v: %s", test.service.Cache, routes, general)
		}
		for _, part := range test.general {
			if !strings.Contains(general, part) {
				t.Errorf("%+v: no warning of %s: %s", test.service.Cache, part, general)
			}
		}
		if test.service.Cache.Has(apikey.BySource) && strings.Contains(general, "allowIps") || test.service.Cache.Has(apikey.ByHost) && strings.Contains(general, "domain") {
			t.Errorf("%+v: warned of what it is kept by: %s", test.service.Cache, general)
		}
	}
}

// BenchmarkWarnings is what an answer about the largest service of usual paths
// costs.
func BenchmarkWarnings(b *testing.B) {
	s := apikey.Service{Cache: apikey.GatewayCache{Seconds: 300}}
	for i := range apikey.MaxServiceRoutes / 5 {
		for method, path := range map[string]string{
			"ANY": "/v1/kind%d", "GET": "/v1/kind%d/{id}", "POST": "/v1/kind%d/{id}/parts", "PUT": "/v1/kind%d/{id}/parts/{part}", "PATCH": "/v1/{org}/kind%d/{id}",
		} {
			s.Routes = append(s.Routes, apikey.Route{Method: method, Path: fmt.Sprintf(path, i), Permissions: []string{fmt.Sprint(method, i)}})
		}
	}
	b.ReportAllocs()
	for b.Loop() {
		s.Warnings()
	}
}
