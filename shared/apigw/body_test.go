package apigw_test

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"

	"github.com/keyward/keyward/shared/apigw"
)

// Every bad body is a 400 that names the fault, on every operation that takes a
// body, and nothing is written. (The tests of package strict cover which JSON is
// acceptable.)
func TestBadBodies(t *testing.T) {
	s := newStage(t)
	id := s.key("target").Key.ID.String()
	long := strings.Repeat("é", 95) // 190 bytes
	for body, want := range map[string]string{
		``: "body REQUIRED",
		"{\"name\":\"\ufffd\",\"permissions\":[]}":   "body INVALID_CHARACTERS",
		"{\"name\":\"\xff\",\"permissions\":[]}":     "body INVALID_CHARACTERS",
		`null`:                                       "body WRONG_TYPE",
		`{"name":"n","permissions":[]} x`:            "body MALFORMED_JSON",
		`{"name":"n","name":"n"}`:                    "name DUPLICATE_FIELD",
		`{"name":"n","permissions":[],"x":0}`:        "x UNKNOWN_FIELD",
		`{"name":1,"permissions":[]}`:                "name WRONG_TYPE",
		`{"name":"","permissions":[]}`:               "name REQUIRED",
		`{"name":" ","permissions":[]}`:              "name INVALID_CHARACTERS",
		`{"name":"a\u0000","permissions":[]}`:        "name INVALID_CHARACTERS",
		`{"name":"a\u202e","permissions":[]}`:        "name INVALID_CHARACTERS",
		`{"name":"n","permissions":["Nope"]}`:        "permissions UNKNOWN_PERMISSION",
		`{"name":"n","permissions":["A",1]}`:         "permissions[1] WRONG_TYPE",
		`{"name":"a` + long + `b","permissions":[]}`: "name TOO_LONG",
	} {
		for name, path := range map[string]string{"create-apikey": "", "update-apikey": id, "patch-apikey": id} {
			problem := s.refused(s.call(name, s.event(name, path, body)), 400, "INVALID_REQUEST")
			if len(problem.Errors) != 1 || problem.Errors[0].Field+" "+problem.Errors[0].Code != want || problem.Errors[0].Detail == "" {
				t.Errorf("%s %.60s gave %v, want %s", name, body, problem.Errors, want)
			}
		}
	}
	s.nothingWritten(2)
}

// nothingWritten checks that the organization still has that many keys, all
// unchanged.
func (s *stage) nothingWritten(keys int) {
	s.t.Helper()
	list := decode[struct{ Items []wireKey }](s.t, s.call("list-apikeys", s.event("list-apikeys", "", "")).Body)
	if len(list.Items) != keys {
		s.t.Errorf("%d keys, want %d", len(list.Items), keys)
	}
	for _, key := range list.Items {
		if key.LastModifiedOn != "" {
			s.t.Errorf("%s was changed", key.Name)
		}
	}
}

// POST and PUT need both the name and the permissions; PATCH needs nothing.
func TestRequiredFields(t *testing.T) {
	s := newStage(t)
	id := s.key("target").Key.ID.String()
	for name, event := range map[string]events.APIGatewayProxyRequest{
		"create-apikey": s.event("create-apikey", "", `{"description":"d"}`),
		"update-apikey": s.event("update-apikey", id, `{"description":"d"}`),
	} {
		problem := s.refused(s.call(name, event), 400, "INVALID_REQUEST")
		if got := fmt.Sprint(problem.Errors); !strings.Contains(got, "{name REQUIRED") || !strings.Contains(got, "{permissions REQUIRED") {
			t.Errorf("%s: %s", name, got)
		}
	}
	s.nothingWritten(2)
}

