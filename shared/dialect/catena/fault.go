package catena

import (
	"strings"
	"unicode"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/dialect/wire"
)

// ErrorAnswer is an error answer. The Catena document defines no error format;
// this one is Keyward's.
type ErrorAnswer struct {
	Error Error `json:"error"`
}

// Error says what went wrong.
type Error struct {
	Code      string  `json:"code" doc:"What is wrong, for programs. The codes are those of /v1, and do not change between versions."`
	Message   string  `json:"message" doc:"A sentence for people."`
	RequestID string  `json:"request_id"`
	Fields    []Fault `json:"fields,omitzero" doc:"What is wrong with the input: one entry for each fault, at most 20."`
}

// Fault is one fault of one input.
type Fault struct {
	Field   string `json:"field"`
	Code    string `json:"code"`
	Message string `json:"message"`
}

// NewError returns an error answer. The fields are those of the rules' error.
func NewError(code, message, requestID string, fields []apikey.FieldError) ErrorAnswer {
	e := Error{Code: code, Message: message, RequestID: requestID}
	for _, f := range fields[:min(len(fields), wire.MaxFaults)] {
		e.Fields = append(e.Fields, Fault{snake(f.Field), string(f.Code), f.Detail})
	}
	return ErrorAnswer{e}
}

// snake returns a field's name in this format: policyId becomes policy_id.
func snake(name string) string {
	var out strings.Builder
	for i, c := range name {
		if unicode.IsUpper(c) && i > 0 {
			out.WriteByte('_')
		}
		out.WriteRune(unicode.ToLower(c))
	}
	return out.String()
}
