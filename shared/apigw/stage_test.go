package apigw_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"
	"golang.org/x/text/unicode/norm"

	"github.com/keyward/keyward/shared/apigw"
	"github.com/keyward/keyward/shared/apigw/openapi/openapitest"
	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/apikeytest"
	"github.com/keyward/keyward/shared/dialect/canonical"
	"github.com/keyward/keyward/shared/dynamo"
	"github.com/keyward/keyward/shared/operations"
	"github.com/keyward/keyward/shared/permission"
	"github.com/keyward/keyward/shared/routing"
	"github.com/keyward/keyward/shared/uuid"
	"github.com/keyward/keyward/shared/verify/question"
)

// stage is an API on an in-memory store, with the organization "demo".
type stage struct {
	t     *testing.T
	api   apigw.API
	store *apikeytest.Store
	clock *apikeytest.Clock
	log   *bytes.Buffer
	// admin is a personal key of owner, who is an OWNER.
	admin apikey.Minted
	owner apikey.User
	bus   *fakeBus
}

// fakeBus records events. It fails those of the subjects in failing.
type fakeBus struct {
	published []canonical.Event
	failing   map[string]bool
}

func (b *fakeBus) Publish(_ context.Context, all []canonical.Event) []error {
	failures := make([]error, len(all))
	for i, event := range all {
		if b.failing[event.Subject] {
			failures[i] = errors.New("throttled")
			continue
		}
		b.published = append(b.published, event)
	}
	return failures
}

// vault stands in for one that encrypts.
type vault struct{}

func (vault) Seal(_ context.Context, _ uuid.UUID, text string) ([]byte, error) {
	return []byte(text), nil
}

func (vault) Open(_ context.Context, _ uuid.UUID, sealed []byte) (string, error) {
	return string(sealed), nil
}

func newStage(t *testing.T) *stage {
	t.Helper()
	s := &stage{t: t, store: apikeytest.NewStore(), clock: apikeytest.NewClock(), log: &bytes.Buffer{}, bus: &fakeBus{}}
	peppers := &apikeytest.Peppers{}
	s.api = apigw.API{
		Log: slog.New(slog.NewJSONHandler(s.log, nil)),
		Bus: s.bus, AuditRecord: dynamo.AuditRecord, Uses: dynamo.Uses,
		Rules: &apikey.Rules{
			Store: s.store, Digester: peppers, PepperMaker: peppers, Vault: vault{}, Outcomes: vault{},
			Now: s.clock.Now, Entropy: apikeytest.Entropy(1), NFC: norm.NFC.String,
		},
	}
	result := s.organization("demo")
	s.admin, s.owner = *result.Admin, result.Owner
	return s
}

