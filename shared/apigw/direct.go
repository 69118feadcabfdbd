package apigw

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/keyward/keyward/shared/operations"
)

// DirectHandler answers an invocation by an operator or a schedule. The text of
// its error is for the operator: it names fields and hides the cause.
type DirectHandler = func(context.Context, json.RawMessage) (json.RawMessage, error)

// DirectError is the error of a [DirectHandler]. Lambda shows its type and text
// to the operator.
type DirectError struct {
	// Code is the code that the same fault has over HTTP, such as
	// "INVALID_REQUEST".
	Code string
	text string
}

// Error returns the code, the detail and the field of every fault.
func (e *DirectError) Error() string { return e.text }

// direct returns the handler of the named operation.
func direct(api API, name string, act func(ctx context.Context, event []byte) (any, error)) DirectHandler {
	op, _ := operations.Find(name)
	return func(ctx context.Context, event json.RawMessage) (json.RawMessage, error) {
		began := time.Now()
		text, err := guard(func() (string, error) {
			done, err := act(ctx, event)
			if err != nil {
				return "", err
			}
			return encode(done)
		})
		e := entry{status: http.StatusOK, duration: time.Since(began), err: err}
		if err == nil {
			api.record(ctx, op, e)
			return json.RawMessage(text), nil
		}
		f := explain(err)
		e.status, e.code = f.Status, f.Code
		api.record(ctx, op, e)
		return nil, directError(f)
	}
}

func directError(f fault) *DirectError {
	problem := f.Problem("", "", f.detail, f.fields, nil)
	lines := []string{f.Code + ": " + problem.Detail}
	for _, fault := range problem.Errors {
		lines = append(lines, fault.Field+": "+fault.Detail)
	}
	return &DirectError{f.Code, strings.Join(lines, " ")}
}
