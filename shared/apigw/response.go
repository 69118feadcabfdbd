package apigw

import (
	"errors"
	"maps"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/operations"
)

// succeed returns the answer as a proxy response.
func (c call) succeed(done reply) (events.APIGatewayProxyResponse, error) {
	response := events.APIGatewayProxyResponse{StatusCode: c.route.Status, Headers: headers(), Body: done.raw}
	if done.status != 0 {
		response.StatusCode = done.status
	}
	if done.body != nil {
		text, err := encode(*done.body)
		if err != nil {
			return events.APIGatewayProxyResponse{}, err
		}
		response.Body = text
	}
	if err := fits(response.Body); err != nil {
		return events.APIGatewayProxyResponse{}, err
	}
	if response.Body != "" {
		response.Headers["Content-Type"] = "application/json"
	}
	if done.repeated {
		response.Headers[IdempotentReplayed] = "true"
	}
	if !c.dialect.tagged {
		return response, nil
	}
	if done.version != 0 {
		response.Headers["ETag"] = etag(done.version)
	}
	switch done.location {
	case "":
	case ".":
		response.Headers["Location"] = c.publicPath()
	default:
		response.Headers["Location"] = c.publicPath() + "/" + done.location
	}
	return response, nil
}

// publicPath returns the request's path as the caller wrote it, with the stage
// or base path that the gateway strips.
func (c call) publicPath() string {
	if strings.HasSuffix(c.event.RequestContext.Path, c.event.Path) && c.event.Path != "" {
		return c.event.RequestContext.Path
	}
	return c.event.Path
}

// root is the first segment of every path of the canonical dialect.
const root = "v1"

// base returns what stands before the API's own paths in the request's URL: the
// stage or a domain's base path, or nothing. The gateway says it, not the caller;
// the Host header is not read. Either may itself be called "v1", so the base is
// whatever precedes the segments of the route.
func (c call) base() string {
	parts := strings.Split(strings.Trim(c.publicPath(), "/"), "/")
	at := len(parts) - strings.Count(c.route.Path, "/") - strings.Count(c.event.PathParameters["proxy"], "/")
	if at < 0 || parts[at] != root { // a segment may contain a slash
		at = max(0, slices.Index(parts, root))
	}
	if clean := path.Clean("/" + strings.Join(parts[:at], "/")); clean != "/" {
		return clean
	}
	return ""
}

func (c call) requestID() string { return c.event.RequestContext.RequestID }

// fail returns the answer to an error, and its code.
func (c call) fail(err error) (events.APIGatewayProxyResponse, string) {
	formatted := c.dialect.formatError(c, err)
	// An error has only strings and numbers, which always encode.
	text, _ := encode(formatted.body)
	response := events.APIGatewayProxyResponse{StatusCode: formatted.status, Headers: headers(), Body: text}
	response.Headers["Content-Type"] = formatted.media
	switch formatted.status {
	case http.StatusUnauthorized:
		response.Headers["WWW-Authenticate"] = operations.Challenge
	case http.StatusServiceUnavailable:
		response.Headers["Retry-After"] = operations.RetryAfterSeconds
	}
	if e, ok := errors.AsType[*apikey.Error](err); ok && e.RetryAfter > 0 {
		response.Headers["Retry-After"] = strconv.Itoa(int(e.RetryAfter / time.Second))
	}
	return response, formatted.code
}

// headers returns the headers of every answer. No answer may be cached: a page
// of keys is private, and a new key is shown once.
func headers() map[string]string {
	all := map[string]string{"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
	maps.Copy(all, operations.CORSHeaders)
	return all
}

// encode returns valid UTF-8 JSON, even if a record is damaged.
func encode(body any) (string, error) {
	text, err := json.Marshal(body, encoding)
	return string(text), err
}

var encoding = json.JoinOptions(jsontext.AllowInvalidUTF8(true), json.Deterministic(true))
