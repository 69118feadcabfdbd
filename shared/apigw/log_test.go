package apigw_test

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/keyward/keyward/shared/apigw"
	"github.com/keyward/keyward/shared/apikey"
)

// line is a request's line in the log.
type line struct {
	Level, Msg, Operation, KeyID, UserID, RequestID, Code, Error string
	Status                                                       int
	DurationMs                                                   *float64
	// Damaged counts the records that a list left out; Damage names some.
	Damaged int
	Damage  []string
}

func (s *stage) lines() []line {
	s.t.Helper()
	var lines []line
	for text := range strings.Lines(s.log.String()) {
		lines = append(lines, decode[line](s.t, text))
	}
	return lines
}

// A request writes one line, with everything needed to find it.
func TestOneLineARequest(t *testing.T) {
	s := newStage(t)
	s.call("whoami", s.event("whoami", "", ""))
	s.call("get-apikey", s.event("get-apikey", unknownID, ""))
	anonymous := s.event("whoami", "", "")
	anonymous.RequestContext.Authorizer = nil
	s.call("whoami", anonymous)
	token := s.event("whoami", "", "")
	token.RequestContext.Authorizer = map[string]any{"orgId": "demo", "keyId": "", "userId": s.owner.ID.String()}
	s.call("whoami", token)
	s.store.Break(errors.New("connection refused"))
	s.call("whoami", s.event("whoami", "", ""))

	id := s.admin.Key.ID.String()
	want := []line{
		{Level: "INFO", Msg: "request", Operation: "whoami", KeyID: id, RequestID: "request-1", Status: 200},
		{Level: "INFO", Msg: "request", Operation: "get-apikey", KeyID: id, RequestID: "request-1", Status: 404, Code: "API_KEY_NOT_FOUND"},
		{Level: "INFO", Msg: "request", Operation: "whoami", RequestID: "request-1", Status: 401, Code: "UNAUTHENTICATED"},
		{Level: "INFO", Msg: "request", Operation: "whoami", UserID: s.owner.ID.String(), RequestID: "request-1", Status: 200},
		{Level: "ERROR", Msg: "request", Operation: "whoami", KeyID: id, RequestID: "request-1", Status: 503, Code: "UNAVAILABLE", Error: "connection refused"},
	}
	got := s.lines()
	if len(got) != len(want) {
		t.Fatalf("%d lines: %s", len(got), s.log)
	}
	for i := range want {
		if got[i].DurationMs == nil || *got[i].DurationMs < 0 {
			t.Errorf("line %d has no duration", i)
		}
		if cause := strings.LastIndex(got[i].Error, ": "); cause > 0 {
			got[i].Error = got[i].Error[cause+2:]
		}
		if got[i].DurationMs = nil; !reflect.DeepEqual(got[i], want[i]) {
			t.Errorf("line %d: %+v, want %+v", i, got[i], want[i])
		}
	}
}

// No key's text reaches the log: not from an answer, not from a wrong place in a
// request, not from a failure on the way.
func TestNoSecretInTheLog(t *testing.T) {
	s := newStage(t)
	canary := s.admin.Text.Reveal()
	created := s.call("create-apikey", s.event("create-apikey", "", `{"name":"n","permissions":[],"recoverable":true}`))
	key := decode[wireKey](t, created.Body)
	revealed := s.call("reveal-apikey", s.event("reveal-apikey", key.ID, ""))
	if decode[wireKey](t, revealed.Body).APIKey != key.APIKey {
		t.Fatal("a recoverable key is not revealed")
	}
	secrets := []string{canary, canary[5:40], key.APIKey}

	for _, body := range []string{
		`{"name":"` + canary + `"}`, `{"` + canary + `":1}`, `{"name":"n","permissions":["` + canary + `"]}`, canary,
	} {
		event := s.event("create-apikey", "", body)
		event.Headers["Authorization"] = "Bearer " + canary
		event.Headers["If-Match"] = canary
		event.QueryStringParameters = map[string]string{}
		s.call("create-apikey", event)
		event.QueryStringParameters["key"] = canary
		s.call("create-apikey", event)
		s.call("get-apikey", s.event("get-apikey", canary, ""))
	}
	s.broken(func() error { return apikey.UnavailableError("look at "+s.admin.Text.String(), errors.New("no")) })
	s.call("whoami", s.event("whoami", "", ""))
	handler, _ := apigw.Find(s.api, "bootstrap")
	if _, err := handler.(apigw.DirectHandler)(t.Context(), []byte(`{"adminKey":"`+canary+`"}`)); err == nil {
		t.Error("bootstrap accepted half a set-up")
	}
	if s.log.Len() == 0 {
		t.Fatal("nothing was logged")
	}
	for _, secret := range secrets {
		if strings.Contains(s.log.String(), secret) {
			t.Errorf("%d characters of a key are in the log", len(secret))
		}
	}
}
