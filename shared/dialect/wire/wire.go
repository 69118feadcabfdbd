// Package wire reads the JSON form of a struct from its tags. The strict decoder
// and the generator of the OpenAPI document both use it, so that the document
// describes what the decoder accepts.
package wire

import (
	"encoding"
	"reflect"
	"slices"
	"strings"
	"sync"
)

// Field is a member of a JSON object, as a struct field describes it. The "json"
// tag holds its name; the "wire" tag holds comma-separated words.
type Field struct {
	Name string
	Type reflect.Type
	Tag  reflect.StructTag
	// Index is the path to the Go field through embedded structs.
	Index []int
	// Required members must be in a request: wire:"required".
	Required bool
	// Nullable members may be null, with a meaning of its own: wire:"nullable". In
	// other optional members, null means absent.
	Nullable bool
	// Set members may be absent but not null: wire:"set".
	Set bool
	// Ignored members may have any value, which is not read: wire:"ignored".
	Ignored bool
	// OmitZero members are absent from an answer if they are zero; those of an
	// embedded pointer, if it is nil.
	OmitZero bool
}

// Fields returns the members of a struct type in order. The members of an
// embedded struct take its place. All callers share the list: do not change it.
func Fields(t reflect.Type) []Field {
	if fields, ok := known.Load(t); ok {
		return fields.([]Field)
	}
	fields := fieldsOf(t)
	known.Store(t, fields)
	return fields
}

// known holds the fields of the types that were asked for, which are few.
var known sync.Map

func fieldsOf(t reflect.Type) []Field {
	var fields []Field
	for _, f := range reflect.VisibleFields(t) {
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if f.Anonymous || name == "" {
			continue
		}
		kinds := strings.Split(f.Tag.Get("wire"), ",")
		is := func(kind string) bool { return slices.Contains(kinds, kind) }
		fields = append(fields, Field{
			Name: name, Index: f.Index, Type: f.Type, Tag: f.Tag,
			Required: is("required"), Nullable: is("nullable"), Set: is("set"), Ignored: is("ignored"),
			OmitZero: options == "omitzero" || optional(t, f.Index),
		})
	}
	return fields
}

// TakesNull reports whether the member may be null in a request.
func (f Field) TakesNull() bool { return f.Nullable || !f.Required && !f.Set }

// optional reports whether the path to a field passes through a pointer.
func optional(t reflect.Type, index []int) bool {
	for _, i := range index[:len(index)-1] {
		if t = t.Field(i).Type; t.Kind() == reflect.Pointer {
			return true
		}
	}
	return false
}

// IsText reports whether values of the type are strings that the type parses
// itself. The error of its UnmarshalText is a sentence for the caller that
// follows the member's name.
func IsText(t reflect.Type) bool {
	is, ok := texts.Load(t)
	if !ok {
		is = reflect.PointerTo(t).Implements(reflect.TypeFor[encoding.TextUnmarshaler]())
		texts.Store(t, is)
	}
	return is.(bool)
}

// texts holds what IsText says of the types that were asked for.
var texts sync.Map
