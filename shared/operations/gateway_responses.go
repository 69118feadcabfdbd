package operations

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// GatewayResponse is an answer that API Gateway gives without calling a
// function: the authorizer refused or failed, or the route does not exist. Body
// is an API Gateway mapping template; $context variables stand for values of the
// request.
type GatewayResponse struct {
	// Type is API Gateway's name for the situation, such as "UNAUTHORIZED".
	Type string
	// Code is what is wrong, for programs; it may be a variable.
	Code string
	// Status is the HTTP status; 0 keeps API Gateway's own.
	Status  int
	Headers map[string]string
	Body    string
}

// Challenge is the WWW-Authenticate header of every 401 (RFC 9110, RFC 7617, RFC
// 6750). A key can be sent with either scheme.
const Challenge = `Bearer realm="keyward", Basic realm="keyward", charset="UTF-8"`

// RetryAfterSeconds is the Retry-After header of every 503.
const RetryAfterSeconds = "1"

// checkPath ends the details of requests that no route takes. Where such a request has
// an Authorization header, API Gateway takes that for a signature, and answers with
// DEFAULT_4XX and a status of its own: neither the type nor a variable of the template
// distinguishes it from others.
const checkPath = "Check the method and the path."

// ManagementResponses returns the responses of Keyward's own API, which also has a
// page about each error: a problem's type leads there. base stands in URLs before
// the paths of the table: empty, or a stage as "/$context.stage".
func ManagementResponses(base string) []GatewayResponse {
	all := GatewayResponses()
	for i := range all {
		all[i].Body = strings.Replace(all[i].Body, checkPath, checkPath[:len(checkPath)-1]+"; Keyward's own begin with /v1.", 1)
		all[i].Body = strings.Replace(all[i].Body, `"about:blank"`, `"`+base+ErrorPages+all[i].Code+`"`, 1)
	}
	return all
}

// GatewayCodes returns the sorted codes of the responses. Those of the authorizer
// are not among them.
func GatewayCodes() []string {
	var codes []string
	for _, response := range GatewayResponses() {
		if !strings.HasPrefix(response.Code, "$") {
			codes = append(codes, response.Code)
		}
	}
	slices.Sort(codes)
	return slices.Compact(codes)
}

// GatewayResponses returns the responses of every API that Keyward guards. Their
// bodies are RFC 9457 problems, like those of the functions. Their type is
// about:blank, since an API of somebody else has no pages about errors.
func GatewayResponses() []GatewayResponse {
	return []GatewayResponse{
		problem("UNAUTHORIZED", 401, "UNAUTHENTICATED", "Unauthorized", "A valid API key is required. Send it in the header Authorization: Bearer KEY; other headers, such as X-API-Key, are not read.", "WWW-Authenticate", Challenge),
		problem("ACCESS_DENIED", 403, "$context.authorizer.code", "Forbidden", "The API key is valid but may not do this; code says why."),
		problem("AUTHORIZER_FAILURE", 503, "UNAVAILABLE", "Service Unavailable", "The API key could not be checked. Try again.", "Retry-After", RetryAfterSeconds),
		problem("AUTHORIZER_CONFIGURATION_ERROR", 503, "UNAVAILABLE", "Service Unavailable", "The API key could not be checked. Try again.", "Retry-After", RetryAfterSeconds),
		problem("MISSING_AUTHENTICATION_TOKEN", 404, "NOT_FOUND", "Not Found", "There is no such route. "+checkPath),
		problem("REQUEST_TOO_LARGE", 413, "REQUEST_TOO_LARGE", "Content Too Large", "The request is too large."),
		problem("UNSUPPORTED_MEDIA_TYPE", 415, "UNSUPPORTED_MEDIA_TYPE", "Unsupported Media Type", "Send the header Content-Type: application/json."),
		problem("THROTTLED", 429, "THROTTLED", "Too Many Requests", "Too many requests. Try again.", "Retry-After", RetryAfterSeconds),
		problem("INTEGRATION_FAILURE", 503, "UNAVAILABLE", "Service Unavailable", "The service did not answer. Try again.", "Retry-After", RetryAfterSeconds),
		problem("INTEGRATION_TIMEOUT", 503, "UNAVAILABLE", "Service Unavailable", "The service did not answer in time. Try again.", "Retry-After", RetryAfterSeconds),
		problem("DEFAULT_4XX", 0, "REQUEST_REFUSED", "Bad Request", "The gateway refused the request. Most often there is no such route; a firewall or a quota can be the reason too. "+checkPath),
		problem("DEFAULT_5XX", 0, "INTERNAL", "Internal Server Error", "Something went wrong. Try again."),
	}
}

// CORSHeaders let a page of any origin call the API. This is safe because the
// page must add the key to a header itself; it is never in a cookie.
var CORSHeaders = map[string]string{
	"Access-Control-Allow-Origin":   "*",
	"Access-Control-Expose-Headers": "ETag, Idempotent-Replayed, Location, Retry-After, WWW-Authenticate",
}

// PreflightHeaders lists the request headers that a page may send, for the
// Access-Control-Allow-Headers of a CORS preflight.
const PreflightHeaders = "Authorization,Content-Type,If-Match,If-None-Match,Idempotency-Key"

func problem(kind string, status int, code, title, detail string, header ...string) GatewayResponse {
	headers := map[string]string{"Content-Type": "application/problem+json", "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
	maps.Copy(headers, CORSHeaders)
	for i := 0; i+1 < len(header); i += 2 {
		headers[header[i]] = header[i+1]
	}
	member := ""
	if status != 0 {
		member = fmt.Sprintf(`"status":%d,`, status)
	}
	body := fmt.Sprintf(`{"type":"about:blank","title":%q,%s"detail":%q,"code":%q,"requestId":"$context.requestId"}`,
		title, member, detail, code)
	return GatewayResponse{Type: kind, Code: code, Status: status, Headers: headers, Body: body}
}
