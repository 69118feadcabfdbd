package openapitest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
)

// Transport is an [http.RoundTripper] that checks every exchange against the
// document. It ignores routes that the document does not have, such as those of
// another API on the same server.
type Transport struct {
	// Base makes the request; nil means [http.DefaultTransport].
	Base http.RoundTripper
	// Fail receives each violation. It must be safe for concurrent use, as
	// testing.T's Errorf is.
	Fail func(error)
}

// RoundTrip implements [http.RoundTripper]. Its errors are Base's, and those of
// reading the bodies.
func (t Transport) RoundTrip(request *http.Request) (*http.Response, error) {
	var sent []byte
	if request.Body != nil {
		var err error
		if sent, err = io.ReadAll(request.Body); err != nil {
			return nil, err
		}
		_ = request.Body.Close()
		request = request.Clone(request.Context())
		request.Body = io.NopCloser(bytes.NewReader(sent))
	}
	base := t.Base
	if base == nil {
		base = http.DefaultTransport
	}
	response, err := base.RoundTrip(request)
	if err != nil {
		return nil, err
	}
	got, err := io.ReadAll(response.Body)
	_ = response.Body.Close()
	if err != nil {
		return nil, err
	}
	response.Body = io.NopCloser(bytes.NewReader(got))
	err = Validate(request.Context(), Exchange{request, sent, response.StatusCode, response.Header, got})
	if err != nil && !errors.Is(err, ErrUndocumented) {
		t.Fail(fmt.Errorf("%s %s gave %d: %w", request.Method, request.URL.Path, response.StatusCode, err))
	}
	return response, nil
}
