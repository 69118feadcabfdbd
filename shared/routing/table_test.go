package routing_test

import (
	"testing"

	"github.com/keyward/keyward/shared/routing"
)

// A template is listed by its method or ANY, whatever its parameters are called.
func TestListed(t *testing.T) {
	routes := []routing.Route{
		{Method: "GET", Path: "/orders/{id}"},
		{Method: routing.AnyMethod, Path: "/files/{name}/parts"},
		{Method: "GET", Path: "/rest/{proxy+}"},
	}
	for _, c := range []struct {
		method, template string
		want             bool
	}{
		{"GET", "/orders/{id}", true},
		{"GET", "/orders/{orderId}", true},
		{"POST", "/orders/{id}", false},
		{"POST", "/orders/{orderId}", false},
		{"PUT", "/files/{file}/parts", true},
		{"GET", "/files/{file}", false},
		{"GET", "/rest/{all+}", true},
		{"GET", "/rest/{all}", false},
		{"GET", "/orders/7", false},
		{"GET", "", false},
	} {
		if got := routing.Listed(routes, c.method, c.template); got != c.want {
			t.Errorf("Listed(%s %s) = %t, want %t", c.method, c.template, got, c.want)
		}
	}
}
