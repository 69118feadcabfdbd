package wire_test

import (
	"reflect"
	"testing"

	"github.com/keyward/keyward/shared/dialect/wire"
)

type base struct {
	ID string `json:"id" wire:"ignored"`
}

type whole struct {
	Name string  `json:"name" wire:"required"`
	Note *string `json:"note,omitzero" wire:"nullable" doc:"A note."`
	base
	Inside int
}

// The members are the named fields, including embedded ones, each with its tags
// and the index of its field.
func TestFields(t *testing.T) {
	fields := wire.Fields(reflect.TypeFor[whole]())
	var names []string
	for _, f := range fields {
		names = append(names, f.Name)
		value := reflect.New(reflect.TypeFor[whole]()).Elem().FieldByIndex(f.Index)
		if value.Type() != f.Type {
			t.Errorf("%s leads to a %s", f.Name, value.Type())
		}
	}
	if !reflect.DeepEqual(names, []string{"name", "note", "id"}) {
		t.Fatalf("members %v", names)
	}
	name, note, id := fields[0], fields[1], fields[2]
	if !name.Required || name.Nullable || name.Ignored || name.OmitZero {
		t.Errorf("%+v", name)
	}
	if note.Required || !note.Nullable || !note.OmitZero || note.Tag.Get("doc") != "A note." {
		t.Errorf("%+v", note)
	}
	if !id.Ignored || id.Required {
		t.Errorf("%+v", id)
	}
}

type id [1]byte

func (i *id) UnmarshalText(text []byte) error { i[0] = text[0]; return nil }

type maybe struct {
	*base
	When id `json:"when"`
}

// Members of an embedded pointer may be absent. A type that parses itself from a
// string counts as text, whatever it consists of.
func TestOptionalAndText(t *testing.T) {
	fields := wire.Fields(reflect.TypeFor[maybe]())
	if len(fields) != 2 || fields[0].Name != "id" || !fields[0].OmitZero || fields[1].OmitZero {
		t.Errorf("%+v", fields)
	}
	for of, want := range map[reflect.Type]bool{fields[1].Type: true, fields[0].Type: false, reflect.TypeFor[wire.OneOrMany](): false} {
		if wire.IsText(of) != want {
			t.Errorf("%s is text: %t", of, !want)
		}
	}
}