// organization creates an organization with its owner, the owner's key, and the
// catalogue of these tests.
func (s *stage) organization(id apikey.OrgID) apikey.SetupResult {
	s.t.Helper()
	result, err := s.api.Rules.Bootstrap(s.t.Context(), apikey.Setup{
		Organization: id, KeyPrefix: "kw", Recoverable: true, AdminKey: "Admin",
		OwnerEmail: "owner@example.com", OwnerName: "Olive Owner",
		Services: []apikey.SetupService{{ID: "demo", ServiceDraft: apikey.ServiceDraft{
			Name:        "Files",
			Permissions: []apikey.Permission{{Name: "ManageFiles"}, {Name: "ViewTables", Description: "Read tables"}},
			APIs:        []routing.API{{Account: "123456789012", ID: "demo" + string(id)}},
			Routes:      []routing.Route{{Method: "POST", Path: "/v1/files", Permissions: []string{"ManageFiles"}}},
		}}},
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return result
}

// key creates a key as the admin.
func (s *stage) key(name string, permissions ...string) apikey.Minted {
	s.t.Helper()
	return s.make(apikey.Draft{Name: name, Permissions: permission.NewSet(permissions...)})
}

// make creates a key of any kind as the admin.
func (s *stage) make(draft apikey.Draft) apikey.Minted {
	s.t.Helper()
	minted, err := s.api.Rules.Create(s.t.Context(), s.by(), draft)
	if err != nil {
		s.t.Fatal(err)
	}
	return minted
}

// by returns the admin as a caller for the rules.
func (s *stage) by() apikey.Caller { return apikey.Caller{Org: "demo", Key: s.admin.Key.ID} }

// event returns a request by the admin to an operation's first route. An empty
// id or body is left out.
func (s *stage) event(name, id, body string) events.APIGatewayProxyRequest {
	s.t.Helper()
	op, ok := operations.Find(name)
	if !ok || op.Direct() {
		s.t.Fatalf("no operation %s", name)
	}
	return s.eventAt(op.Routes[0], id, body)
}

// eventAt is event for any route.
func (s *stage) eventAt(route operations.Route, id, body string) events.APIGatewayProxyRequest {
	event := events.APIGatewayProxyRequest{
		Resource: route.Path, HTTPMethod: route.Method, Path: strings.Replace(route.Path, "{id}", url.PathEscape(id), 1),
		Headers: map[string]string{}, Body: body,
	}
	if body != "" {
		event.Headers["content-type"] = "application/json"
	}
	if route.Path == "/v1/introspect" {
		event.Headers["content-type"] = "application/x-www-form-urlencoded"
	}
	if id != "" {
		event.PathParameters = map[string]string{"id": id}
	}
	event.RequestContext.RequestID = "request-1"
	event.RequestContext.Identity.SourceIP = "192.0.2.1"
	s.as(&event, s.admin.Key)
	return event
}

// as replaces the event's key.
func (s *stage) as(event *events.APIGatewayProxyRequest, key apikey.Key) {
	event.RequestContext.Authorizer = map[string]any{"orgId": string(key.Org), "keyId": key.ID.String()}
}

// handler returns the handler of an operation with routes.
func (s *stage) handler(name string) apigw.Handler {
	s.t.Helper()
	s.api.Questions = question.New(s.api.Rules)
	found, _ := apigw.Find(s.api, name)
	handler, ok := found.(apigw.Handler)
	if !ok {
		s.t.Fatalf("%s has no handler: give it a row in shared/apigw, beside the others about the same thing", name)
	}
	return handler
}

// call sends the event, and checks the rules for every answer.
func (s *stage) call(name string, event events.APIGatewayProxyRequest) events.APIGatewayProxyResponse {
	s.t.Helper()
	response, err := s.handler(name)(s.t.Context(), event)
	if err != nil {
		s.t.Fatalf("%s returned a Go error: %v", name, err)
	}
	s.checkHeaders(event, response)
	if name != "unknown-route" {
		s.checkDocument(event, response)
	}
	return response
}

func (s *stage) checkHeaders(event events.APIGatewayProxyRequest, response events.APIGatewayProxyResponse) {
	s.t.Helper()
	want := map[string]string{"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "Access-Control-Allow-Origin": "*"}
	switch {
	case response.StatusCode >= 400 && strings.HasPrefix(event.Resource, "/v1/"):
		want["Content-Type"] = "application/problem+json"
	case response.StatusCode == http.StatusAccepted && response.Body == "":
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

// problem is a problem as a client parses it.
type problem struct {
	Type, Title, Detail, Code, RequestID string
	Status                               int
	Errors                               []struct{ Field, Code, Detail string }
}

// refused returns the problem of an answer, which must have this status and
// code.
func (s *stage) refused(response events.APIGatewayProxyResponse, status int, code string) problem {
	s.t.Helper()
	p := decode[problem](s.t, response.Body)
	if response.StatusCode != status || p.Status != status || p.Code != code || p.Type != operations.ErrorPages+code || p.RequestID != "request-1" || p.Detail == "" {
		s.t.Errorf("got %d %s, want %d %s", response.StatusCode, response.Body, status, code)
	}
	return p
}

// refusedAt is refused for a route of any dialect.
func (s *stage) refusedAt(route operations.Route, response events.APIGatewayProxyResponse, status int, code string) {
	s.t.Helper()
	if route.Dialect == operations.Canonical {
		s.refused(response, status, code)
		return
	}
	type said struct{ Code string }
	if got := decode[struct{ Error said }](s.t, response.Body).Error; response.StatusCode != status || got.Code != code {
		s.t.Errorf("%s %s gave %d %s, want %d %s", route.Method, route.Path, response.StatusCode, response.Body, status, code)
	}
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
