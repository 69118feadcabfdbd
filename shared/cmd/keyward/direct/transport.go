package direct

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/keyward/keyward/shared/cmd/keyward/failure"
	"github.com/keyward/keyward/shared/operations"
)

// Base is the URL of requests that a [Transport] carries. Nothing listens there.
const Base = "https://direct.invalid"

// Transport carries requests of the API as events to the functions, in the name of
// a user of an organization.
type Transport struct {
	Invoker            *Invoker
	Organization, User string
}

// event is what the functions read of an event of API Gateway.
type event struct {
	Resource   string              `json:"resource"`
	Path       string              `json:"path"`
	HTTPMethod string              `json:"httpMethod"`
	Headers    map[string][]string `json:"multiValueHeaders"`
	Query      map[string][]string `json:"multiValueQueryStringParameters"`
	Parameters map[string]string   `json:"pathParameters"`
	Context    struct {
		Authorizer map[string]string `json:"authorizer"`
		Identity   struct {
			UserAgent string `json:"userAgent"`
		} `json:"identity"`
		HTTPMethod   string `json:"httpMethod"`
		ResourcePath string `json:"resourcePath"`
	} `json:"requestContext"`
	Body string `json:"body"`
}

// answer holds the fields of a function's response that API Gateway uses.
type answer struct {
	Status       int                 `json:"statusCode"`
	Headers      map[string]string   `json:"headers"`
	MultiHeaders map[string][]string `json:"multiValueHeaders"`
	Body         string              `json:"body"`
	Encoded      bool                `json:"isBase64Encoded"`
}

// RoundTrip invokes the function of a request's operation. The request's credential
// is not passed on.
func (t *Transport) RoundTrip(request *http.Request) (*http.Response, error) {
	if request.Body == nil {
		request.Body = http.NoBody
	}
	defer func() { _ = request.Body.Close() }()
	body, err := io.ReadAll(request.Body)
	if err != nil {
		return nil, err
	}
	function, route, parameters := find(request.Method, request.URL.Path)
	if function == "" {
		return nil, failure.Usagef("%s %s cannot be done with --direct", request.Method, request.URL.Path)
	}
	e := event{Resource: route, Path: request.URL.Path, HTTPMethod: request.Method, Query: request.URL.Query(), Parameters: parameters, Body: string(body)}
	e.Headers = request.Header.Clone()
	delete(e.Headers, "Authorization")
	e.Context.Authorizer = map[string]string{"principalId": t.User, "orgId": t.Organization, "userId": t.User}
	e.Context.Identity.UserAgent = request.UserAgent() + " direct " + t.Invoker.AccessKey
	e.Context.HTTPMethod, e.Context.ResourcePath = request.Method, route
	text, err := json.Marshal(e)
	if err != nil {
		return nil, err
	}
	told, err := t.Invoker.Invoke(request.Context(), function, text)
	if err != nil {
		return nil, err
	}
	return response(request, told)
}

func response(request *http.Request, told []byte) (*http.Response, error) {
	var a answer
	if err := json.Unmarshal(told, &a); err != nil || a.Status == 0 {
		return nil, failure.Outagef("the function did not answer like an API: check --deployment")
	}
	header := http.Header{}
	for name, value := range a.Headers {
		header.Set(name, value)
	}
	for name, values := range a.MultiHeaders {
		header[http.CanonicalHeaderKey(name)] = values
	}
	content := []byte(a.Body)
	if a.Encoded {
		var err error
		if content, err = base64.StdEncoding.DecodeString(a.Body); err != nil {
			return nil, fmt.Errorf("the function's answer: %w", err)
		}
	}
	return &http.Response{
		Status: http.StatusText(a.Status), StatusCode: a.Status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: header, Body: io.NopCloser(bytes.NewReader(content)), ContentLength: int64(len(content)), Request: request,
	}, nil
}

// find returns the operation of a path of the canonical API, its template, and the
// values of the template's parameters; "" if there is none.
func find(method, path string) (function, template string, parameters map[string]string) {
	for _, op := range operations.All() {
		for _, route := range op.Routes {
			if op.Public || route.Dialect != operations.Canonical || route.Method != method {
				continue
			}
			if parameters, ok := match(route.Path, path); ok {
				return op.Name, route.Path, parameters
			}
		}
	}
	return "", "", nil
}

func match(template, path string) (map[string]string, bool) {
	wanted, given := strings.Split(template, "/"), strings.Split(path, "/")
	if len(wanted) != len(given) {
		return nil, false
	}
	parameters := map[string]string{}
	for i, segment := range wanted {
		name, parameter := strings.CutPrefix(segment, "{")
		switch {
		case parameter:
			parameters[strings.TrimSuffix(name, "}")] = given[i]
		case segment != given[i]:
			return nil, false
		}
	}
	return parameters, true
}
