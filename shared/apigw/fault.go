package apigw

import (
	"errors"
	"net/http"
	"strconv"

	"github.com/keyward/keyward/shared/apigw/strict"
	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/dialect/canonical"
)

// refusal is an error of the adapter itself that fits no kind of the rules'
// errors.
type refusal struct {
	class  canonical.Class
	detail string
	// field is the place of the fault: a header or the body. It is empty for a
	// fault of the path.
	field string
	code  apikey.FieldCode
}

// Error returns the detail.
func (r refusal) Error() string { return r.detail }

// errNoRoute is the error for a path that no operation serves.
var errNoRoute error = refusal{class: canonical.NoRoute, detail: "There is no such route. Check the method and the path."}

func tooLarge() error {
	return refusal{canonical.TooLarge, "The body is larger than " + strconv.Itoa(MaxBody>>10) + " KiB.", strict.Body, apikey.FieldTooLong}
}

// invalid returns an error about one input.
func invalid(field string, code apikey.FieldCode, detail string) error {
	return apikey.InvalidError(apikey.FieldError{Field: field, Code: code, Detail: detail})
}

// fault describes an error independently of the dialects; each dialect formats
// it. All of it may be shown to the caller.
type fault struct {
	// Class holds the status, the canonical code and the title.
	canonical.Class
	kind    apikey.Kind
	subject apikey.Subject
	// detail is a sentence. For an internal failure, it does not say what failed.
	detail string
	fields []apikey.FieldError
	// use says what prevents the change, for [apikey.InUse].
	use *apikey.Use
}

// explain classifies any error: of the rules, of the adapter, or a panic.
func explain(err error) fault {
	f := fault{Class: canonical.ClassOf(apikey.Internal, apikey.SubjectKey), kind: apikey.Internal}
	if e, ok := errors.AsType[*apikey.Error](err); ok {
		f = fault{canonical.ClassOf(e.Kind, e.Subject), e.Kind, e.Subject, e.Detail, e.Fields, e.Use}
	} else if own, ok := errors.AsType[refusal](err); ok {
		f = fault{Class: own.class, kind: apikey.Invalid, detail: own.detail}
		if own.field != "" {
			f.fields = []apikey.FieldError{{Field: own.field, Code: own.code, Detail: own.detail}}
		}
	}
	if f.Status >= http.StatusInternalServerError {
		f.detail, f.fields, f.use = f.Detail, nil, nil
	}
	return f
}