// Only JSON in UTF-8 is accepted, with any spelling of the header's name.
func TestMediaTypes(t *testing.T) {
	s := newStage(t)
	set := func(name, value string) func(*events.APIGatewayProxyRequest) {
		return func(e *events.APIGatewayProxyRequest) { e.Headers = map[string]string{name: value} }
	}
	for name, test := range map[string]struct {
		change func(*events.APIGatewayProxyRequest)
		want   int
	}{
		"plain":      {set("Content-Type", "application/json"), 409},
		"upper case": {set("CONTENT-TYPE", "Application/JSON; Charset=UTF-8"), 409},
		"quoted":     {set("content-type", `application/json;charset="utf-8"`), 409},
		"multi value": {func(e *events.APIGatewayProxyRequest) {
			e.Headers = nil
			e.MultiValueHeaders = map[string][]string{"Content-Type": {"application/json"}}
		}, 409},
		"none":      {func(e *events.APIGatewayProxyRequest) { e.Headers = nil }, 415},
		"empty":     {set("Content-Type", ""), 415},
		"form":      {set("Content-Type", "application/x-www-form-urlencoded"), 415},
		"text":      {set("Content-Type", "text/json"), 415},
		"suffix":    {set("Content-Type", "application/problem+json"), 415},
		"latin":     {set("Content-Type", "application/json; charset=iso-8859-1"), 415},
		"other":     {set("Content-Type", "application/json; version=1"), 415},
		"two parts": {set("Content-Type", "application/json; charset=utf-8; version=1"), 415},
		"two types": {set("Content-Type", "application/json, text/plain"), 415},
		"two headers": {func(e *events.APIGatewayProxyRequest) {
			e.MultiValueHeaders = map[string][]string{"Content-Type": {"application/json", "application/json"}}
		}, 415},
		"compressed":    {func(e *events.APIGatewayProxyRequest) { e.Headers["Content-Encoding"] = "gzip" }, 415},
		"not a type":    {set("Content-Type", ";;"), 415},
		"in clear text": {func(e *events.APIGatewayProxyRequest) { e.Headers["Content-Encoding"] = "identity" }, 409},
	} {
		event := s.event("create-apikey", "", `{"name":"Admin","permissions":[]}`)
		test.change(&event)
		// The name is taken, so an accepted body shows as 409 and writes nothing.
		code := map[int]string{409: "API_KEY_NAME_TAKEN", 415: "UNSUPPORTED_MEDIA_TYPE"}[test.want]
		found, _ := apigw.Find(s.api, "create-apikey")
		response, err := found.(apigw.Handler)(t.Context(), event)
		if err != nil {
			t.Fatal(err)
		}
		header := "Content-Type"
		if name == "compressed" {
			header = "Content-Encoding"
		}
		t.Run(name, func(t *testing.T) {
			problem := (&stage{t: t}).refused(response, test.want, code)
			if test.want == 415 && (len(problem.Errors) != 1 || problem.Errors[0].Field != header) {
				t.Errorf("named %v, want %s", problem.Errors, header)
			}
		})
	}
	s.nothingWritten(1)
	for _, operation := range []string{"patch-apikey", "patch-policy", "patch-user", "patch-organization", "update-apikey"} {
		event := s.event(operation, unknownID, "{}")
		event.Headers["content-type"] = "application/merge-patch+json; charset=utf-8"
		status := s.call(operation, event).StatusCode
		if want := map[bool]int{true: 415, false: 404}[operation == "update-apikey"]; operation != "patch-organization" && status != want || status == 200 != (operation == "patch-organization") {
			t.Errorf("%s of a merge patch: %d", operation, status)
		}
	}
}

// The largest body is accepted and one byte more is not, in clear text and in
// base64.
func TestBodySizes(t *testing.T) {
	s := newStage(t)
	sized := func(n int) string {
		start := `{"permissions":[],"id":"`
		return start + strings.Repeat("x", n-len(start)-len(`"}`)) + `"}`
	}
	for _, encoded := range []bool{false, true} {
		for size, want := range map[int]int{apigw.MaxBody: 400, apigw.MaxBody + 1: 413, 6 << 20: 413} {
			event := s.event("create-apikey", "", sized(size))
			if event.IsBase64Encoded = encoded; encoded {
				event.Body = base64.StdEncoding.EncodeToString([]byte(event.Body))
			}
			code := map[int]string{400: "INVALID_REQUEST", 413: "REQUEST_TOO_LARGE"}[want]
			problem := s.refused(s.call("create-apikey", event), want, code)
			if want == 413 && (len(problem.Errors) != 1 || problem.Errors[0].Field != "body" || problem.Errors[0].Code != "TOO_LONG") {
				t.Errorf("%d bytes: %v", size, problem.Errors)
			}
		}
	}
}

// A base64 body is accepted only in the canonical encoding.
func TestBase64Bodies(t *testing.T) {
	s := newStage(t)
	good := base64.StdEncoding.EncodeToString([]byte(`{"name":"Admin","permissions":[]} `)) // ends in "IA=="
	for body, want := range map[string]int{
		good:                                    409,
		good[:10] + "\n" + good[10:]:            400,
		strings.TrimSuffix(good, "A==") + "B==": 400,
		strings.TrimRight(good, "="):            400,
		good + "=":                              400,
		"!":                                     400,
		base64.StdEncoding.EncodeToString([]byte("\xff")): 400,
	} {
		event := s.event("create-apikey", "", body)
		event.IsBase64Encoded = true
		found, _ := apigw.Find(s.api, "create-apikey")
		response, err := found.(apigw.Handler)(t.Context(), event)
		if err != nil || response.StatusCode != want {
			t.Errorf("%q gave %d, want %d, %v", body, response.StatusCode, want, err)
		}
	}
}

// GET and DELETE tolerate a Content-Type and an empty body (the Polaris
// document's samples send both), and refuse any other body.
func TestBodiesOfGetAndDelete(t *testing.T) {
	s := newStage(t)
	id := s.key("target").Key.ID.String()
	for _, name := range []string{"list-apikeys", "get-apikey", "delete-apikey", "list-permissions", "whoami", "get-openapi"} {
		path := ""
		if strings.HasPrefix(name, "get-apikey") || strings.HasPrefix(name, "delete") {
			path = id
		}
		event := s.event(name, path, `{"a":1}`)
		problem := s.refused(s.call(name, event), 400, "INVALID_REQUEST")
		if len(problem.Errors) != 1 || problem.Errors[0].Field != "body" {
			t.Errorf("%s: %v", name, problem.Errors)
		}
		event.Body = ""
		if response := s.call(name, event); response.StatusCode >= 300 {
			t.Errorf("%s with an empty body: %d %s", name, response.StatusCode, response.Body)
		}
	}
}
