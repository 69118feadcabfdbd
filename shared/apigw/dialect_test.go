package apigw_test

import (
	"errors"
	"maps"
	"strings"
	"testing"

	"github.com/keyward/keyward/shared/apigw"
	"github.com/keyward/keyward/shared/operations"
)

// Every error, on every route, has the format of the route's dialect, whether it
// comes from the adapter, the rules, or a panic.
func TestFaultsInEveryDialect(t *testing.T) {
	eachRoute(func(op operations.Operation, route operations.Route) {
		s := newStage(t)
		at := s.target()
		body := bodies(at)[route.Dialect][op.Name]
		id := at.idFor(route)

		query := s.eventAt(route, id, body)
		query.QueryStringParameters = map[string]string{"no_such_parameter": "1"}
		s.refusedAt(route, s.call(op.Name, query), 400, "INVALID_REQUEST")
		if body != "" {
			large := s.eventAt(route, id, strings.Repeat(" ", apigw.MaxBody)+body)
			s.refusedAt(route, s.call(op.Name, large), 413, "REQUEST_TOO_LARGE")
			text := s.eventAt(route, id, body)
			text.Headers["content-type"] = "text/plain"
			s.refusedAt(route, s.call(op.Name, text), 415, "UNSUPPORTED_MEDIA_TYPE")
			broken := s.eventAt(route, id, body[1:])
			s.refusedAt(route, s.call(op.Name, broken), 400, "INVALID_REQUEST")
		}
		powerless := s.eventAt(route, id, body)
		s.as(&powerless, s.key("powerless").Key)
		if len(route.Permissions)+len(route.Others) > 0 {
			s.refusedAt(route, s.call(op.Name, powerless), 403, "FORBIDDEN")
		}
		s.broken(func() error { panic(errors.New("words")) })
		crashed := s.call(op.Name, s.eventAt(route, id, body))
		want := map[bool]string{true: "API_KEY_UPDATE_FAILED", false: "INTERNAL"}[route.Dialect == operations.Supermetrics && op.Name == "patch-apikey"]
		s.refusedAt(route, crashed, 500, want)
		if strings.Contains(crashed.Body, "words") || !strings.Contains(s.log.String(), "panic: *errors.errorString") {
			t.Errorf("%s told %s", op.Name, crashed.Body)
		}
	})
}

// An unknown resource is a 404 with its own code, whether or not its id is well
// formed, on every route with an id.
func TestUnknownThings(t *testing.T) {
	s := newStage(t)
	at := s.target()
	eachRoute(func(op operations.Operation, route operations.Route) {
		if at.idFor(route) == "" || op.Name == "put-service" {
			return
		}
		code := "API_KEY_NOT_FOUND"
		for part, other := range map[string]string{"/policies/": "POLICY_NOT_FOUND", "/users/": "USER_NOT_FOUND", "/services/": "SERVICE_NOT_FOUND"} {
			if strings.Contains(route.Path, part) {
				code = other
			}
		}
		unknown := target{unknownID, unknownID, unknownID, unknownID, unknownID}.idFor(route)
		if unknown == "files" {
			unknown = "nothing"
		}
		var first string
		for _, id := range []string{unknown, "x", "apk_x", at.user + "x"} {
			response := s.call(op.Name, s.eventAt(route, id, bodies(at)[route.Dialect][op.Name]))
			s.refusedAt(route, response, 404, code)
			if first == "" {
				first = response.Body
			}
			if response.Body != first {
				t.Errorf("%s %s tells ids apart: %s, %s", route.Method, route.Path, response.Body, first)
			}
		}
	})
}

// A path or method that no operation serves is a 404 in the format of its
// dialect, with or without a caller, whatever the request contains.
func TestUnknownRoutes(t *testing.T) {
	s := newStage(t)
	op, ok := operations.Find("unknown-route")
	if !ok || len(op.Routes) < 2 {
		t.Fatal("the table has no unknown routes")
	}
	seen := map[operations.Dialect]bool{}
	for _, route := range op.Routes {
		for _, method := range []string{"GET", "POST", "DELETE", "TRACE"} {
			event := s.eventAt(route, "", "not JSON")
			event.HTTPMethod, event.RequestContext.Authorizer = method, nil
			event.QueryStringParameters = map[string]string{"x": "1"}
			response := s.call(op.Name, event)
			s.refusedAt(route, response, 404, "NOT_FOUND")
			seen[route.Dialect] = true
			if withMeta := strings.Contains(response.Body, `"meta":{"request_id":"request-1"}`); withMeta != (route.Dialect == operations.Supermetrics) {
				t.Errorf("%s: %s", route.Path, response.Body)
			}
		}
	}
	if !maps.Equal(seen, map[operations.Dialect]bool{operations.Canonical: true, operations.Catena: true, operations.Supermetrics: true}) {
		t.Errorf("dialects with unknown routes: %v", seen)
	}
}

// The dialect follows the route that the gateway matched, not the path that a
// client wrote. An event without a route counts as the first one's.
func TestDialectFollowsTheRoute(t *testing.T) {
	s := newStage(t)
	for resource, want := range map[string]string{
		"/v1/apikeys": `{"items":`, "/api/v1/api_keys": `{"api_keys":`, "/enterprise/v2/api_keys": `{"meta":`, "/nowhere": `{"items":`,
	} {
		event := s.event("list-apikeys", "", "")
		event.Resource, event.Path = resource, "/v1/apikeys"
		handler, _ := apigw.Find(s.api, "list-apikeys")
		for _, inContext := range []bool{false, true} {
			if inContext {
				event.Resource, event.RequestContext.ResourcePath = "", resource
			}
			response, err := handler.(apigw.Handler)(t.Context(), event)
			if err != nil || response.StatusCode != 200 || !strings.HasPrefix(response.Body, want) {
				t.Errorf("%s: %d %s, %v", resource, response.StatusCode, response.Body, err)
			}
		}
	}
}

// A person with an access token and no key manages keys as that person. A user
// of another organization, or a deleted one, cannot.
func TestCallerWithAToken(t *testing.T) {
	s := newStage(t)
	event := s.event("create-apikey", "", `{"name":"n","permissions":["ViewTables"]}`)
	event.RequestContext.Authorizer = map[string]any{"orgId": "demo", "keyId": "", "userId": s.owner.ID.String()}
	key := decode[wireKey](t, s.call("create-apikey", event).Body)
	if key.CreatedBy["username"] != s.owner.Email || key.CreatedBy["userId"] != s.owner.ID.String() {
		t.Errorf("created by %v", key.CreatedBy)
	}
	other := s.organization("other").Owner
	for _, user := range []string{other.ID.String(), unknownID} {
		event.RequestContext.Authorizer["userId"] = user
		s.refused(s.call("create-apikey", event), 401, "UNAUTHENTICATED")
	}
	s.nothingWritten(2)
}
