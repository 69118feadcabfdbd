package strict

import (
	"encoding"
	"fmt"
	"reflect"
	"slices"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/dialect/wire"
)

// binder fills values from well-formed text, so the decoder cannot fail.
type binder struct {
	dec    *jsontext.Decoder
	faults []apikey.FieldError
}

func bind(dec *jsontext.Decoder, into any) []apikey.FieldError {
	b := binder{dec: dec}
	b.object("", reflect.ValueOf(into).Elem())
	return b.faults
}

// value decodes the next JSON value, of any kind, into v.
func (b *binder) value(path string, v reflect.Value) {
	want, known := wanted[v.Kind()]
	switch {
	case v.Kind() == reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		b.value(path, v.Elem())
	case v.Type() == oneOrMany && b.dec.PeekKind() == jsontext.KindString:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		b.scalar(path, v.Index(0))
	case wire.IsText(v.Type()):
		b.text(path, v)
	case !known:
		panic("strict: cannot decode into " + v.Type().String())
	case v.Kind() == reflect.Bool:
		b.boolean(path, v)
	case b.dec.PeekKind() != want.kind:
		b.wrongType(path, want.name)
	case v.Kind() == reflect.Struct:
		b.object(path, v)
	case v.Kind() == reflect.Slice:
		b.array(path, v)
	default:
		b.scalar(path, v)
	}
}

// oneOrMany is the only slice type that a single string may stand for.
var oneOrMany = reflect.TypeFor[wire.OneOrMany]()

// wanted gives each Go kind its JSON kind, and a name for people.
var wanted = map[reflect.Kind]struct {
	kind jsontext.Kind
	name string
}{
	reflect.String: {jsontext.KindString, "a string"},
	reflect.Bool:   {jsontext.KindTrue, "true or false"},
	reflect.Int:    {jsontext.KindNumber, "a whole number"},
	reflect.Slice:  {jsontext.KindBeginArray, "an array"},
	reflect.Struct: {jsontext.KindBeginObject, "an object"},
}

// text decodes into a type that parses itself.
func (b *binder) text(path string, v reflect.Value) {
	if b.dec.PeekKind() != jsontext.KindString {
		b.wrongType(path, "a string")
		return
	}
	token, _ := b.dec.ReadToken()
	reads, _ := v.Addr().Interface().(encoding.TextUnmarshaler)
	if err := reads.UnmarshalText([]byte(token.String())); err != nil {
		b.fault(path, apikey.FieldValue, err.Error()+".")
	}
}

func (b *binder) wrongType(path, want string) {
	b.fault(path, WrongType, "must be "+want+".")
	_ = b.dec.SkipValue()
}

func (b *binder) fault(path string, code apikey.FieldCode, predicate string) {
	b.faults = append(b.faults, apikey.FieldError{Field: path, Code: code, Detail: path + " " + predicate})
}

func (b *binder) scalar(path string, v reflect.Value) {
	token, _ := b.dec.ReadToken()
	if v.Kind() == reflect.String {
		v.SetString(token.String())
		return
	}
	n, ok := whole(token.String())
	if !ok {
		b.fault(path, WrongType, "must be a whole number.")
	}
	v.SetInt(n)
}

// boolean decodes true or false, which are two token kinds in jsontext.
func (b *binder) boolean(path string, v reflect.Value) {
	switch kind := b.dec.PeekKind(); kind {
	case jsontext.KindTrue, jsontext.KindFalse:
		_ = b.dec.SkipValue()
		v.SetBool(kind == jsontext.KindTrue)
	default:
		b.wrongType(path, wanted[reflect.Bool].name)
	}
}

func (b *binder) array(path string, v reflect.Value) {
	_, _ = b.dec.ReadToken()
	v.Set(reflect.MakeSlice(v.Type(), 0, 0))
	for b.dec.PeekKind() != jsontext.KindEndArray {
		element := reflect.New(v.Type().Elem()).Elem()
		b.value(fmt.Sprintf("%s[%d]", path, v.Len()), element)
		v.Set(reflect.Append(v, element))
	}
	_, _ = b.dec.ReadToken()
}

func (b *binder) object(path string, v reflect.Value) {
	_, _ = b.dec.ReadToken()
	fields := wire.Fields(v.Type())
	var seen []string
	for b.dec.PeekKind() != jsontext.KindEndObject {
		token, _ := b.dec.ReadToken()
		name := token.String()
		seen = append(seen, name)
		b.member(join(path, Shown(name)), v, fields, name)
	}
	_, _ = b.dec.ReadToken()
	for i := range fields {
		if f := &fields[i]; f.Required && !slices.Contains(seen, f.Name) {
			b.fault(join(path, f.Name), apikey.FieldRequired, "is required.")
		}
	}
}

// member decodes the value of the named member.
func (b *binder) member(path string, v reflect.Value, fields []wire.Field, name string) {
	i := 0
	for i < len(fields) && fields[i].Name != name {
		i++
	}
	if i == len(fields) {
		meant := ""
		if len(b.faults) < maxSuggested {
			meant = suggestion(fields, name)
		}
		b.fault(path, Unknown, "is not a field of this request; names are case-sensitive."+meant)
		_ = b.dec.SkipValue()
		return
	}
	target := v.FieldByIndex(fields[i].Index)
	switch {
	case fields[i].Ignored:
		_ = b.dec.SkipValue()
	case fields[i].TakesNull() && b.dec.PeekKind() == jsontext.KindNull:
		_ = b.dec.SkipValue()
		if fields[i].Nullable && target.Kind() == reflect.Pointer {
			target.Set(reflect.New(target.Type().Elem()))
		}
	default:
		b.value(path, target)
	}
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}
