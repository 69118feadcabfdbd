package gateway

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/keyward/keyward/shared/operations"
)

// rig is a gateway with one API of each kind and shape, whose functions and
// authorizers belong to the test.
type rig struct {
	*httptest.Server
	gateway *Gateway
	t       *testing.T
	// authorizer and function answer each event; the events are recorded.
	authorizer, function           func(event []byte) ([]byte, error)
	authorizerEvent, functionEvent map[string]any
	asked                          atomic.Int32
}

const allowAll = `{"principalId":"p","policyDocument":{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"execute-api:Invoke","Resource":"*"}]},
	"context":{"orgId":"demo","number":12,"yes":true}}`

func fixed(text string) func([]byte) ([]byte, error) {
	return func([]byte) ([]byte, error) { return []byte(text), nil }
}

func newRig(t *testing.T, edit func(*Config)) *rig {
	t.Helper()
	r := &rig{t: t, authorizer: fixed(allowAll), function: fixed(`{"statusCode":200,"body":"{}"}`)}
	ask := func(_ context.Context, event []byte) ([]byte, error) {
		r.asked.Add(1)
		r.authorizerEvent = decode(t, event)
		return r.authorizer(event)
	}
	act := func(_ context.Context, event []byte) ([]byte, error) {
		r.functionEvent = decode(t, event)
		return r.function(event)
	}
	config := Config{
		Region: "us-east-1", Account: "000000000000", Responses: operations.GatewayResponses(),
		Log: func(line string) { t.Log(line) },
		APIs: []API{
			{ID: "keyward", Stage: "v1", Authorizer: &Authorizer{Shape: RequestShape, Invoke: ask}, Routes: []Route{
				{Method: "POST", Path: "/v1/apikeys", Invoke: act},
				{Method: "GET", Path: "/v1/apikeys/{id}", Invoke: act},
				{Method: "GET", Path: "/v1/open", Public: true, Invoke: act},
			}},
			{ID: "demo", Stage: "v1", Binary: true, Authorizer: &Authorizer{Shape: TokenShape, Invoke: ask}, Routes: []Route{
				{Method: "POST", Path: "/v1/files", Invoke: act},
			}},
			{Kind: HTTP, ID: "demo-http", Stage: "$default", Authorizer: &Authorizer{Shape: SimpleShape, Invoke: ask}, Routes: []Route{
				{Method: "POST", Path: "/api/{name}", Invoke: act},
			}},
			{Kind: HTTP, ID: "demo-1", Stage: "$default", Authorizer: &Authorizer{Shape: Payload1Shape, Invoke: ask}, Routes: []Route{
				{Method: "GET", Path: "/one/{name}", Invoke: act},
			}},
			{Kind: HTTP, ID: "demo-policy", Stage: "live", Variables: map[string]string{"a": "b"}, Authorizer: &Authorizer{Shape: PolicyShape, Invoke: ask}, Routes: []Route{
				{Method: "GET", Path: "/two/{name}", Invoke: act},
			}},
			{Kind: WebSocket, ID: "demo-ws", Stage: "live", Authorizer: &Authorizer{Invoke: ask}, Routes: []Route{
				{Method: "GET", Path: "/socket", Invoke: act},
			}},
			{Kind: GraphQL, ID: "demo-graphql", Authorizer: &Authorizer{Invoke: ask}, Routes: []Route{
				{Method: "POST", Path: "/graphql", Invoke: act},
			}},
		},
	}
	if edit != nil {
		edit(&config)
	}
	r.gateway = New(config)
	r.Server = httptest.NewServer(r.gateway)
	t.Cleanup(r.Close)
	return r
}

func decode(t *testing.T, text []byte) map[string]any {
	t.Helper()
	var value map[string]any
	if err := json.Unmarshal(text, &value); err != nil {
		t.Errorf("not JSON: %v: %s", err, text)
	}
	return value
}

// send makes a request with a credential; headers are "Name: value" lines, and
// "-Authorization" leaves the credential out.
func (r *rig) send(method, path, body string, headers ...string) (*http.Response, string) {
	r.t.Helper()
	req, err := http.NewRequestWithContext(r.t.Context(), method, r.URL+path, strings.NewReader(body))
	if err != nil {
		r.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer key")
	for _, line := range headers {
		name, value, _ := strings.Cut(line, ": ")
		if name == "-Authorization" {
			req.Header.Del("Authorization")
			continue
		}
		req.Header.Add(name, value)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		r.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		r.t.Fatal(err)
	}
	return res, string(text)
}

// at follows a dotted path into nested JSON objects.
func at(value any, path string) any {
	for name := range strings.SplitSeq(path, ".") {
		object, _ := value.(map[string]any)
		value = object[name]
	}
	return value
}

// expect compares fields of an event with expected values.
func expect(t *testing.T, event map[string]any, fields map[string]any) {
	t.Helper()
	for path, want := range fields {
		got, _ := json.Marshal(at(event, path))
		wanted, _ := json.Marshal(want)
		if string(got) != string(wanted) {
			t.Errorf("%s is %s, want %s", path, got, wanted)
		}
	}
}
