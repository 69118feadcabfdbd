// Package openapi generates the OpenAPI 3.1 document of Keyward's API. Its
// sources are the table of operations, the endpoints' rows in package apigw, and
// the Go types of the wire formats. It runs at build time; functions serve the
// generated text.
package openapi

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"strings"

	"github.com/keyward/keyward/shared/apigw"
	"github.com/keyward/keyward/shared/operations"
)

const about = "API keys for your APIs on API Gateway and AppSync. Send a key as `Authorization: Bearer KEY`, " +
	"or as the user name of HTTP Basic with an empty password. If an OpenID Connect issuer is configured, " +
	"you can send one of its access tokens as `Authorization: Bearer TOKEN`. Every error below /v1 is an RFC 9457 problem. " +
	"The Catena and Supermetrics routes have error formats of their own, except for errors that the gateway itself answers. " +
	"HEAD works wherever GET does."

// Document returns the document, indented. Its examples are the events in that
// folder and their answers. It fails if a route has no endpoint, an operation
// has no event, or a member has no description.
func Document(events fs.FS) ([]byte, error) {
	named := newSchemas()
	responses := faultResponses(named)
	paths, err := pathItems(named, examples{events})
	if err != nil {
		return nil, err
	}
	if len(named.undescribed) > 0 {
		return nil, fmt.Errorf("openapi: no description of %s", strings.Join(named.undescribed, ", "))
	}
	document := object{
		{"openapi", "3.1.0"},
		{"info", object{
			{"title", "Keyward"}, {"version", "1"}, {"description", about},
			{"license", object{{"name", "Apache 2.0"}, {"identifier", "Apache-2.0"}}},
		}},
		{"security", []object{{{"bearer", []string{}}}, {{"basic", []string{}}}}},
		{"tags", []object{
			{{"name", operations.Canonical}, {"description", "Keyward's own format, modeled on Imply Polaris."}},
			{{"name", operations.Catena}, {"description", "The format of Catena's key administration."}},
			{{"name", operations.Supermetrics}, {"description", "The format of Supermetrics' key administration."}},
		}},
		{"paths", paths},
		{"components", object{
			{"securitySchemes", object{
				{"bearer", object{{"type", "http"}, {"scheme", "bearer"}}},
				{"basic", object{{"type", "http"}, {"scheme", "basic"}}},
			}},
			{"responses", responses},
			{"schemas", named.components},
		}},
	}
	compact, err := json.Marshal(document)
	if err != nil {
		return nil, err
	}
	var text bytes.Buffer
	err = json.Indent(&text, compact, "", "  ")
	text.WriteByte('\n')
	return text.Bytes(), err
}

// pathItems returns the routes by path, in the table's order. It leaves out
// routes that take any method, which answer what is no operation.
func pathItems(named *schemas, examples examples) (object, error) {
	var paths object
	for _, op := range operations.All() {
		for _, route := range op.Routes {
			if route.Method == operations.Any {
				continue
			}
			endpoint, ok := apigw.EndpointAt(op, route)
			if !ok {
				return nil, fmt.Errorf("openapi: operation %s has no endpoint in the dialect %s", op.Name, route.Dialect)
			}
			example, err := examples.of(op.Name, route)
			if err != nil {
				return nil, err
			}
			i := paths.index(route.Path)
			if i < 0 {
				i, paths = len(paths), paths.with(route.Path, object{})
			}
			item, _ := paths[i].value.(object)
			paths[i].value = item.with(strings.ToLower(route.Method), described{op, route, endpoint, example}.operation(named))
		}
	}
	return paths, nil
}
