package demo

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/keyward/keyward/shared/apikey"
)

func ask(t *testing.T, handler func(event string) ([]byte, error), event string) (status int, body map[string]any) {
	t.Helper()
	text, err := handler(event)
	if err != nil {
		t.Fatal(err)
	}
	var answer struct {
		StatusCode int
		Body       string
	}
	if err := json.Unmarshal(text, &answer); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(answer.Body), &body); err != nil {
		t.Fatalf("%v: %s", err, answer.Body)
	}
	return answer.StatusCode, body
}

// said is what the authorizer says about the caller.
const said = `{"orgId":"demo","keyId":"k","keyType":"personal","userId":"u","permissions":""}`

// An unguarded API answers nobody.
func TestUnguarded(t *testing.T) {
	for _, authorizer := range []string{`null`, `{}`, `{"orgId":"demo"}`, `{"lambda":{}}`, `{"lambda":{"orgId":"demo"}}`} {
		event := []byte(`{"body":"{\"command\":\"x\"}","requestContext":{"authorizer":` + authorizer + `}}`)
		for _, handle := range []func(context.Context, []byte) ([]byte, error){files, command} {
			if answer, err := handle(t.Context(), event); err == nil {
				t.Errorf("%s: %s", authorizer, answer)
			}
		}
	}
}

// The catalogue has the 28 names of the Polaris document, two of which are
// Keyward's own, and the 12 scopes of the Supermetrics document. Each route's
// permission is one of them.
func TestCatalogue(t *testing.T) {
	setup := Setup("000000000000", "Admin").Setup()
	all := setup.Services[0].Permissions
	scopes := 0
	for _, p := range all {
		if p.Name == strings.ToLower(p.Name) {
			scopes++
		}
		if apikey.OwnPermissions().Has(p.Name) {
			t.Errorf("%s is Keyward's own", p.Name)
		}
	}
	if scopes != 12 || len(all) != 28-2+12 {
		t.Errorf("%d permissions, %d of them scopes; want 38 and 12", len(all), scopes)
	}
	for _, p := range all {
		if p.Description == "" {
			t.Errorf("%s has no description", p.Name)
		}
	}
	for _, service := range setup.Services {
		for _, route := range service.Routes {
			for _, name := range route.Permissions {
				if !slices.ContainsFunc(all, func(p apikey.Permission) bool { return p.Name == name }) {
					t.Errorf("%s %s needs %s, which nobody can hold", route.Method, route.Path, name)
				}
			}
		}
	}
}

// An upload is measured part by part, and answered with the caller's identity.
func TestFiles(t *testing.T) {
	handle := func(event string) ([]byte, error) { return files(t.Context(), []byte(event)) }
	const multipart = `--x\r\nContent-Disposition: form-data; name=\"a\"; filename=\"a.txt\"\r\n\r\nhello\r\n--x\r\nContent-Disposition: form-data; name=\"b\"\r\n\r\n\r\n--x--\r\n`
	for _, c := range []struct {
		name, contentType, body string
		status                  int
		want                    string
	}{
		{"multipart", "multipart/form-data; boundary=x", multipart, 200, `[{"bytes":5,"name":"a.txt"},{"bytes":0,"name":"b"}]`},
		{"another type", "text/plain", "hello", 200, `[{"bytes":5,"name":"body"}]`},
		{"broken multipart", "multipart/form-data; boundary=x", "hello", 400, "null"},
		{"no boundary", "multipart/form-data", "hello", 400, "null"},
	} {
		status, body := ask(t, handle, `{"headers":{"Content-Type":"`+c.contentType+`"},"body":"`+c.body+`",
			"requestContext":{"authorizer":`+said+`}}`)
		got, _ := json.Marshal(body["files"])
		if status != c.status || string(got) != c.want {
			t.Errorf("%s: %d %s, want %d %s", c.name, status, got, c.status, c.want)
		}
		if status == 200 && (body["orgId"] != "demo" || body["keyId"] != "k") {
			t.Errorf("%s: caller %v %v", c.name, body["orgId"], body["keyId"])
		}
	}
}

// The command endpoint answers a command with its name, and any other body with
// a problem.
func TestCommand(t *testing.T) {
	handle := func(event string) ([]byte, error) { return command(t.Context(), []byte(event)) }
	for _, c := range []struct {
		body   string
		status int
	}{
		{`{"command":"list_reports","params":{"a":1}}`, 200},
		{`{"command":"list_reports"}`, 200},
		{``, 400},
		{`null`, 400},
		{`{"params":{}}`, 400},
		{`{"command":""}`, 400},
		{`{"command":7}`, 400},
		{`{"command":"x","params":[]}`, 400},
		{`{"command":"x","other":1}`, 400},
		{`{"command":"x"} {}`, 400},
	} {
		text, _ := json.Marshal(c.body)
		status, body := ask(t, handle, `{"headers":{"content-type":"application/json"},"body":`+string(text)+`,"requestContext":{"authorizer":{"lambda":`+said+`}}}`)
		if status != c.status {
			t.Errorf("%s: status %d, want %d", c.body, status, c.status)
		}
		if status == 200 && (body["command"] != "list_reports" || body["ok"] != true || body["keyId"] != "k" || body["userId"] != "u") {
			t.Errorf("%s: %v", c.body, body)
		}
	}
}
