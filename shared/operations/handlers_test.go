package operations_test

import (
	"testing"

	"github.com/keyward/keyward/shared/apigw"
	"github.com/keyward/keyward/shared/operations"
)

// Every route of the API has a handler in its dialect, and every other operation has
// one.
func TestEveryRowHasAHandler(t *testing.T) {
	for _, op := range operations.All() {
		if _, found := apigw.Find(apigw.API{}, op.Name); op.Direct() && !found {
			t.Errorf("%s has no handler: write its rule in shared/apikey, then its row and function in shared/apigw/operator.go or publish.go", op.Name)
		}
		for _, route := range op.Routes {
			if _, found := apigw.EndpointAt(op, route); !found && !op.Pages() {
				t.Errorf("%s %s has no handler: write the rule of %s in shared/apikey, then its row and function in shared/apigw, in the %s dialect", route.Method, route.Path, op.Name, route.Dialect)
			}
		}
	}
}
