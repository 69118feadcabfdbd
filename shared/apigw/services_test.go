package apigw_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/apikeytest"
	"github.com/keyward/keyward/shared/permission"
)

const exampleService = `{"name":"Example","permissions":[{"name":"ReadExamples","description":"d"}],
	"apis":[{"account":"123456789012","region":"eu-west-1","id":"examplesap","stage":"prod"}],
	"routes":[{"method":"GET","path":"/v1/examples/{id}","permissions":["ReadExamples"]}]}`

// A service is registered, replaced, listed and deleted; its permissions are in
// the catalogue while it declares them.
func TestLifeOfAService(t *testing.T) {
	s := newStage(t)
	created := s.call("put-service", s.event("put-service", "example", exampleService))
	if created.StatusCode != 201 || created.Headers["Location"] != "/v1/services/example" || created.Headers["ETag"] != `"1"` {
		t.Fatalf("%d %v %s", created.StatusCode, created.Headers, created.Body)
	}
	again := s.call("put-service", s.event("put-service", "example", exampleService))
	if again.StatusCode != 200 || again.Headers["Location"] != "" {
		t.Errorf("%d %v %s", again.StatusCode, again.Headers, again.Body)
	}
	shown := s.call("get-service", s.event("get-service", "example", ""))
	for _, part := range []string{
		`"id":"example"`, `"permissions":[{"name":"ReadExamples","description":"d"}]`,
		`"apis":[{"account":"123456789012","region":"eu-west-1","id":"examplesap","stage":"prod"}]`,
		`"routes":[{"method":"GET","path":"/v1/examples/{id}","permissions":["ReadExamples"]}]`,
	} {
		if !strings.Contains(shown.Body, part) {
			t.Errorf("%s, without %s", shown.Body, part)
		}
	}
	event := s.event("put-service", "other", strings.Replace(exampleService, "ReadExamples", "ReadOthers", 2))
	s.refused(s.call("put-service", event), 409, "SERVICE_API_TAKEN")
	if deleted := s.call("delete-service", s.event("delete-service", "example", "")); deleted.StatusCode != 204 {
		t.Errorf("%d %s", deleted.StatusCode, deleted.Body)
	}
	for _, id := range []string{"example", "Example", "..", "%"} {
		s.refused(s.call("get-service", s.event("get-service", id, "")), 404, "SERVICE_NOT_FOUND")
	}
}

// Removing a permission that somebody holds must be forced; the answer says who
// holds it.
func TestPermissionInUse(t *testing.T) {
	s := newStage(t)
	s.service("files")
	s.key("holder", "Only.files")
	if _, err := s.api.Rules.CreatePolicy(t.Context(), s.by(), apikey.PolicyDraft{Name: "p", Permissions: permission.NewSet("Only.files")}); err != nil {
		t.Fatal(err)
	}
	for _, operation := range []string{"put-service", "delete-service"} {
		body := map[string]string{"put-service": `{"name":"n","apis":[{"account":"123456789012","id":"filesapi"}]}`}[operation]
		response := s.call(operation, s.event(operation, "files", body))
		s.refused(response, 409, "PERMISSION_IN_USE")
		use := decode[struct{ KeyCount, PolicyCount, UserCount int }](t, response.Body)
		if use.KeyCount != 1 || use.PolicyCount != 1 || use.UserCount != 0 {
			t.Errorf("%s told %s", operation, response.Body)
		}
	}
	event := s.event("delete-service", "files", "")
	event.QueryStringParameters = map[string]string{"force": "true"}
	if response := s.call("delete-service", event); response.StatusCode != 204 {
		t.Errorf("%d %s", response.StatusCode, response.Body)
	}
	if listed := s.call("list-permissions", s.event("list-permissions", "", "")).Body; strings.Contains(listed, "Only.files") {
		t.Error("the permission is still in the catalogue")
	}
}

// unreachable is a store that cannot change one particular key.
type unreachable struct {
	*apikeytest.Store
	target string
}

func (u unreachable) Commit(ctx context.Context, change apikey.Change) error {
	if change.Audits[0].Target == u.target {
		return apikey.UnavailableError("commit", nil)
	}
	return u.Store.Commit(ctx, change)
}

// If a permission is removed by force from all but one holder, the answer says
// that one is left.
func TestHoldersLeft(t *testing.T) {
	for operation, body := range map[string]string{"put-service": `{"name":"n","apis":[{"account":"123456789012","id":"filesapi"}]}`, "delete-service": ""} {
		s := newStage(t)
		s.service("files")
		s.key("reached", "Only.files")
		s.api.Rules.Store = unreachable{s.store, s.key("not reached", "Only.files").Key.ID.String()}
		event := s.event(operation, "files", body)
		event.QueryStringParameters = map[string]string{"force": "true"}
		response := s.call(operation, event)
		want := map[string]int{"put-service": 200, "delete-service": 202}[operation]
		if response.StatusCode != want || !strings.Contains(response.Body, `"holdersLeft":1`) {
			t.Errorf("%s: %d %s", operation, response.StatusCode, response.Body)
		}
	}
}

