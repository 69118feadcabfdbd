package apigw_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/netip"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/apikeytest"
	"github.com/keyward/keyward/shared/operations"
)

// broken is a store whose reads of a key call a given function.
type broken struct {
	apikey.Store
	read func() error
}

func (b broken) Read(context.Context, ...apikey.Ref) (apikey.Found, error) { return nil, b.read() }

// broken makes the stage's store fail at its first read.
func (s *stage) broken(read func() error) {
	s.api.Rules.Store = broken{s.store, read}
}

// Every kind of error has its status, code and title. Only the caller's own
// faults show the rules' detail.
func TestEveryKindOfError(t *testing.T) {
	const words = "words of the rules"
	for _, test := range []struct {
		kind   apikey.Kind
		status int
		code   string
		told   bool
	}{
		{apikey.Internal, 500, "INTERNAL", false},
		{apikey.Invalid, 400, "INVALID_REQUEST", true},
		{apikey.Unauthenticated, 401, "UNAUTHENTICATED", true},
		{apikey.Forbidden, 403, "FORBIDDEN", true},
		{apikey.NotHeld, 403, "PERMISSION_NOT_HELD", true},
		{apikey.QuotaReached, 403, "API_KEY_LIMIT_EXCEEDED", true},
		{apikey.PreconditionFailed, 412, "PRECONDITION_FAILED", true},
		{apikey.NameTaken, 409, "API_KEY_NAME_TAKEN", true},
		{apikey.Unavailable, 503, "UNAVAILABLE", false},
		{apikey.Permanent, 500, "PERMANENT_FAILURE", false},
	} {
		s := newStage(t)
		s.broken(func() error { return &apikey.Error{Kind: test.kind, Detail: words, Cause: errors.New("the cause")} })
		response := s.call("update-apikey", s.event("update-apikey", unknownID, `{"name":"n","permissions":[]}`))
		problem := s.refused(response, test.status, test.code)
		if told := strings.Contains(response.Body, words); told != test.told || strings.Contains(response.Body, "the cause") {
			t.Errorf("%s: %s", test.code, response.Body)
		}
		if _, retry := response.Headers["Retry-After"]; retry != (test.kind == apikey.Unavailable) {
			t.Errorf("%s: Retry-After %v", test.code, retry)
		}
		if problem.Title == "" || strings.Contains(s.log.String(), "the cause") != (test.status >= 500) {
			t.Errorf("%s: title %q, log %s", test.code, problem.Title, s.log)
		}
	}
}

// The gateway gives the same answers as the functions, so callers need not know
// which of the two refused.
func TestTheGatewaysAnswersAreTheFunctions(t *testing.T) {
	s := newStage(t)
	anonymous := s.event("whoami", "", "")
	anonymous.RequestContext.Authorizer = nil
	for _, refusal := range operations.ManagementResponses("") {
		if refusal.Type != "UNAUTHORIZED" {
			continue
		}
		response := s.call("whoami", anonymous)
		body := strings.Replace(refusal.Body, "$context.requestId", "request-1", 1)
		for name, value := range refusal.Headers {
			if response.Headers[name] != value {
				t.Errorf("%s: %q, by the gateway %q", name, response.Headers[name], value)
			}
		}
		if response.Body != body || response.StatusCode != refusal.Status {
			t.Errorf("%d %s, by the gateway %d %s", response.StatusCode, response.Body, refusal.Status, body)
		}
		return
	}
	t.Error("the gateway has no answer for UNAUTHORIZED")
}

// Without the authorizer's context, an operation does nothing, not even a read.
func TestWithoutContext(t *testing.T) {
	s := newStage(t)
	id := s.admin.Key.ID.String()
	for name, authorizer := range map[string]map[string]any{
		"none":         nil,
		"empty":        {},
		"no key":       {"orgId": "demo"},
		"no org":       {"keyId": id},
		"key not text": {"orgId": "demo", "keyId": 7},
		"org not text": {"orgId": []string{"demo"}, "keyId": id},
		"not an id":    {"orgId": "demo", "keyId": "KEY"},
		"not an org":   {"orgId": "De mo", "keyId": id},
		"other case":   {"OrgId": "demo", "KeyId": id},
		"bad user":     {"orgId": "demo", "userId": "owner@example.com"},
		"bad key":      {"orgId": "demo", "keyId": "KEY", "userId": s.owner.ID.String()},
	} {
		eachRoute(func(op operations.Operation, route operations.Route) {
			event := s.eventAt(route, unknownID, `{"name":"n","permissions":[]}`)
			event.RequestContext.Authorizer = authorizer
			// A client can send any header; none replaces the context.
			event.Headers["X-Amzn-Authorizer"] = `{"orgId":"demo"}`
			before := s.store.Reads()
			s.refusedAt(route, s.call(op.Name, event), 401, "UNAUTHENTICATED")
			if reads := s.store.Reads() - before; reads != 0 {
				t.Errorf("%s: %s made %d reads", name, op.Name, reads)
			}
		})
	}
	s.nothingWritten(1)
}

