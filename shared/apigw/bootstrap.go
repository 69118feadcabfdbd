package apigw

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"github.com/keyward/keyward/shared/apigw/strict"
	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/dialect/canonical"
	"github.com/keyward/keyward/shared/operations"
)

// DirectHandler answers an operator's invocation. Its error's text is for the
// operator: it names fields, and no cause.
type DirectHandler = func(context.Context, json.RawMessage) (json.RawMessage, error)

// SetupError is the error of a [DirectHandler]; Lambda shows the operator its
// type and text.
type SetupError struct {
	// Code is the code of the same fault over HTTP, such as "INVALID_REQUEST".
	Code string
	text string
}

// Error is the code, the detail and every fault's place.
func (e *SetupError) Error() string { return e.text }

// Bootstrap makes an organization and all that it needs, its first admin key
// included. It can be run again.
func Bootstrap(api API) DirectHandler {
	op, _ := operations.Find("bootstrap")
	return func(ctx context.Context, event json.RawMessage) (json.RawMessage, error) {
		began := time.Now()
		var none events.APIGatewayProxyRequest
		text, err := guard(func() (string, error) { return api.setup(ctx, event) })
		if err != nil {
			refused, code := refuse(none, err)
			api.record(ctx, op, none, entry{refused.StatusCode, code, time.Since(began), err})
			return nil, setupError(err)
		}
		api.record(ctx, op, none, entry{200, "", time.Since(began), nil})
		return json.RawMessage(text), nil
	}
}

func (api API) setup(ctx context.Context, event []byte) (string, error) {
	var wire canonical.Setup
	if err := apikeyInvalid(strict.Decode(event, &wire)); err != nil {
		return "", err
	}
	result, err := api.Keys.Bootstrap(ctx, wire.Setup())
	if err != nil {
		return "", err
	}
	return encode(canonical.FromSetup(result))
}

func setupError(err error) *SetupError {
	class := canonical.ClassOf(apikey.KindOf(err))
	lines := []string{class.Code + ": " + class.Detail}
	if fault, ok := errors.AsType[*apikey.Error](err); ok {
		problem := class.Problem("", fault.Detail, fault.Fields)
		lines[0] = class.Code + ": " + problem.Detail
		for _, f := range problem.Errors {
			lines = append(lines, f.Field+": "+f.Detail)
		}
	}
	return &SetupError{class.Code, strings.Join(lines, " ")}
}
