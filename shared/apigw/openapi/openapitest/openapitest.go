// Package openapitest checks requests and answers against the OpenAPI document,
// for tests of the adapter and of everything in front of it.
package openapitest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/legacy"

	"github.com/keyward/keyward/shared/apigw"
)

// ErrUndocumented is the error of [Validate] for a route that is not in the
// document.
var ErrUndocumented = errors.New("openapitest: the document has no such route")

var router = sync.OnceValues(func() (routers.Router, error) {
	document, err := openapi3.NewLoader().LoadFromData([]byte(apigw.Document()))
	if err != nil {
		return nil, err
	}
	return legacy.NewRouter(document, openapi3.IsOpenAPI31OrLater(), openapi3.DisableExamplesValidation())
})

// Exchange is a request and its answer, with both bodies read.
type Exchange struct {
	Request     *http.Request
	RequestBody []byte
	Status      int
	Header      http.Header
	Body        []byte
}

// Check fails the test if the exchange violates the document.
func Check(t testing.TB, request *http.Request, requestBody []byte, status int, header http.Header, body []byte) {
	t.Helper()
	if err := Validate(t.Context(), Exchange{request, requestBody, status, header, body}); err != nil {
		t.Errorf("%s %s gave %d, which the OpenAPI document does not describe: %v", request.Method, request.URL.Path, status, err)
	}
}

// Validate reports how the exchange violates the document. It checks the request
// only if the answer accepted it, since tests may send bad requests. Errors:
// [ErrUndocumented], or the violation.
func Validate(ctx context.Context, x Exchange) error {
	routes, err := router()
	if err != nil {
		return fmt.Errorf("the document itself: %w", err)
	}
	route, parameters, err := routes.FindRoute(x.Request)
	if err != nil {
		return fmt.Errorf("%w: %s %s", ErrUndocumented, x.Request.Method, x.Request.URL.Path)
	}
	request := x.Request.Clone(ctx)
	request.Body = io.NopCloser(bytes.NewReader(x.RequestBody))
	request.ContentLength = int64(len(x.RequestBody))
	options := &openapi3filter.Options{
		IncludeResponseStatus:             true,
		RejectWhenRequestBodyNotSpecified: true,
		ExcludeReadOnlyValidations:        true,
		AuthenticationFunc:                openapi3filter.NoopAuthenticationFunc,
		SkipSettingDefaults:               true,
	}
	input := &openapi3filter.RequestValidationInput{Request: request, PathParams: parameters, Route: route, Options: options}
	if accepted(x.Status) {
		if err := openapi3filter.ValidateRequest(ctx, input); err != nil {
			return fmt.Errorf("request: %w", err)
		}
	}
	answer := &openapi3filter.ResponseValidationInput{RequestValidationInput: input, Status: x.Status, Header: x.Header, Options: options}
	if err := openapi3filter.ValidateResponse(ctx, answer.SetBodyBytes(x.Body)); err != nil {
		return fmt.Errorf("response: %w", err)
	}
	if x.Status == http.StatusNoContent && len(x.Body) > 0 {
		return errors.New("response: 204 with a body")
	}
	return nil
}

// accepted reports whether a status says that the request was well formed.
func accepted(status int) bool {
	return status < 400 || status == http.StatusConflict || status == http.StatusPreconditionFailed
}