// Every paged listing shows each resource once, for any page size.
func TestPagesOfThings(t *testing.T) {
	s := newStage(t)
	for _, name := range []string{"one", "two", "three"} {
		s.policy(name)
		s.service(name)
		s.user(name + "@example.com")
	}
	for operation, want := range map[string]int{"list-policies": 3, "list-services": 4, "list-users": 4, "list-audit-events": 0} {
		seen := map[string]int{}
		event := s.event(operation, "", "")
		event.QueryStringParameters = map[string]string{"limit": "2"}
		for range 20 {
			page := decode[struct {
				Items      []struct{ ID string }
				NextCursor string
			}](t, s.call(operation, event).Body)
			for _, item := range page.Items {
				seen[item.ID]++
			}
			if page.NextCursor == "" {
				break
			}
			event.QueryStringParameters["cursor"] = page.NextCursor
		}
		whole := decode[struct{ Items []struct{ ID string } }](t, s.call(operation, s.event(operation, "", "")).Body)
		if len(seen) != len(whole.Items) || want > 0 && len(seen) != want || len(seen) < 3 {
			t.Errorf("%s: %d in pages, %d at once, want %d", operation, len(seen), len(whole.Items), want)
		}
		for id, times := range seen {
			if times != 1 {
				t.Errorf("%s shows %s %d times", operation, id, times)
			}
		}
	}
}

// A service's answers show its gateway settings and warn about their cost. They
// can be sent back, and a wrong setting is named.
func TestGatewaySettingsOfAService(t *testing.T) {
	s := newStage(t)
	body := func(settings string) string { return strings.TrimSuffix(exampleService, "}") + "," + settings + "}" }
	const settings = `"unlistedRoutes":"authenticate","gatewayCache":{"seconds":60,"by":["source"]}`
	put := s.call("put-service", s.event("put-service", "example", body(settings)))
	shown := s.call("get-service", s.event("get-service", "example", ""))
	for _, answer := range []string{put.Body, shown.Body} {
		if !strings.Contains(answer, settings) || !strings.Contains(answer, `"warnings":[{"detail":"`) {
			t.Errorf("answered %s", answer)
		}
	}
	if again := s.call("put-service", s.event("put-service", "example", shown.Body)); again.StatusCode != 200 {
		t.Errorf("%d %s", again.StatusCode, again.Body)
	}
	// An absent member neither clears the cache settings nor opens unlisted routes.
	silent := s.call("put-service", s.event("put-service", "example", exampleService))
	if !strings.Contains(silent.Body, `"unlistedRoutes":"refuse","gatewayCache":{"seconds":60,"by":["source"]}`) {
		t.Errorf("answered %s", silent.Body)
	}
	plain := s.call("put-service", s.event("put-service", "example", body(`"gatewayCache":null`)))
	if !strings.Contains(plain.Body, `"unlistedRoutes":"refuse","gatewayCache":{"seconds":0,"by":[]}`) || strings.Contains(plain.Body, "warnings") {
		t.Errorf("answered %s", plain.Body)
	}
	greedy := strings.Replace(body(settings), `"path":"/v1/examples/{id}"`, `"path":"/`+strings.Repeat("{p}/", 10)+`{rest+}"`, 1)
	if response := s.call("put-service", s.event("put-service", "example", greedy)); response.StatusCode != 400 || !strings.Contains(response.Body, `"routes[0].path"`) {
		t.Errorf("%d %s", response.StatusCode, response.Body)
	}
	wrong := s.call("put-service", s.event("put-service", "example", body(`"unlistedRoutes":"x","gatewayCache":{"seconds":3601,"by":["y"]}`)))
	for _, field := range []string{`"unlistedRoutes"`, `"gatewayCache.seconds"`, `"gatewayCache.by[0]"`} {
		if wrong.StatusCode != 400 || !strings.Contains(wrong.Body, field) {
			t.Errorf("%d %s, without %s", wrong.StatusCode, wrong.Body, field)
		}
	}
}

// A deleted service can be registered again at once, with the same permissions.
// If something may still hold one of them, the answer says when to try again.
func TestServiceComesBack(t *testing.T) {
	s := newStage(t)
	put := func() events.APIGatewayProxyResponse {
		return s.call("put-service", s.event("put-service", "example", exampleService))
	}
	put()
	s.clock.Advance(time.Minute)
	if deleted := s.call("delete-service", s.event("delete-service", "example", "")); deleted.StatusCode != 204 {
		t.Fatalf("%d %s", deleted.StatusCode, deleted.Body)
	}
	if back := put(); back.StatusCode != 201 {
		t.Errorf("%d %s", back.StatusCode, back.Body)
	}
	s.call("delete-service", s.event("delete-service", "example", ""))
	s.key("made meanwhile")
	early := put()
	if s.refused(early, 409, "PERMISSION_BEING_WITHDRAWN"); early.Headers["Retry-After"] != "12" || !strings.Contains(early.Body, "ReadExamples") {
		t.Errorf("%v %s", early.Headers, early.Body)
	}
	s.clock.Advance(12 * time.Second)
	if back := put(); back.StatusCode != 201 {
		t.Errorf("%d %s", back.StatusCode, back.Body)
	}
}
