package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// enumNames maps the properties and parameters that have a fixed set of values to
// the name of their Go type. One type can be of several schemas; its values are
// all of theirs.
var enumNames = map[string]string{
	"type": "KeyType", "role": "Role", "onExposure": "OnExposure", "overlapFrom": "OverlapFrom", "by": "Bucket",
	"Region.state": "RegionState", "state": "KeyState", "sort": "KeySort", "order": "SortOrder",
}

// texts are the properties with a set of values that stay texts in Go: programs must
// expect new ones, or know them from elsewhere, such as HTTP's methods.
var texts = []string{"action", "code", "method", "unlistedRoutes"}

// lowering collects what the whole document's properties have in common.
type lowering struct {
	enums  object
	faults []string
}

func (l *lowering) fault(format string, args ...any) {
	l.faults = append(l.faults, fmt.Sprintf(format, args...))
}

// schema lowers the properties of one schema.
func (l *lowering) schema(name string, schema object, isBody bool, order []string) {
	properties, _ := schema["properties"].(object)
	required, _ := schema["required"].([]any)
	delete(schema, "additionalProperties")
	for property, value := range properties {
		p := value.(object)
		if p["readOnly"] == true && p["type"] == nil {
			// Bodies may repeat what an answer had; a client need not.
			delete(properties, property)
			continue
		}
		null := meansNull(p)
		l.property(name, property, p)
		p["x-order"] = len(order)
		if i := slices.Index(order, property); i >= 0 {
			p["x-order"] = i
		}
		if slices.Contains(required, any(property)) {
			continue
		}
		p["x-omitempty"], p["x-omitzero"] = false, true // an empty list is not an absent one
		p["x-go-type-skip-optional-pointer"] = !pointer(p, property, isBody)
		if isBody && (strings.HasSuffix(name, "Patch") || null) {
			p["x-go-type"] = "Change[" + goType(p) + "]"
			p["x-go-type-skip-optional-pointer"] = true
			delete(p, "$ref")
		}
	}
}

// meansNull reports whether null says something else than absence. Where it does, the
// document says what.
func meansNull(p object) bool {
	description, _ := p["description"].(string)
	return strings.Contains(description, "null ")
}

// pointer reports whether the Go field of an optional property must be a pointer,
// because its zero value means something else than its absence.
func pointer(p object, property string, isBody bool) bool {
	if p["$ref"] != nil {
		return true
	}
	return property == "enabled" || isBody && (p["type"] == "boolean" || p["type"] == "integer")
}

// property lowers one property: null, alternatives, formats and enumerations.
func (l *lowering) property(schema, name string, p object) {
	if alternatives, ok := p["anyOf"].([]any); ok {
		first := alternatives[0].(object)
		delete(p, "anyOf")
		delete(first, "enum")
		maps.Copy(p, first)
	}
	if types, ok := p["type"].([]any); ok {
		p["type"] = types[0]
	}
	if format := p["format"]; format != nil && format != "date-time" {
		delete(p, "format")
	}
	if name == "apiKey" {
		p["x-go-type"] = "Secret"
	}
	if items, ok := p["items"].(object); ok {
		delete(items, "enum") // a list of texts
	}
	if values, ok := p["enum"].([]any); ok {
		l.enum(schema, name, values, p)
	}
}

// enum gives the property a named type, and adds the values to it.
func (l *lowering) enum(schema, name string, values []any, p object) {
	delete(p, "enum")
	if slices.Contains(texts, name) || p["const"] != nil || len(values) == 1 {
		return
	}
	goName, ok := enumNames[schema+"."+name]
	if !ok {
		goName, ok = enumNames[name]
	}
	if !ok {
		l.fault("%s.%s has values but no name: add it to enumNames", schema, name)
		return
	}
	p["x-go-type"] = goName
	enum, ok := l.enums[goName].(object)
	if !ok {
		enum = object{"type": "string", "description": "is a fixed set of texts."}
		l.enums[goName] = enum
	}
	all, _ := enum["enum"].([]any)
	for _, value := range values {
		if value != nil && !slices.Contains(all, value) {
			all = append(all, value)
		}
	}
	slices.SortFunc(all, func(a, b any) int { return strings.Compare(a.(string), b.(string)) })
	enum["enum"] = all
}

// goType returns the Go type of a property.
func goType(p object) string {
	if named, ok := p["x-go-type"].(string); ok {
		return named
	}
	if ref, ok := p["$ref"].(string); ok {
		return strings.TrimPrefix(ref, "#/components/schemas/")
	}
	switch p["type"] {
	case "boolean":
		return "bool"
	case "integer":
		return "int"
	case "array":
		return "[]" + goType(p["items"].(object))
	}
	if p["format"] == "date-time" {
		return "time.Time"
	}
	return "string"
}

// operation lowers the parameters of one operation. Of a body, one content type
// stays.
func (l *lowering) operation(operation object) {
	parameters, _ := operation["parameters"].([]any)
	for _, parameter := range parameters {
		p := parameter.(object)
		schema := p["schema"].(object)
		l.property("", p["name"].(string), schema)
		delete(schema, "const")
		if p["required"] != true {
			// A flag without a default has a third state.
			p["x-go-type-skip-optional-pointer"] = schema["type"] != "boolean" || schema["default"] != nil
		}
		if goName, ok := schema["x-go-type"]; ok {
			p["x-go-type"] = goName
		}
	}
	if body, ok := operation["requestBody"].(object); ok {
		content := body["content"].(object)
		if len(content) > 1 {
			delete(content, "application/merge-patch+json")
		}
		body["required"] = true
	}
}
