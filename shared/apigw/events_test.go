package apigw_test

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"github.com/keyward/keyward/shared/apigw"
	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/operations"
	"github.com/keyward/keyward/shared/permission"
)

// target holds the ids that sample events use: a key, a deleted key, a rotated
// key whose previous secret is live, a policy and a user.
type target struct{ key, deleted, rotated, policy, user string }

func (s *stage) target() target {
	s.t.Helper()
	key := s.make(apikey.Draft{Name: "target", Permissions: permission.NewSet("ViewTables"), Recoverable: true})
	deleted := s.make(apikey.Draft{Name: "deleted", Permissions: permission.NewSet("ViewTables")})
	if err := s.api.Rules.Delete(s.t.Context(), s.by(), deleted.Key.ID, 0); err != nil {
		s.t.Fatal(err)
	}
	rotated := s.make(apikey.Draft{Name: "rotated", Permissions: permission.NewSet("ViewTables")}).Key.ID
	if _, err := s.api.Rules.Rotate(s.t.Context(), s.by(), rotated, 0, apikey.Rotation{Overlap: time.Hour}); err != nil {
		s.t.Fatal(err)
	}
	return target{key.Key.ID.String(), deleted.Key.ID.String(), rotated.String(), s.policy("target").ID.String(), s.user("target@example.com").ID.String()}
}

// eventFile returns an operation's sample event, with this stage's ids in place
// of the placeholders.
func (s *stage) eventFile(name string, at target) string {
	s.t.Helper()
	text, err := os.ReadFile("../../events/" + name + ".json")
	if err != nil {
		s.t.Fatal(err)
	}
	return strings.NewReplacer(
		"KEYWARD_API_KEY", s.admin.Text.Reveal(), "KEYWARD_KEY_ID", s.admin.Key.ID.String(),
		"KEYWARD_TARGET_ID", at.key, "KEYWARD_TARGET_DIGITS", strings.ReplaceAll(at.key, "-", ""), "KEYWARD_DELETED_ID", at.deleted, "KEYWARD_ROTATED_ID", at.rotated, "KEYWARD_TARGET_POLICY_ID", at.policy, "KEYWARD_TARGET_USER_ID", at.user, "KEYWARD_TARGET_SERVICE_ID", "files",
	).Replace(string(text))
}

// Every operation has a sample event in each of its formats, which fits its
// route and succeeds. The events refer only to the placeholders, the demo
// service, and the service of bootstrap's event.
func TestSampleEvents(t *testing.T) {
	for _, op := range operations.All() {
		if op.Pages() {
			continue // the console's own package replays it
		}
		cases, err := filepath.Glob("../../events/" + op.Name + "--*.json")
		if err != nil {
			t.Fatal(err)
		}
		asked := map[operations.Dialect]bool{}
		for _, file := range append([]string{op.Name + ".json"}, cases...) {
			s := newStage(t)
			s.service("files")
			asked[s.checkSample(op, strings.TrimSuffix(filepath.Base(file), ".json"))] = true
		}
		for _, route := range op.Routes {
			if route.Method != operations.Any && !asked[route.Dialect] {
				t.Errorf("%s: no event in the dialect %s", op.Name, route.Dialect)
			}
		}
	}
}

// checkSample replays one sample event of an operation, and returns its route's
// dialect.
func (s *stage) checkSample(op operations.Operation, name string) operations.Dialect {
	t := s.t
	t.Helper()
	text := s.eventFile(name, s.target())
	if strings.Contains(text, "KEYWARD") {
		t.Errorf("%s: a name was not replaced", name)
	}
	handler, _ := apigw.Find(s.api, op.Name)
	if streamed, ok := handler.(apigw.StreamHandler); ok {
		if answer, err := streamed(t.Context(), decode[apigw.StreamEvent](t, text)); err != nil || len(answer.BatchItemFailures) > 0 {
			t.Errorf("%s: %v, %v", name, answer, err)
		}
		return ""
	}
	if direct, ok := handler.(apigw.DirectHandler); ok {
		if _, err := direct(t.Context(), json.RawMessage(text)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		return ""
	}
	event := decode[events.APIGatewayProxyRequest](t, text)
	route, known := op.Route(event.HTTPMethod, event.Resource)
	if !known || event.RequestContext.ResourcePath != route.Path ||
		event.Path != strings.NewReplacer("{id}", event.PathParameters["id"], "{proxy+}", event.PathParameters["proxy"]).Replace(route.Path) {
		t.Errorf("%s: an event of %s %s", name, event.HTTPMethod, event.Path)
	}
	want := map[bool]int{true: http.StatusCreated, false: route.Status}[name == "put-service"]
	response := s.call(op.Name, event)
	if response.StatusCode != want {
		t.Errorf("%s: %d %s", name, response.StatusCode, response.Body)
	}
	if location := response.Headers["Location"]; want == http.StatusCreated && route.Dialect == operations.Canonical && !strings.HasPrefix(location, "/prod/v1/") {
		t.Errorf("behind a stage a new thing is at %q", location)
	}
	return route.Dialect
}
