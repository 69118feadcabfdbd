// Package wire reads what a struct's tags say of its form in JSON. The strict
// decoder and the generator of the OpenAPI document both go by it, so that what
// is documented is what is accepted.
package wire

import (
	"encoding"
	"reflect"
	"slices"
	"strings"
)

// Field is a member of an object, as a field of a struct describes it: by the
// tag "json" with its name, and the tag "wire", in which commas part words.
type Field struct {
	Name string
	Type reflect.Type
	Tag  reflect.StructTag
	// Index leads to the Go field, through embedded structs.
	Index []int
	// Required members must be in a request: wire:"required".
	Required bool
	// Nullable members may be null, which says something of its own:
	// wire:"nullable". In others that are not required, null is as left out.
	Nullable bool
	// Set members may be left out, and are not null: wire:"set".
	Set bool
	// Ignored members may be anything, and are not looked at: wire:"ignored".
	Ignored bool
	// OmitZero members are not in an answer where they are zero, and those of
	// an embedded pointer not where that is nil.
	OmitZero bool
}

// Fields are the members of a struct type in order, those of embedded structs
// in the place of these.
func Fields(t reflect.Type) []Field {
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

// optional reports whether a pointer stands on the way to a field.
func optional(t reflect.Type, index []int) bool {
	for _, i := range index[:len(index)-1] {
		if t = t.Field(i).Type; t.Kind() == reflect.Pointer {
			return true
		}
	}
	return false
}

// IsText reports whether values of the type are strings that the type itself
// reads: the error of its UnmarshalText is a sentence for the caller, to follow
// the name of the member.
func IsText(t reflect.Type) bool {
	return reflect.PointerTo(t).Implements(reflect.TypeFor[encoding.TextUnmarshaler]())
}
