package gateway

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
)

// situation is a reason for which the gateway itself answers: with a gateway
// response for REST APIs, a fixed answer for HTTP APIs.
type situation struct {
	// kind is API Gateway's name for it; status and errorType are its defaults.
	kind      string
	status    int
	errorType string
	// httpStatus and httpMessage are an HTTP API's answer.
	httpStatus  int
	httpMessage string
}

var (
	unauthenticated = situation{"UNAUTHORIZED", 401, "UnauthorizedException", 401, "Unauthorized"}
	accessDenied    = situation{"ACCESS_DENIED", 403, "AccessDeniedException", 403, "Forbidden"}
	// authorizerConfiguration stands for every error of an authorizer but
	// "Unauthorized", and every unusable answer.
	authorizerConfiguration = situation{"AUTHORIZER_CONFIGURATION_ERROR", 500, "AuthorizerConfigurationException", 500, "Internal Server Error"}
	missingRoute            = situation{"MISSING_AUTHENTICATION_TOKEN", 403, "MissingAuthenticationTokenException", 404, "Not Found"}
	// unsignedRoute is a request with an Authorization header for an unknown route
	// of a REST API, which takes the header for an AWS signature.
	unsignedRoute      = situation{"DEFAULT_4XX", 403, "IncompleteSignatureException", 404, "Not Found"}
	tooLargeRequest    = situation{"REQUEST_TOO_LARGE", 413, "RequestTooLargeException", 413, "Request Entity Too Large"}
	upgradeRequired    = situation{"DEFAULT_4XX", 426, "UpgradeRequiredException", 426, "Upgrade Required"}
	badRequest         = situation{"DEFAULT_4XX", 400, "BadRequestException", 400, "Bad Request"}
	integrationTimeout = situation{"INTEGRATION_TIMEOUT", 504, "InternalServerErrorException", 503, "Service Unavailable"}
	integrationFailure = situation{"INTEGRATION_FAILURE", 504, "InternalServerErrorException", 500, "Internal Server Error"}
	// badProxyResponse means that a function failed or gave an invalid answer.
	badProxyResponse = situation{"DEFAULT_5XX", 502, "InternalServerErrorException", 500, "Internal Server Error"}
)

// refusal is the error for a request that the gateway answers itself.
type refusal struct {
	situation
	why string // for the log
}

func (r *refusal) Error() string { return r.kind + ": " + r.why }

func refused(s situation, why string) error { return &refusal{s, why} }

// refuseUnknown returns the refusal of a request that no route takes.
func (c *call) refuseUnknown() error {
	if c.api.Kind == REST && c.http.Header.Get("Authorization") != "" {
		return refused(unsignedRoute, "no such route, and no signature")
	}
	return refused(missingRoute, "no such route")
}

// customize applies the gateway response of that type and reports whether there
// is one.
func (g *Gateway) customize(c *call, kind string, a *answer) bool {
	all := c.api.Responses
	if all == nil {
		all = g.config.Responses
	}
	for _, response := range all {
		if response.Type != kind {
			continue
		}
		if response.Status != 0 {
			a.status = response.Status
		}
		for name, value := range response.Headers {
			a.header.Set(name, value)
		}
		a.body = []byte(c.render(response.Body))
		return true
	}
	return false
}

var variable = regexp.MustCompile(`\$context\.[A-Za-z]+(\.[A-Za-z0-9_]+)*`)

// render replaces a template's $context variables. Missing values become empty;
// others are escaped for use inside a JSON string.
func (c *call) render(template string) string {
	return variable.ReplaceAllStringFunc(template, func(name string) string {
		quoted, _ := json.Marshal(c.variable(strings.TrimPrefix(name, "$context.")))
		return string(quoted[1 : len(quoted)-1])
	})
}

func (c *call) variable(name string) string {
	if property, found := strings.CutPrefix(name, "authorizer."); found {
		if value, ok := c.context[property]; ok {
			return fmt.Sprint(value)
		}
		return ""
	}
	return map[string]string{
		"requestId": c.id, "extendedRequestId": c.id, "apiId": c.api.ID, "stage": c.api.Stage,
		"httpMethod": c.http.Method, "path": c.path, "identity.sourceIp": c.source,
	}[name]
}
