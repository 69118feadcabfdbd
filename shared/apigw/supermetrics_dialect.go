package apigw

import (
	"context"
	"errors"

	"github.com/keyward/keyward/shared/dialect/supermetrics"
)

// supermetricsDialect is the wire format of the Supermetrics document: data and
// errors stand beside a request id.
var supermetricsDialect = dialect{
	id:          supermetrics.ParseKeyID,
	formatError: supermetricsError,
	scoped:      true,
}

// supermetricsError uses the document's codes for errors that the document
// defines, and the canonical codes for the rest.
func supermetricsError(c call, err error) errorAnswer {
	f := explain(err)
	_, changing := errors.AsType[updateError](err)
	class, ok := supermetrics.Documented(f.kind, f.subject, f.fields, changing)
	if !ok {
		class = supermetrics.Class{Status: f.Status, Code: f.Code, Message: f.Title}
	}
	return errorAnswer{class.Status, class.Code, "application/json", class.Answer(c.requestID(), f.detail, f.fields)}
}

// updateError is an error from changing a key, for which the document has codes
// of its own.
type updateError struct{ error }

// Unwrap returns the wrapped error.
func (e updateError) Unwrap() error { return e.error }

// updating marks the errors of an action that changes a key, including panics.
func updating(a action) action {
	serve := a.serve
	a.serve = func(ctx context.Context, api API, c call) (reply, error) {
		done, err := guard(func() (reply, error) { return serve(ctx, api, c) })
		if err != nil {
			err = updateError{err}
		}
		return done, err
	}
	return a
}
