package demo

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"

	"github.com/aws/aws-lambda-go/events"

	"github.com/keyward/keyward/shared/identity"
)

// errMediaType reports a body that is not declared as JSON, as the Polyteia
// document requires.
var errMediaType = errors.New("send the body with Content-Type: application/json")

// command answers POST /api, the only endpoint of the Polyteia document. It
// accepts {"command": ..., "params": {...}} as application/json, and runs
// nothing.
func command(_ context.Context, text []byte) ([]byte, error) {
	var event events.APIGatewayV2HTTPRequest
	if err := json.Unmarshal(text, &event); err != nil {
		return nil, err
	}
	var said map[string]any
	if authorizer := event.RequestContext.Authorizer; authorizer != nil {
		said = authorizer.Lambda
	}
	caller, err := identity.From(said)
	if err != nil {
		return nil, err
	}
	answer := events.APIGatewayV2HTTPResponse{Headers: jsonHeaders("application/json")}
	name, params, err := readCommand(event)
	if err != nil {
		answer.Headers = jsonHeaders("application/problem+json")
		status, code := http.StatusBadRequest, "INVALID_REQUEST"
		if errors.Is(err, errMediaType) {
			status, code = http.StatusUnsupportedMediaType, "UNSUPPORTED_MEDIA_TYPE"
		}
		answer.StatusCode, answer.Body = problem(status, code, err.Error(), event.RequestContext.RequestID)
		return json.Marshal(answer)
	}
	result := map[string]any{"command": name, "ok": true, "params": params, "orgId": caller.OrgID, "keyId": caller.KeyID}
	if caller.UserID != "" {
		result["userId"] = caller.UserID
	}
	if caller.UserByDefault {
		result["userByDefault"] = true // did not make this call: a shared key without a user
	}
	answer.StatusCode, answer.Body = http.StatusOK, encode(result)
	return json.Marshal(answer)
}

func readCommand(event events.APIGatewayV2HTTPRequest) (name string, params json.RawMessage, err error) {
	if media, _, err := mime.ParseMediaType(event.Headers["content-type"]); err != nil || media != "application/json" {
		return "", nil, errMediaType
	}
	body := []byte(event.Body)
	if event.IsBase64Encoded {
		if body, err = base64.StdEncoding.DecodeString(event.Body); err != nil {
			return "", nil, errors.New("the body is not base64")
		}
	}
	var request struct {
		Command *string         `json:"command"`
		Params  json.RawMessage `json:"params"`
	}
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&request); err != nil || request.Command == nil || *request.Command == "" {
		return "", nil, errors.New(`the body must be {"command": "...", "params": {...}}`)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return "", nil, errors.New("the body has something after its object")
	}
	if len(request.Params) == 0 {
		request.Params = json.RawMessage("{}")
	}
	if request.Params[0] != '{' {
		return "", nil, errors.New("params must be an object")
	}
	return *request.Command, request.Params, nil
}
