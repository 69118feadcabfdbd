package openapi

import (
	"encoding/json"
	"path"
	"reflect"
	"strings"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/dialect/wire"
)

// schemas collects the named schemas of a document, in the order of first use.
type schemas struct {
	components object
	done       map[string]bool
	// request schemas are closed and list the required members. Answer schemas are
	// open, so that a later version can add members, and require every member that
	// is never omitted.
	request bool
	// undescribed lists the members without a description, as SCHEMA.MEMBER.
	undescribed []string
}

func newSchemas() *schemas { return &schemas{done: map[string]bool{}} }

// of returns the schema of a type; for a struct, a reference.
func (s *schemas) of(t reflect.Type) object {
	switch {
	case t.Kind() == reflect.Pointer:
		return s.of(t.Elem())
	case t == reflect.TypeFor[wire.OneOrMany]():
		return object{{"type", []any{"string", "array"}}, {"items", object{{"type", "string"}}}}
	case t == reflect.TypeFor[apikey.Action]():
		return object{{"anyOf", []object{{{"type", "string"}, {"enum", apikey.Actions}}, {{"type", "string"}}}}} // older versions wrote others
	case t.Kind() == reflect.String, wire.IsText(t):
		return object{{"type", "string"}}
	case t.Kind() == reflect.Int:
		return object{{"type", "integer"}}
	case t.Kind() == reflect.Bool:
		return object{{"type", "boolean"}}
	case t.Kind() == reflect.Slice:
		return object{{"type", "array"}, {"items", s.of(t.Elem())}}
	case t.Kind() == reflect.Map:
		return object{{"type", "object"}, {"additionalProperties", s.of(t.Elem())}}
	case t.Kind() == reflect.Struct:
		return object{{"$ref", "#/components/schemas/" + s.define(t)}}
	default:
		panic("openapi: no schema for " + t.String())
	}
}

// define adds a struct's schema and returns its name.
func (s *schemas) define(t reflect.Type) string {
	name := s.name(t)
	if s.done[name] {
		return name
	}
	s.done[name] = true
	var properties object
	var required []string
	for _, f := range wire.Fields(t) {
		properties = properties.with(f.Name, s.property(name, f))
		if s.request && f.Required || !s.request && !f.OmitZero {
			required = append(required, f.Name)
		}
	}
	schema := object{{"type", "object"}}
	if len(required) > 0 {
		schema = schema.with("required", required)
	}
	schema = schema.with("properties", properties)
	if s.request {
		schema = schema.with("additionalProperties", false)
	}
	s.components = s.components.with(name, schema)
	return name
}

// name returns a struct's own name, with the format's prefix for all but the
// canonical format. Types nested in requests get names different from those in
// answers.
func (s *schemas) name(t reflect.Type) string {
	name := prefix(path.Base(t.PkgPath())) + t.Name()
	if s.request && !strings.HasSuffix(name, "Body") && !strings.HasSuffix(name, "Patch") {
		name += "Input"
	}
	return name
}

// prefix returns the prefix of a dialect's names.
func prefix(dialect string) string {
	if dialect == "canonical" {
		return ""
	}
	return strings.ToUpper(dialect[:1]) + dialect[1:]
}

func (s *schemas) property(schemaName string, f wire.Field) object {
	if f.Ignored {
		return object{{"readOnly", true}, {"description", "Accepted, and ignored."}}
	}
	schema := s.of(f.Type)
	if format := f.Tag.Get("format"); format != "" {
		schema = schema.with("format", format)
	}
	if least := f.Tag.Get("least"); least != "" {
		schema = schema.with("minItems", json.Number(least))
	}
	null := s.request && f.TakesNull() || !s.request && f.Type.Kind() == reflect.Pointer && !f.OmitZero
	switch values := f.Tag.Get("enum"); {
	case values == "":
	case f.Type.Kind() == reflect.Slice:
		at := schema.index("items")
		items, _ := schema[at].value.(object)
		schema[at].value = items.with("enum", enum(values, false))
	default:
		schema = schema.with("enum", enum(values, null))
	}
	if null {
		schema = nullable(schema)
	}
	doc := f.Tag.Get("doc")
	if doc == "" {
		doc = usual[f.Name]
	}
	if doc == "" {
		s.undescribed = append(s.undescribed, schemaName+"."+f.Name)
	}
	return schema.with("description", doc)
}

// enum returns the values of an enum tag, plus null if allowed. Those of a list are
// what it can contain.
func enum(values string, null bool) []any {
	var all []any
	for value := range strings.SplitSeq(values, ",") {
		all = append(all, value)
	}
	if null {
		all = append(all, nil)
	}
	return all
}

// nullable returns a schema that also allows null.
func nullable(schema object) object {
	types, several := schema[0].value.([]any)
	switch {
	case schema[0].name == "$ref":
		return object{{"anyOf", []object{schema, {{"type", "null"}}}}}
	case several:
		schema[0].value = append(types, "null")
	default:
		schema[0].value = []any{schema[0].value, "null"}
	}
	return schema
}