// A context for a key that has since been deleted, or that belongs to another
// organization, grants nothing.
func TestContextOfADeadKey(t *testing.T) {
	s := newStage(t)
	other := s.organization("other").Admin.Key
	for _, authorizer := range []map[string]any{
		{"orgId": "demo", "keyId": unknownID},
		{"orgId": "demo", "keyId": other.ID.String()},
	} {
		event := s.event("create-apikey", "", `{"name":"n","permissions":[]}`)
		event.RequestContext.Authorizer = authorizer
		s.refused(s.call("create-apikey", event), 401, "UNAUTHENTICATED")
	}
	s.nothingWritten(1)
}

// A panic is a problem with status 500; only the log has its stack. Neither
// shows its text, which could be a key, unless it is the runtime's own.
func TestPanic(t *testing.T) {
	for _, value := range []any{"a panic's words", errors.New("a panic's words"), 7, nil} {
		s := newStage(t)
		s.broken(func() error { panic(value) })
		response := s.call("get-apikey", s.event("get-apikey", unknownID, ""))
		s.refused(response, 500, "INTERNAL")
		if strings.Contains(response.Body, "words") || strings.Contains(response.Body, "goroutine") {
			t.Errorf("told %s", response.Body)
		}
		if log := s.log.String(); !strings.Contains(log, "fault_test.go") || !strings.Contains(log, `"level":"ERROR"`) || strings.Contains(log, "words") {
			t.Errorf("logged %s", log)
		}
	}
}

// The log shows the runtime's own panics.
func TestRuntimePanic(t *testing.T) {
	s := newStage(t)
	s.broken(func() error { var none []int; _ = none[len(none)]; return nil })
	s.refused(s.call("get-apikey", s.event("get-apikey", unknownID, "")), 500, "INTERNAL")
	if log := s.log.String(); !strings.Contains(log, "index out of range") {
		t.Errorf("logged %s", log)
	}
}

// While the store is down, every route answers 503, or its dialect's equivalent.
// Once the store is back, everything works again.
func TestOutage(t *testing.T) {
	s := newStage(t)
	at := s.target()
	s.service("files")
	s.store.Break(errors.New("connection refused"))
	var restored []func() events.APIGatewayProxyResponse
	eachRoute(func(op operations.Operation, route operations.Route) {
		event := s.eventAt(route, at.idFor(route), bodies(at)[route.Dialect][op.Name])
		response := s.call(op.Name, event)
		if documented := route.Dialect == operations.Supermetrics && op.Name == "patch-apikey"; documented {
			s.refusedAt(route, response, 500, "API_KEY_UPDATE_FAILED")
		} else {
			s.refusedAt(route, response, 503, "UNAVAILABLE")
		}
		if strings.Contains(response.Body, "refused") {
			t.Errorf("%s told %s", op.Name, response.Body)
		}
		restored = append(restored, func() events.APIGatewayProxyResponse { return s.call(op.Name, event) })
	})
	s.store.Break(nil)
	for _, again := range restored {
		if response := again(); response.StatusCode >= 400 && response.StatusCode != 404 && response.StatusCode != 409 {
			t.Errorf("afterwards %d %s", response.StatusCode, response.Body)
		}
	}
}

// However many faults a request has, its answer stays small.
func TestAnswersAreBounded(t *testing.T) {
	s := newStage(t)
	var names []string
	for n := range 5000 {
		names = append(names, fmt.Sprintf(`"P%d"`, n))
	}
	event := s.event("create-apikey", "", `{"name":"n","permissions":[`+strings.Join(names, ",")+`]}`)
	response := s.call("create-apikey", event)
	if problem := s.refused(response, 400, "INVALID_REQUEST"); len(problem.Errors) != 20 || len(response.Body) > 8<<10 {
		t.Errorf("%d faults in %d bytes", len(problem.Errors), len(response.Body))
	}
}

// The audit record says what the gateway saw, not what the client claims. It
// truncates the client's own text.
func TestCallerInTheAuditRecord(t *testing.T) {
	s := newStage(t)
	event := s.event("create-apikey", "", `{"name":"n","permissions":[]}`)
	maps.Copy(event.Headers, map[string]string{"X-Forwarded-For": "203.0.113.9", "User-Agent": "forged", "X-Amzn-RequestId": "forged"})
	event.RequestContext.Identity.SourceIP = "::ffff:192.0.2.7"
	event.RequestContext.Identity.UserAgent = strings.Repeat("a", 255) + "é" + strings.Repeat("b", 9000)
	if response := s.call("create-apikey", event); response.StatusCode != 201 {
		t.Fatalf("%d %s", response.StatusCode, response.Body)
	}
	for _, record := range apikeytest.AuditLog(t, s.store, "demo") {
		if record.RequestID == "" {
			continue // of the set-up
		}
		if record.Source != netip.MustParseAddr("192.0.2.7") || record.UserAgent != strings.Repeat("a", 255) || record.RequestID != "request-1" {
			t.Errorf("%v %q %q", record.Source, record.UserAgent, record.RequestID)
		}
		return
	}
	t.Error("no record of the creation")
}
