package openapi

import (
	"reflect"

	"github.com/keyward/keyward/shared/dialect/wire"
)

// schemas collects the named schemas of a document, in the order in which they
// are first used.
type schemas struct {
	components object
	done       map[reflect.Type]bool
	// requests are closed and say what is required; answers are open, so that a
	// later version can say more, and have all that is not omitted.
	request bool
}

// of is the schema of a type: a reference, for a struct.
func (s *schemas) of(t reflect.Type) object {
	switch t.Kind() {
	case reflect.Pointer:
		return s.of(t.Elem())
	case reflect.String:
		return object{{"type", "string"}}
	case reflect.Bool:
		return object{{"type", "boolean"}}
	case reflect.Int:
		return object{{"type", "integer"}}
	case reflect.Slice:
		return object{{"type", "array"}, {"items", s.of(t.Elem())}}
	case reflect.Struct:
		s.define(t)
		return object{{"$ref", "#/components/schemas/" + t.Name()}}
	default:
		panic("openapi: no schema for " + t.String())
	}
}

// define adds a struct's schema.
func (s *schemas) define(t reflect.Type) {
	if s.done[t] {
		return
	}
	s.done[t] = true
	var properties object
	var required []string
	for _, f := range wire.Fields(t) {
		properties = properties.with(f.Name, s.property(f))
		if f.Required || !s.request && !f.OmitZero {
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
	s.components = s.components.with(t.Name(), schema)
}

func (s *schemas) property(f wire.Field) object {
	if f.Ignored {
		return object{{"readOnly", true}, {"description", "Accepted, and ignored."}}
	}
	schema := s.of(f.Type)
	if f.Nullable {
		schema[0].value = []any{schema[0].value, "null"}
	}
	if format := f.Tag.Get("format"); format != "" {
		schema = schema.with("format", format)
	}
	if doc := f.Tag.Get("doc"); doc != "" {
		schema = schema.with("description", doc)
	}
	return schema
}
