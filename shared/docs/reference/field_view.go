package reference

import (
	"fmt"
	"path"
	"slices"
	"strings"
)

// fieldView is a field of an object, or a parameter, as a page shows it.
type fieldView struct {
	Name string
	// Kind is what a value can be, in words. Required fields are always there, or
	// must be sent.
	Kind        string
	Required    bool
	Description string
	// Fields are those of the objects in the value.
	Fields []fieldView
}

// fields returns the fields of the object, or of the objects in the list, that the
// schema describes.
func (d document) fields(s schema) []fieldView {
	s, required := d.whole(s)
	if s.Items != nil {
		return d.fields(*s.Items)
	}
	if values, ok := d.values(s); ok {
		return d.fields(values)
	}
	var all []fieldView
	for _, p := range s.Properties {
		if p.Value.ReadOnly {
			continue // it is ignored
		}
		all = append(all, fieldView{p.Name, d.kind(p.Value), slices.Contains(required, p.Name), p.Value.Description, d.fields(p.Value)})
	}
	return all
}

// values returns the schema of the values of a map; ok is false for another
// schema.
func (d document) values(s schema) (found schema, ok bool) {
	if described, isMap := s.AdditionalProperties.(map[string]any); isMap {
		ref, _ := described["$ref"].(string)
		return schema{Ref: ref, Type: described["type"]}, true
	}
	return schema{}, false
}

// whole returns the schema that s refers to, alone or together with null, and the
// names of its required fields.
func (d document) whole(s schema) (schema, []string) {
	required := s.Required
	for len(s.AllOf) > 0 || len(s.AnyOf) > 0 || s.Ref != "" {
		switch {
		case len(s.AllOf) > 0:
			s = s.AllOf[0]
		case len(s.AnyOf) > 0:
			s = s.AnyOf[0]
		default:
			s = d.Components.Schemas.at(path.Base(s.Ref))
		}
		required = append(slices.Clone(required), s.Required...)
	}
	return s, required
}

// kind returns what a value can be, in words.
func (d document) kind(s schema) string {
	var words []string
	null := len(s.AnyOf) > 1 && s.AnyOf[1].Type == "null"
	limits := s
	s, _ = d.whole(s)
	switch t := s.Type.(type) {
	case string:
		words = append(words, d.typeOf(t, s))
	case []any:
		for _, one := range t {
			if one == "null" {
				null = true
			} else {
				words = append(words, d.typeOf(fmt.Sprint(one), s))
			}
		}
	}
	kind := strings.Join(words, " or ")
	if null {
		kind += " or null"
	}
	for _, of := range []schema{s, limits} {
		if described := bounds(of); described != "" {
			return kind + ", " + described
		}
	}
	return kind
}

func (d document) typeOf(t string, s schema) string {
	switch {
	case t == "array" && s.Items != nil:
		if kind := strings.TrimSuffix(d.kind(*s.Items), " or null"); !strings.Contains(kind, ",") {
			return "list of " + kind + "s"
		}
		return "list of " + d.kind(*s.Items)
	case t == "object" && s.AdditionalProperties != nil && s.AdditionalProperties != false:
		return "object, one entry a name"
	case s.Format == "date-time":
		return "time (RFC 3339)"
	case s.Format == "uuid":
		return "UUID"
	case s.Format == "uri":
		return "URL"
	}
	return t
}

// bounds returns the limits of a value, in words.
func bounds(s schema) string {
	var all []string
	if s.Const != nil {
		all = append(all, fmt.Sprint(s.Const))
	}
	if len(s.Enum) > 0 {
		var values []string
		for _, value := range s.Enum {
			if value != nil {
				values = append(values, fmt.Sprint(value))
			}
		}
		all = append(all, "one of "+strings.Join(values, ", "))
	}
	between := func(least, most, what string) {
		switch {
		case least != "" && most != "":
			all = append(all, least+" to "+most+what)
		case least != "":
			all = append(all, "at least "+least+what)
		case most != "":
			all = append(all, "at most "+most+what)
		}
	}
	between(s.Minimum.String(), s.Maximum.String(), "")
	between(s.MinLength.String(), s.MaxLength.String(), " characters")
	if s.MinItems == "1" {
		all = append(all, "not empty")
	} else {
		between(s.MinItems.String(), "", " items")
	}
	if s.Default != nil {
		all = append(all, "default "+fmt.Sprint(s.Default))
	}
	return strings.Join(all, ", ")
}
