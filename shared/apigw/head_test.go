package apigw_test

import (
	"maps"
	"net/http"
	"testing"

	"github.com/aws/aws-lambda-go/events"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/dialect/supermetrics"
	"github.com/keyward/keyward/shared/operations"
)

// HEAD is answered like GET on every route that has GET: same status and
// headers, no body. That holds for successes and errors in every format.
func TestHead(t *testing.T) {
	s, tried := newStage(t), 0
	s.service("files")
	at := s.target()
	for _, op := range operations.All() {
		for _, route := range op.Served() {
			if route.Method != "HEAD" {
				continue
			}
			tried++
			for name, change := range map[string]func(*events.APIGatewayProxyRequest){
				"success": func(*events.APIGatewayProxyRequest) {},
				"unauthenticated": func(e *events.APIGatewayProxyRequest) {
					e.RequestContext.Authorizer = nil
				},
				"invalid": func(e *events.APIGatewayProxyRequest) {
					e.QueryStringParameters = map[string]string{"x": "y"}
				},
			} {
				head := s.eventAt(route, at.idFor(route), "")
				change(&head)
				got := head
				got.HTTPMethod = "GET"
				want, without := s.plain(op.Name, got), s.plain(op.Name, head)
				if without.StatusCode != want.StatusCode || without.Body != "" || want.Body == "" || !maps.Equal(without.Headers, want.Headers) {
					t.Errorf("%s %s, %s: HEAD %+v, GET %+v", op.Name, route.Path, name, without, want)
				}
			}
		}
	}
	if tried < 20 {
		t.Errorf("%d routes were tried", tried)
	}
}

// plain is call without the checks of documented answers.
func (s *stage) plain(name string, event events.APIGatewayProxyRequest) events.APIGatewayProxyResponse {
	s.t.Helper()
	response, err := s.handler(name)(s.t.Context(), event)
	if err != nil {
		s.t.Fatal(err)
	}
	return response
}

// {} counts as no body for every operation that takes none; anything else is
// refused.
func TestEmptyBodies(t *testing.T) {
	for body, want := range map[string]bool{`{}`: true, " {\n} ": true, `{"a":1}`: false, `[]`: false, `null`: false, `0`: false, `x`: false, `{}{}`: false} {
		s := newStage(t)
		s.service("files")
		at := s.target()
		for _, op := range operations.All() {
			for _, route := range op.Routes {
				if op.Public || bodies(at)[route.Dialect][op.Name] != "" || route.Method == "DELETE" && op.Name != "delete-apikey" {
					continue
				}
				event := s.eventAt(route, at.idFor(route), body)
				if op.Name == "delete-apikey" {
					event.PathParameters["id"] = unknownID
				}
				response := s.plain(op.Name, event)
				if refused := response.StatusCode == 400; refused == want {
					t.Errorf("%s %s with %s: %d %s", route.Method, route.Path, body, response.StatusCode, response.Body)
				}
			}
		}
	}
}

// HEAD of a reveal shows nothing, so it opens no copy and writes no record.
func TestHeadIsNoReveal(t *testing.T) {
	s := newStage(t)
	minted := s.make(apikey.Draft{Name: "r", Recoverable: true})
	op, _ := operations.Find("reveal-apikey")
	for _, route := range op.Served() {
		if route.Method == http.MethodHead {
			event := s.eventAt(route, supermetrics.KeyID(minted.Key.ID), "")
			event.QueryStringParameters = map[string]string{"show_key_value": "true"}
			if got := s.plain("reveal-apikey", event); got.StatusCode != http.StatusOK {
				t.Errorf("status %d", got.StatusCode)
			}
		}
	}
	page, err := s.api.Rules.AuditEvents(t.Context(), s.by(), apikey.AuditFilter{Action: apikey.ActionRevealKey}, apikey.Position{}, 10)
	if len(page.Records) > 0 || err != nil {
		t.Errorf("%d records of a reveal, %v", len(page.Records), err)
	}
}
