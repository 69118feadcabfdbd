// Package openapi writes the OpenAPI 3.1 document of Keyward's API, from the
// table of operations and the Go types of the wire format. It is for the build:
// functions serve the text that it made.
package openapi

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"strconv"
	"strings"

	"github.com/keyward/keyward/shared/dialect/canonical"
	"github.com/keyward/keyward/shared/operations"
)

const about = "API keys for the APIs of one AWS account. Send a key as `Authorization: Bearer KEY`, " +
	"or as the user name of HTTP Basic with an empty password. Every error is an RFC 9457 problem."

// Document is the document, indented. It fails where an operation of the table
// has no shape.
func Document() ([]byte, error) {
	named := schemas{done: map[reflect.Type]bool{}}
	problem := named.of(reflect.TypeFor[canonical.Problem]())
	paths, err := pathItems(&named)
	if err != nil {
		return nil, err
	}
	document := object{
		{"openapi", "3.1.0"},
		{"info", object{
			{"title", "Keyward"}, {"version", "1"}, {"description", about},
			{"license", object{{"name", "Apache 2.0"}, {"identifier", "Apache-2.0"}}},
		}},
		{"security", []object{{{"bearer", []string{}}}, {{"basic", []string{}}}}},
		{"paths", paths},
		{"components", object{
			{"securitySchemes", object{
				{"bearer", object{{"type", "http"}, {"scheme", "bearer"}}},
				{"basic", object{{"type", "http"}, {"scheme", "basic"}}},
			}},
			{"responses", faultResponses(problem)},
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

// pathItems are the operations by path, in the table's order.
func pathItems(named *schemas) (object, error) {
	var paths object
	for _, op := range operations.All {
		if op.Dialect == operations.Direct {
			continue
		}
		shape, ok := shapes[op.Name]
		if !ok {
			return nil, fmt.Errorf("openapi: operation %s has no shape", op.Name)
		}
		i := paths.index(op.Path)
		if i < 0 {
			i, paths = len(paths), paths.with(op.Path, object{})
		}
		item, _ := paths[i].value.(object)
		paths[i].value = item.with(strings.ToLower(op.Method), operation(op, shape, named))
	}
	return paths, nil
}

func operation(op operations.Operation, s shape, named *schemas) object {
	o := object{{"operationId", op.Name}, {"summary", op.Summary}}
	if op.Public {
		o = o.with("security", []object{})
	}
	if len(op.Permissions) > 0 {
		o = o.with("description", "Needs any one of: "+strings.Join(op.Permissions, ", ")+".")
		o = o.with("x-keyward-permissions", op.Permissions)
	}
	if parameters := parametersOf(op, s); len(parameters) > 0 {
		o = o.with("parameters", parameters)
	}
	if s.body != nil {
		named.request = true
		o = o.with("requestBody", object{{"required", true}, {"content", content("application/json", named.of(s.body))}})
		named.request = false
	}
	responses := object{{strconv.Itoa(op.Status), success(op, s, named)}}
	for _, status := range s.faults(op) {
		responses = responses.with(strconv.Itoa(status), object{{"$ref", "#/components/responses/" + responseName(status)}})
	}
	return o.with("responses", responses)
}

func parametersOf(op operations.Operation, s shape) []object {
	var parameters []object
	if named(op) {
		parameters = append(parameters, object{
			{"name", "id"}, {"in", "path"}, {"required", true}, {"description", "A key's id."},
			{"schema", object{{"type", "string"}, {"format", "uuid"}}},
		})
	}
	if conditional(op) {
		parameters = append(parameters, object{
			{"name", "If-Match"}, {"in", "header"}, {"description", "The ETag of the version to change; without it, or with *, any."},
			{"schema", object{{"type", "string"}}},
		})
	}
	return append(parameters, s.query...)
}

func success(op operations.Operation, s shape, named *schemas) object {
	response := object{{"description", http.StatusText(op.Status)}}
	headers := object{}
	if s.tagged {
		headers = headers.with("ETag", header("The version of the key."))
	}
	if op.Status == http.StatusCreated {
		headers = headers.with("Location", header("The path of the new key."))
	}
	if len(headers) > 0 {
		response = response.with("headers", headers)
	}
	if s.answer == nil {
		return response
	}
	if s.answer.Kind() == reflect.Interface {
		return response.with("content", content("application/json", object{{"type", "object"}}))
	}
	schema := named.of(s.answer)
	if s.secret != "" {
		schema = object{{"allOf", []object{schema}}, {"required", []string{s.secret}}}
	}
	return response.with("content", content("application/json", schema))
}
