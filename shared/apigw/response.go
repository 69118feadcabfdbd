package apigw

import (
	"errors"
	"maps"
	"strconv"
	"strings"

	"github.com/aws/aws-lambda-go/events"
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/dialect/canonical"
	"github.com/keyward/keyward/shared/operations"
)

// refusal is what the adapter refuses by itself, where no kind of the rules'
// errors fits.
type refusal struct {
	class  canonical.Class
	detail string
}

// Error is the detail.
func (r refusal) Error() string { return r.detail }

func tooLarge() error {
	return refusal{canonical.TooLarge, "The body is larger than " + strconv.Itoa(MaxBody>>10) + " KiB."}
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

// succeed is the answer as the gateway takes it.
func succeed(op operations.Operation, event events.APIGatewayProxyRequest, done answer) (events.APIGatewayProxyResponse, error) {
	response := events.APIGatewayProxyResponse{StatusCode: op.Status, Headers: headers(), Body: done.raw}
	if done.body != nil {
		text, err := encode(done.body)
		if err != nil {
			return events.APIGatewayProxyResponse{}, err
		}
		response.Body = text
	}
	if response.Body != "" {
		response.Headers["Content-Type"] = "application/json"
	}
	if done.version != 0 {
		response.Headers["ETag"] = etag(done.version)
	}
	if done.location != "" {
		response.Headers["Location"] = publicPath(op, event) + "/" + done.location
	}
	return response, nil
}

// publicPath is the operation's path as the caller wrote it, so with the stage
// or the base path that the gateway takes away.
func publicPath(op operations.Operation, event events.APIGatewayProxyRequest) string {
	if strings.HasSuffix(event.RequestContext.Path, op.Path) {
		return event.RequestContext.Path
	}
	return op.Path
}

// refuse is the problem that an error is to the caller, and its code.
func refuse(event events.APIGatewayProxyRequest, err error) (events.APIGatewayProxyResponse, string) {
	class, detail := canonical.ClassOf(apikey.KindOf(err)), ""
	var fields []apikey.FieldError
	if fault, ok := errors.AsType[*apikey.Error](err); ok {
		detail, fields = fault.Detail, fault.Fields
	} else if own, ok := errors.AsType[refusal](err); ok {
		class, detail = own.class, own.detail
	}
	// A problem is of strings and numbers only, which always encode.
	text, _ := encode(class.Problem(event.RequestContext.RequestID, detail, fields))
	response := events.APIGatewayProxyResponse{StatusCode: class.Status, Headers: headers(), Body: text}
	response.Headers["Content-Type"] = "application/problem+json"
	switch class.Status {
	case 401:
		response.Headers["WWW-Authenticate"] = operations.Challenge
	case 503:
		response.Headers["Retry-After"] = operations.RetryAfterSeconds
	}
	return response, class.Code
}

// headers are those of every answer. None may be kept by a cache: a page of
// keys is nobody else's, and a new key is shown once.
func headers() map[string]string {
	all := map[string]string{"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
	maps.Copy(all, operations.CORSHeaders)
	return all
}

// encode writes JSON that is valid UTF-8 even where a record is damaged.
func encode(body any) (string, error) {
	text, err := json.Marshal(body, jsontext.AllowInvalidUTF8(true))
	return string(text), err
}
