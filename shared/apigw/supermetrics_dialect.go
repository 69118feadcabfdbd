package apigw

import (
	"context"
	"errors"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/dialect/supermetrics"
)

// supermetricsDialect is the wire format of the Supermetrics document: data and
// errors stand beside a request id.
var supermetricsDialect = dialect{
	id:     supermetrics.ParseKeyID,
	wrap:   supermetrics.Envelope,
	refuse: supermetricsRefuse,
	scoped: true,
}

// supermetricsEndpoints are what serves the routes below /enterprise/v2. One key
// is shown by the function that can open the copies of keys, as the document has
// one route for both.
var supermetricsEndpoints = map[string]endpoint{
	"create-apikey": supermetricsCreateKey,
	"list-apikeys":  supermetricsListKeys,
	"reveal-apikey": supermetricsGetKey,
	"patch-apikey":  updating(supermetricsPatchKey),
	"unknown-route": unknownRoute,
}

// supermetricsRefuse has the document's codes for what the document names, and
// the canonical ones for the rest.
func supermetricsRefuse(requestID string, err error) refused {
	f := explain(err)
	_, changing := errors.AsType[updateError](err)
	class, ok := supermetrics.Documented(f.kind, f.subject, f.fields, changing)
	if !ok {
		class = supermetrics.Class{Status: f.Status, Code: f.Code, Message: f.Title}
	}
	return refused{class.Status, class.Code, "application/json", class.Answer(requestID, f.detail, f.fields)}
}

// updateError is what went wrong while a key was being changed, for which the
// document has codes of its own.
type updateError struct{ error }

// Unwrap is the error itself.
func (e updateError) Unwrap() error { return e.error }

// updating marks the errors of an endpoint that changes a key, its crashes too.
func updating(e endpoint) endpoint {
	return func(ctx context.Context, api API, c call) (answer, error) {
		done, err := guard(func() (answer, error) { return e(ctx, api, c) })
		if err != nil {
			err = updateError{err}
		}
		return done, err
	}
}

// supermetricsKey is the answer of an operation whose result is a key.
func supermetricsKey(key apikey.Key, names apikey.Names, err error) (answer, error) {
	return answer{body: supermetrics.FromKey(key, names)}, err
}
