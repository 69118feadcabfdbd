// Package strict parses JSON from untrusted callers. What it accepts has the same
// meaning for every reader: one object in UTF-8, unique names in exact spelling,
// values of the right type, no unknown members and nothing after the object. It
// reports all faults at once, each with its place, such as
// services[0].routes[2].path.
//
// The target is a struct. The "json" tag of a field is its name; the "wire" tag
// adds rules:
//
//   - required: the member must be present.
//   - nullable: null is accepted and gives the zero value. A pointer field gets a
//     pointer to the zero value, to distinguish null from absent.
//   - set: the member may be absent, but not null.
//   - ignored: any value is accepted and skipped.
//
// Without one of these tags, null means the same as absent.
//
// Fields are strings, ints, bools, structs, types that parse themselves from a
// string (see [wire.IsText]), slices of these and pointers to these. A
// [wire.OneOrMany] also accepts a single string.
package strict

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/keyward/keyward/shared/apikey"
)

// MaxDepth is the maximum nesting depth of objects and arrays.
const MaxDepth = 16

// Body is the field name for faults of the text as a whole.
const Body = "body"

// The codes for faults of form; the rules define the others.
const (
	Malformed apikey.FieldCode = "MALFORMED_JSON"
	Duplicate apikey.FieldCode = "DUPLICATE_FIELD"
	Unknown   apikey.FieldCode = "UNKNOWN_FIELD"
	WrongType apikey.FieldCode = "WRONG_TYPE"
	TooDeep   apikey.FieldCode = "TOO_DEEP"
)

// Checker is a target with rules that span its members. Decode calls Check after
// reading them, even if some have faults.
type Checker interface{ Check() []apikey.FieldError }

// Decode fills into, a pointer to a struct, and returns the faults of text, or
// nil. If there are faults, do not use into.
func Decode(text []byte, into any) []apikey.FieldError {
	dec := jsontext.NewDecoder(bytes.NewBuffer(text))
	if fault := wellFormed(dec, text); fault != nil {
		return []apikey.FieldError{*fault}
	}
	dec.Reset(bytes.NewBuffer(text))
	faults := bind(dec, into)
	if checker, ok := into.(Checker); ok {
		faults = append(faults, checker.Check()...)
	}
	return faults
}

// wellFormed checks everything that does not depend on the target.
func wellFormed(dec *jsontext.Decoder, text []byte) *apikey.FieldError {
	if !utf8.Valid(text) {
		return &apikey.FieldError{Field: Body, Code: apikey.FieldCharacters, Detail: "The body is not valid UTF-8."}
	}
	for {
		token, err := dec.ReadToken()
		switch {
		case err != nil:
			return syntaxFault(err)
		case dec.StackDepth() > MaxDepth:
			return &apikey.FieldError{Field: Body, Code: TooDeep, Detail: fmt.Sprintf("The body is nested more than %d deep.", MaxDepth)}
		case dec.StackDepth() == 0 && token.Kind() != jsontext.KindEndObject:
			return &apikey.FieldError{Field: Body, Code: WrongType, Detail: "The body must be a JSON object."}
		case dec.StackDepth() == 0:
			return afterEnd(text[dec.InputOffset():])
		}
	}
}

// afterEnd refuses anything but white space after the object.
func afterEnd(rest []byte) *apikey.FieldError {
	if len(bytes.TrimLeft(rest, " \t\r\n")) == 0 {
		return nil
	}
	return &apikey.FieldError{Field: Body, Code: Malformed, Detail: "Something follows the JSON object. Send the object alone."}
}

// syntaxFault returns the place of a syntax error. It does not use the decoder's
// text, which names the decoder's package.
func syntaxFault(err error) *apikey.FieldError {
	fault := &apikey.FieldError{Field: Body, Code: Malformed, Detail: "The body is not JSON, or ends early."}
	syntax, ok := errors.AsType[*jsontext.SyntacticError](err)
	if !ok {
		return fault
	}
	if errors.Is(err, jsontext.ErrDuplicateName) {
		name := dotted(syntax.JSONPointer)
		return &apikey.FieldError{Field: name, Code: Duplicate, Detail: name + " is given twice. Send it once."}
	}
	fault.Detail = fmt.Sprintf("The body is not JSON, or ends early: see byte %d.", syntax.ByteOffset)
	return fault
}

// dotted converts a JSON pointer to the rules' notation for fields.
func dotted(pointer jsontext.Pointer) string {
	var path strings.Builder
	for token := range pointer.Tokens() {
		switch {
		case path.Len() > 0 && strings.Trim(token, "0123456789") == "":
			path.WriteString("[" + token + "]")
		case path.Len() > 0:
			path.WriteString("." + Shown(token))
		default:
			path.WriteString(Shown(token))
		}
	}
	return path.String()
}

const maxShownName = 64

// Shown returns a caller-made name in a form that an answer can show: cut to
// about 64 bytes, and never empty.
func Shown(name string) string {
	switch {
	case name == "":
		return `""`
	case len(name) <= maxShownName:
		return name
	default:
		return strings.ToValidUTF8(name[:maxShownName], "") + "..."
	}
}
