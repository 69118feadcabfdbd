package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

type object = map[string]any

// lower returns the document as oapi-codegen should read it: only canonical
// operations with the schemas that they use, in OpenAPI 3.0, with hints on the Go
// types.
func lower(document []byte) ([]byte, error) {
	document = renamed(document)
	var root object
	if err := json.Unmarshal(document, &root); err != nil {
		return nil, err
	}
	order, err := propertyOrder(document)
	if err != nil {
		return nil, err
	}
	paths := keep(root["paths"].(object))
	schemas := root["components"].(object)["schemas"].(object)
	bodies, used := object{}, object{"Problem": schemas["Problem"]}
	for _, item := range paths {
		for _, operation := range item.(object) {
			collectSchemas(operation.(object)["requestBody"], schemas, bodies)
			collectSchemas(operation, schemas, used)
		}
	}
	collectSchemas(used["Problem"], schemas, used)
	l := lowering{enums: object{}}
	for _, item := range paths {
		for _, operation := range item.(object) {
			addHeaders(operation.(object)["responses"].(object), schemas)
		}
	}
	for name, schema := range used {
		l.schema(name, schema.(object), bodies[name] != nil, order[name])
	}
	for _, item := range paths {
		for _, operation := range item.(object) {
			l.operation(operation.(object))
		}
	}
	maps.Copy(used, l.enums)
	if len(l.faults) > 0 {
		slices.Sort(l.faults)
		return nil, fmt.Errorf("%s", strings.Join(slices.Compact(l.faults), "\n"))
	}
	return json.Marshal(object{"openapi": "3.0.3", "info": root["info"], "paths": paths, "components": object{"schemas": used}})
}

// renamed returns the document with names that are Go's: a key is a key, and
// Secret is the type of a whole key.
func renamed(document []byte) []byte {
	return []byte(strings.NewReplacer(
		`schemas/Secret"`, `schemas/KeySecret"`, `"Secret": {`, `"KeySecret": {`,
		`-apikey`, `-key`, `-apikeys`, `-keys`,
	).Replace(string(document)))
}

// scanners are the canonical operations that only secret scanners call, and the
// document's own.
var scanners = []string{"github-report-exposure", "gitlab-revocable-token-types", "gitlab-revoke-tokens", "get-openapi"}

// keep returns the paths with the operations that a client calls, and of their
// answers those that are no errors.
func keep(paths object) object {
	kept := object{}
	for path, item := range paths {
		operations := object{}
		for method, operation := range item.(object) {
			o := operation.(object)
			if !slices.Contains(o["tags"].([]any), "canonical") || slices.Contains(scanners, o["operationId"].(string)) {
				continue
			}
			responses := o["responses"].(object)
			maps.DeleteFunc(responses, func(status string, _ any) bool { return status >= "300" })
			operations[method] = o
		}
		if len(operations) > 0 {
			kept[path] = operations
		}
	}
	return kept
}

// collectSchemas adds to found the schemas that a part of the document refers to, and
// those that they refer to.
func collectSchemas(part any, schemas, found object) {
	switch p := part.(type) {
	case []any:
		for _, element := range p {
			collectSchemas(element, schemas, found)
		}
	case object:
		if ref, ok := p["$ref"].(string); ok {
			name, ok := strings.CutPrefix(ref, "#/components/schemas/")
			if ok && found[name] == nil {
				found[name] = schemas[name]
				collectSchemas(schemas[name], schemas, found)
			}
		}
		for _, member := range p {
			collectSchemas(member, schemas, found)
		}
	}
}

// headerFields are the members of answers that come in a header.
var headerFields = map[string]object{
	"ETag":                {"name": "ETag", "type": "string", "description": "is the version, for the IfMatch of a change. Empty in lists."},
	"Idempotent-Replayed": {"name": "replayed", "type": "boolean", "description": "means that an earlier request with the same Idempotency-Key made it."},
}

// addHeaders gives the schemas of answers fields for the headers that come along.
func addHeaders(responses, schemas object) {
	for _, response := range responses {
		r := response.(object)
		headers, _ := r["headers"].(object)
		delete(r, "headers")
		for name := range headers {
			field, known := headerFields[name]
			if !known {
				continue
			}
			ref := r["content"].(object)["application/json"].(object)["schema"].(object)["$ref"].(string)
			schema := schemas[strings.TrimPrefix(ref, "#/components/schemas/")].(object)
			schema["properties"].(object)[field["name"].(string)] = object{
				"type": field["type"], "description": field["description"], "x-go-json-ignore": true,
			}
		}
	}
}

// propertyOrder returns the names of each schema's properties in the document's
// order, which decoding into a map loses.
func propertyOrder(document []byte) (map[string][]string, error) {
	var root struct {
		Components struct {
			Schemas map[string]struct {
				Properties json.RawMessage
			}
		}
	}
	if err := json.Unmarshal(document, &root); err != nil {
		return nil, err
	}
	order := map[string][]string{}
	for name, schema := range root.Components.Schemas {
		decoder := json.NewDecoder(strings.NewReader(string(schema.Properties)))
		for depth := 0; ; {
			token, err := decoder.Token()
			if err != nil {
				break
			}
			switch t := token.(type) {
			case json.Delim:
				depth += map[json.Delim]int{'{': 1, '[': 1, '}': -1, ']': -1}[t]
			case string:
				if depth == 1 {
					order[name] = append(order[name], t)
					if err := decoder.Decode(new(any)); err != nil {
						return nil, err
					}
				}
			}
		}
	}
	return order, nil
}
