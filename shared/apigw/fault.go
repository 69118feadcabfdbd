package apigw

import (
	"errors"
	"net/http"
	"strconv"

	"github.com/keyward/keyward/shared/apigw/strict"
	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/dialect/canonical"
)

// refusal is what the adapter refuses by itself, where no kind of the rules'
// errors fits.
type refusal struct {
	class  canonical.Class
	detail string
	// field is where the fault is: a header, or the body. Empty where the path
	// is.
	field string
	code  apikey.FieldCode
}

// Error is the detail.
func (r refusal) Error() string { return r.detail }

// errNoRoute is the answer of a path that no operation serves.
var errNoRoute error = refusal{class: canonical.NoRoute, detail: "There is no such route."}

func tooLarge() error {
	return refusal{canonical.TooLarge, "The body is larger than " + strconv.Itoa(MaxBody>>10) + " KiB.", strict.Body, apikey.FieldTooLong}
}

// invalid refuses one input.
func invalid(field string, code apikey.FieldCode, detail string) error {
	return apikeyInvalid([]apikey.FieldError{{Field: field, Code: code, Detail: detail}})
}

// apikeyInvalid is the rules' error for faults; nil where there are none.
func apikeyInvalid(faults []apikey.FieldError) error {
	if len(faults) == 0 {
		return nil
	}
	return &apikey.Error{Kind: apikey.Invalid, Detail: "The request is not valid.", Fields: faults}
}

// fault is an error in terms that each dialect puts into its own form. All of it
// may be shown to the caller.
type fault struct {
	// Class has the status, and the canonical code and title.
	canonical.Class
	kind    apikey.Kind
	subject apikey.Subject
	// detail is a sentence; of a failure, one that does not say what failed.
	detail string
	fields []apikey.FieldError
	// use is what stands in the way, for [apikey.InUse].
	use *apikey.Use
}

// explain sorts an error, whatever it is: the rules', the adapter's, or a panic.
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
