// Package wire holds the types and requests of Keyward's API. They are generated
// from its OpenAPI document, in wire.gen.go. Programs use package client, which
// sends the requests and reads the answers.
package wire

//go:generate go run ./generate

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// request is what the generated functions know about a request.
type request struct {
	Method string
	// Path has a %s for each of the Segments.
	Path     string
	Segments []string
	Query    url.Values
	Header   http.Header
	// Type is the content type of the Body, and empty if there is none.
	Type string
	Body any
}

// build returns the request to a server, whose URL may have a path. A segment
// that would lead to another path is an error.
func (r request) build(ctx context.Context, server string) (*http.Request, error) {
	segments := make([]any, len(r.Segments))
	for i, segment := range r.Segments {
		if segment == "" || segment == "." || segment == ".." {
			return nil, errors.New("the id in the request's path must not be empty or dots")
		}
		segments[i] = url.PathEscape(segment)
	}
	target := strings.TrimSuffix(server, "/") + fmt.Sprintf(r.Path, segments...)
	if len(r.Query) > 0 {
		target += "?" + r.Query.Encode()
	}
	body, err := r.encode()
	if err != nil {
		return nil, err
	}
	built, err := http.NewRequestWithContext(ctx, r.Method, target, body)
	if err != nil {
		return nil, err
	}
	for name, values := range r.Header {
		built.Header[name] = values
	}
	if r.Type != "" {
		built.Header.Set("Content-Type", r.Type)
	}
	return built, nil
}

// encode returns the body, which can be read again for a repetition, or nil.
func (r request) encode() (io.Reader, error) {
	if r.Type == "" {
		return nil, nil
	}
	text, err := json.Marshal(r.Body)
	if err != nil || r.Type == "application/json" {
		return bytes.NewReader(text), err
	}
	var members map[string]string
	if err := json.Unmarshal(text, &members); err != nil {
		return nil, err
	}
	form := url.Values{}
	for name, value := range members {
		form.Set(name, value)
	}
	return strings.NewReader(form.Encode()), nil
}

// parameter is a type that a query parameter or header can have.
type parameter interface {
	~string | ~int | ~bool | *bool | time.Time
}

// set hands the text of a parameter to put, unless it is the zero value.
func set[T parameter](put func(name, text string), name string, value T) {
	switch v := any(value).(type) {
	case int:
		if v != 0 {
			put(name, strconv.Itoa(v))
		}
	case bool:
		if v {
			put(name, "true")
		}
	case *bool:
		if v != nil {
			put(name, strconv.FormatBool(*v))
		}
	case time.Time:
		if !v.IsZero() {
			put(name, v.UTC().Format(time.RFC3339Nano))
		}
	default:
		if text := fmt.Sprint(v); text != "" {
			put(name, text)
		}
	}
}
