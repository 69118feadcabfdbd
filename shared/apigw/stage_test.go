package apigw_test

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"

	"github.com/keyward/keyward/shared/apigw"
	"github.com/keyward/keyward/shared/apigw/openapi/openapitest"
	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/apikeytest"
	"github.com/keyward/keyward/shared/operations"
)

// stage is an API over a store in memory, with the organization "demo" and its
// admin key.
type stage struct {
	t     *testing.T
	api   apigw.API
	store *apikeytest.Store
	clock *apikeytest.Clock
	log   *bytes.Buffer
	admin apikey.Minted
}

func newStage(t *testing.T) *stage {
	t.Helper()
	s := &stage{t: t, store: apikeytest.NewStore(), clock: apikeytest.NewClock(), log: &bytes.Buffer{}}
	peppers := &apikeytest.Peppers{}
	s.api = apigw.API{
		Log: slog.New(slog.NewJSONHandler(s.log, nil)),
		Keys: &apikey.Keys{
			Store: s.store, Digester: peppers, PepperMaker: peppers,
			Now: s.clock.Now, Entropy: apikeytest.Entropy(1),
		},
	}
	s.admin = s.organization("demo", apikey.DefaultMaxKeys)
	return s
}

// organization makes one with its admin key and the catalogue of these tests.
func (s *stage) organization(id apikey.OrgID, keys int) apikey.Minted {
	s.t.Helper()
	result, err := s.api.Keys.Bootstrap(s.t.Context(), apikey.Setup{
		Organization: id, MaxKeys: keys, AdminKey: "Admin",
		Permissions: []apikey.Permission{{Name: "ManageFiles"}, {Name: "ViewTables", Description: "Read tables"}},
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return *result.Admin
}

// key makes a key by the admin's hand.
func (s *stage) key(name string, permissions ...string) apikey.Minted {
	s.t.Helper()
	by := apikey.Caller{Org: "demo", Key: s.admin.Key.ID}
	minted, err := s.api.Keys.Create(s.t.Context(), by, apikey.Draft{Name: name, Permissions: apikey.NewPermissions(permissions...)})
	if err != nil {
		s.t.Fatal(err)
	}
	return minted
}

// event is a request to an operation by the admin; an id and a body are set
// where they are not empty.
func (s *stage) event(name, id, body string) events.APIGatewayProxyRequest {
	s.t.Helper()
	op, ok := operations.Find(name)
	if !ok {
		s.t.Fatalf("no operation %s", name)
	}
	event := events.APIGatewayProxyRequest{
		Resource: op.Path, HTTPMethod: op.Method, Path: strings.Replace(op.Path, "{id}", url.PathEscape(id), 1),
		Headers: map[string]string{}, Body: body,
	}
	if body != "" {
		event.Headers["content-type"] = "application/json"
	}
	if id != "" {
		event.PathParameters = map[string]string{"id": id}
	}
	event.RequestContext.RequestID = "request-1"
	event.RequestContext.Identity.SourceIP = "192.0.2.1"
	s.as(&event, s.admin.Key)
	return event
}

// as makes the event one of another key.
func (s *stage) as(event *events.APIGatewayProxyRequest, key apikey.Key) {
	event.RequestContext.Authorizer = map[string]any{"orgId": string(key.Org), "keyId": key.ID.String()}
}

// call sends the event, and checks what holds for every answer.
func (s *stage) call(name string, event events.APIGatewayProxyRequest) events.APIGatewayProxyResponse {
	s.t.Helper()
	found, ok := apigw.Find(s.api, name)
	handler, isHandler := found.(apigw.Handler)
	if !ok || !isHandler {
		s.t.Fatalf("%s has the handler %T", name, found)
	}
	response, err := handler(s.t.Context(), event)
	if err != nil {
		s.t.Fatalf("%s returned a Go error: %v", name, err)
	}
	s.checkHeaders(response)
	s.checkDocument(event, response)
	return response
}

func (s *stage) checkHeaders(response events.APIGatewayProxyResponse) {
	s.t.Helper()
	want := map[string]string{"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "Access-Control-Allow-Origin": "*"}
	switch {
	case response.StatusCode >= 400:
		want["Content-Type"] = "application/problem+json"
	case response.StatusCode != http.StatusNoContent:
		want["Content-Type"] = "application/json"
	}
	if response.StatusCode == http.StatusUnauthorized {
		want["WWW-Authenticate"] = operations.Challenge
	}
	if response.StatusCode == http.StatusServiceUnavailable {
		want["Retry-After"] = operations.RetryAfterSeconds
	}
	for name, value := range want {
		if got := response.Headers[name]; got != value {
			s.t.Errorf("%s: %q, want %q", name, got, value)
		}
	}
}

func (s *stage) checkDocument(event events.APIGatewayProxyRequest, response events.APIGatewayProxyResponse) {
	s.t.Helper()
	query := url.Values{}
	for name, value := range event.QueryStringParameters {
		query.Set(name, value)
	}
	request := httptest.NewRequest(event.HTTPMethod, (&url.URL{Path: event.Path, RawQuery: query.Encode()}).String(), nil)
	for name, value := range event.Headers {
		request.Header.Set(name, value)
	}
	header := http.Header{}
	for name, value := range response.Headers {
		header.Set(name, value)
	}
	openapitest.Check(s.t, request, []byte(event.Body), response.StatusCode, header, []byte(response.Body))
}

// problem is a problem as a client reads it.
type problem struct {
	Type, Title, Detail, Code, RequestID string
	Status                               int
	Errors                               []struct{ Field, Code, Detail string }
}

// refused decodes the problem of an answer that must have this status and code.
func (s *stage) refused(response events.APIGatewayProxyResponse, status int, code string) problem {
	s.t.Helper()
	p := decode[problem](s.t, response.Body)
	if response.StatusCode != status || p.Status != status || p.Code != code || p.Type != "about:blank" || p.RequestID != "request-1" || p.Detail == "" {
		s.t.Errorf("got %d %s, want %d %s", response.StatusCode, response.Body, status, code)
	}
	return p
}

func decode[T any](t *testing.T, text string) T {
	t.Helper()
	var value T
	if err := json.Unmarshal([]byte(text), &value); err != nil {
		t.Fatalf("%q: %v", text, err)
	}
	return value
}

// unknownID is an id that no key has.
const unknownID = "11111111-2222-4333-8444-555555555555"
