package apigw_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"github.com/keyward/keyward/shared/apigw"
	"github.com/keyward/keyward/shared/dialect/canonical"
)

// repeatable returns a creation with an Idempotency-Key.
func (s *stage) repeatable(key, body string) events.APIGatewayProxyRequest {
	event := s.event("create-apikey", "", body)
	event.Headers["idempotency-key"] = key
	return event
}

// A repeated creation gets the same answer, with its status, its tag and its
// path, and a header that says so; after ten minutes it is without the key.
func TestRepetitionIsAnsweredAlike(t *testing.T) {
	s := newStage(t)
	event := s.repeatable(strings.Repeat("!~", 127)+"x", `{"name":"n","permissions":["ViewTables"]}`)
	first := s.call("create-apikey", event)
	again := s.call("create-apikey", event)
	if first.StatusCode != http.StatusCreated || first.Headers[apigw.IdempotentReplayed] != "" {
		t.Errorf("%d %v", first.StatusCode, first.Headers)
	}
	if again.StatusCode != http.StatusCreated || again.Body != first.Body || again.Headers[apigw.IdempotentReplayed] != "true" ||
		again.Headers["ETag"] != first.Headers["ETag"] || again.Headers["Location"] != first.Headers["Location"] {
		t.Errorf("%d %v: %s, first %s", again.StatusCode, again.Headers, again.Body, first.Body)
	}
	s.clock.Advance(10 * time.Minute)
	later := decode[canonical.APIKey](t, s.call("create-apikey", event).Body)
	if whole := decode[canonical.APIKey](t, first.Body); later.Text != "" || later.ID != whole.ID || later.Redacted != whole.Redacted {
		t.Errorf("ten minutes later: %+v", later)
	}
}

// A repeated rotation gets the same answer too, also with the tag of the version
// that it has replaced, and shows nothing without an Idempotency-Key.
func TestRepeatedRotationIsAnsweredAlike(t *testing.T) {
	s := newStage(t)
	id := s.key("CI", "ViewTables").Key.ID.String()
	event := s.event("rotate-apikey", id, `{"overlapSeconds":60}`)
	event.Headers["idempotency-key"], event.Headers["if-match"] = "k", `"1"`
	first, again := s.call("rotate-apikey", event), s.call("rotate-apikey", event)
	if first.StatusCode != http.StatusOK || first.Headers[apigw.IdempotentReplayed] != "" || decode[canonical.APIKey](t, first.Body).Text == "" {
		t.Errorf("%d %v", first.StatusCode, first.Headers)
	}
	if again.StatusCode != http.StatusOK || again.Body != first.Body || again.Headers[apigw.IdempotentReplayed] != "true" || again.Headers["ETag"] != first.Headers["ETag"] {
		t.Errorf("%d %v: %s, first %s", again.StatusCode, again.Headers, again.Body, first.Body)
	}
	s.clock.Advance(10 * time.Minute)
	if later := decode[canonical.APIKey](t, s.call("rotate-apikey", event).Body); later.Text != "" || later.ID != id || len(later.Secrets) != 2 {
		t.Errorf("ten minutes later: %+v", later)
	}
	other := s.event("rotate-apikey", s.key("other").Key.ID.String(), `{"overlapSeconds":60}`)
	other.Headers["idempotency-key"] = "k"
	s.refused(s.call("rotate-apikey", other), http.StatusUnprocessableEntity, "IDEMPOTENCY_KEY_REUSED")
}

// Another body is another request, and so is the same JSON written otherwise.
func TestIdempotencyKeyOfAnotherBody(t *testing.T) {
	s := newStage(t)
	s.call("create-apikey", s.repeatable("k", `{"name":"n","permissions":[]}`))
	for _, body := range []string{`{"name":"other","permissions":[]}`, `{"permissions":[],"name":"n"}`, `{"name":"n","permissions":[] }`} {
		problem := s.refused(s.call("create-apikey", s.repeatable("k", body)), http.StatusUnprocessableEntity, "IDEMPOTENCY_KEY_REUSED")
		if len(problem.Errors) != 1 || problem.Errors[0].Field != "Idempotency-Key" {
			t.Errorf("%s: %+v", body, problem)
		}
	}
}

// An Idempotency-Key that is empty, too long, doubled or not visible ASCII is
// refused, and nothing is created or rotated.
func TestBadIdempotencyKey(t *testing.T) {
	s := newStage(t)
	rotated := s.key("rotated")
	for name, values := range map[string][]string{
		"empty": {""}, "too long": {strings.Repeat("k", 256)}, "doubled": {"k", "k"}, "two": {"k", "l"}, "a space": {"a b"}, "only a space": {" "},
		"a tab": {"a\tb"}, "a control character": {"a\x7f"}, "beyond ASCII": {"ü"}, "not UTF-8": {"a\xff"},
	} {
		event := s.event("create-apikey", "", `{"name":"n","permissions":[]}`)
		event.MultiValueHeaders = map[string][]string{"Idempotency-Key": values, "Content-Type": {"application/json"}}
		problem := s.refused(s.call("create-apikey", event), http.StatusBadRequest, "INVALID_REQUEST")
		if len(problem.Errors) != 1 || problem.Errors[0].Field != "Idempotency-Key" {
			t.Errorf("%s: %+v", name, problem)
		}
		event = s.event("rotate-apikey", rotated.Key.ID.String(), `{}`)
		event.MultiValueHeaders = map[string][]string{"Idempotency-Key": values, "Content-Type": {"application/json"}}
		s.refused(s.call("rotate-apikey", event), http.StatusBadRequest, "INVALID_REQUEST")
	}
	if key := decode[canonical.APIKey](t, s.call("get-apikey", s.event("get-apikey", rotated.Key.ID.String(), "")).Body); key.Secrets != nil {
		t.Errorf("rotated: %+v", key)
	}
	if response := s.call("create-apikey", s.event("create-apikey", "", `{"name":"n","permissions":[]}`)); response.StatusCode != http.StatusCreated {
		t.Errorf("%d: %s", response.StatusCode, response.Body)
	}
}

// Operations and formats that do not define the header ignore it.
func TestIdempotencyKeyElsewhere(t *testing.T) {
	s := newStage(t)
	event := s.event("get-apikey", s.admin.Key.ID.String(), "")
	event.Headers["Idempotency-Key"] = ""
	if response := s.call("get-apikey", event); response.StatusCode != http.StatusOK {
		t.Errorf("%d: %s", response.StatusCode, response.Body)
	}
}
