package strict

import (
	"reflect"
	"strings"
)

// Field is a member of an object, as a struct's field describes it.
type Field struct {
	Name string
	// Index leads to the Go field, through embedded structs.
	Index []int
	// OmitZero members are left out of answers where they are zero.
	Required, Nullable, Ignored, OmitZero bool
	Type                                  reflect.Type
	Tag                                   reflect.StructTag
}

// Fields are the members of a struct type, those of embedded structs included,
// in order.
func Fields(t reflect.Type) []Field {
	var fields []Field
	for _, f := range reflect.VisibleFields(t) {
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if f.Anonymous || name == "" {
			continue
		}
		wire := f.Tag.Get("wire")
		fields = append(fields, Field{
			Name: name, Index: f.Index, Type: f.Type, Tag: f.Tag,
			Required: wire == "required", Nullable: wire == "nullable", Ignored: wire == "ignored",
			OmitZero: options == "omitzero",
		})
	}
	return fields
}
