package apigw_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"

	"github.com/keyward/keyward/shared/apigw"
	"github.com/keyward/keyward/shared/operations"
)

// eventFile is the text of an operation's sample event, with the ids of this
// stage in the place of the names that stand for them.
func (s *stage) eventFile(name, target string) string {
	s.t.Helper()
	text, err := os.ReadFile("../../events/" + name + ".json")
	if err != nil {
		s.t.Fatal(err)
	}
	return strings.NewReplacer(
		"KEYWARD_API_KEY", s.admin.Text.Reveal(), "KEYWARD_KEY_ID", s.admin.Key.ID.String(), "KEYWARD_TARGET_ID", target,
	).Replace(string(text))
}

// Every operation has a sample event, which its route would give, which
// succeeds, and which refers to no key but those that are put in.
func TestSampleEvents(t *testing.T) {
	for _, op := range operations.All {
		s := newStage(t)
		text := s.eventFile(op.Name, s.key("target").Key.ID.String())
		if strings.Contains(text, "KEYWARD") {
			t.Errorf("%s: a name was not replaced", op.Name)
		}
		handler, _ := apigw.Find(s.api, op.Name)
		if direct, ok := handler.(apigw.DirectHandler); ok {
			if _, err := direct(t.Context(), json.RawMessage(text)); err != nil {
				t.Errorf("%s: %v", op.Name, err)
			}
			continue
		}
		event := decode[events.APIGatewayProxyRequest](t, text)
		if event.HTTPMethod != op.Method || event.Resource != op.Path || event.RequestContext.ResourcePath != op.Path ||
			event.Path != strings.Replace(op.Path, "{id}", event.PathParameters["id"], 1) {
			t.Errorf("%s: an event of %s %s", op.Name, event.HTTPMethod, event.Path)
		}
		response := s.call(op.Name, event)
		if response.StatusCode != op.Status {
			t.Errorf("%s: %d %s", op.Name, response.StatusCode, response.Body)
		}
		if location := response.Headers["Location"]; op.Name == "create-apikey" && !strings.HasPrefix(location, "/prod/v1/apikeys/") {
			t.Errorf("behind a stage a new key is at %s", location)
		}
	}
}
