package routing_test

import (
	"fmt"
	"maps"
	"strings"
	"testing"

	"github.com/keyward/keyward/shared/routing"
)

// The warnings name what caching costs and which routes it can affect. There are
// none if nothing is cached, and none about single routes if answers are cached by
// route.
func TestWarnings(t *testing.T) {
	nested := []routing.Route{{Method: "GET", Path: "/files/{id}", Permissions: []string{"P"}}, {Method: "GET", Path: "/files/{id}/parts"}, {Method: "GET", Path: "/health"}}
	about := func(s service) (general string, routes map[string]bool) {
		routes = map[string]bool{}
		for _, w := range s.warnings() {
			if w.Route == "" {
				general += w.Detail
			} else {
				routes[w.Route] = true
			}
		}
		return general, routes
	}
	for _, test := range []struct {
		service service
		general []string
		routes  map[string]bool
	}{
		{service{Routes: nested}, nil, nil},
		{service{Routes: nested, Cache: routing.GatewayCache{Seconds: 60}}, []string{"61 seconds", "allowIps", "domain", "simple response", "'%'"}, map[string]bool{"GET /files/{id}/parts": true}},
		{service{Routes: nested[1:], Cache: routing.GatewayCache{Seconds: 60, By: []routing.CacheKey{routing.BySource, routing.ByHost}}}, []string{"61 seconds", "simple response"}, nil},
		{service{Routes: nested, Cache: routing.GatewayCache{Seconds: 60, By: routing.CacheKeys()}}, []string{"61 seconds", "TOKEN"}, nil},
		{service{Routes: nested[:1], Unlisted: routing.AuthenticateUnlisted, Cache: routing.GatewayCache{Seconds: 60}}, []string{"allowIps"}, nil},
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
		if test.service.Cache.Has(routing.BySource) && strings.Contains(general, "allowIps") || test.service.Cache.Has(routing.ByHost) && strings.Contains(general, "domain") {
			t.Errorf("%+v: warned although the cache key has it: %s", test.service.Cache, general)
		}
	}
}

// mostRoutes is how many routes a service may have.
const mostRoutes = 500

// BenchmarkWarnings measures the warnings of the largest service of usual paths.
func BenchmarkWarnings(b *testing.B) {
	s := service{Cache: routing.GatewayCache{Seconds: 300}}
	for i := range mostRoutes / 5 {
		for method, path := range map[string]string{
			"ANY": "/v1/kind%d", "GET": "/v1/kind%d/{id}", "POST": "/v1/kind%d/{id}/parts", "PUT": "/v1/kind%d/{id}/parts/{part}", "PATCH": "/v1/{org}/kind%d/{id}",
		} {
			s.Routes = append(s.Routes, routing.Route{Method: method, Path: fmt.Sprintf(path, i), Permissions: []string{fmt.Sprint(method, i)}})
		}
	}
	b.ReportAllocs()
	for b.Loop() {
		s.warnings()
	}
}
