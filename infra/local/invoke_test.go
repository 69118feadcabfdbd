package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/keyward/keyward/infra/local/client"
	"github.com/keyward/keyward/infra/local/stack"
	"github.com/keyward/keyward/shared/operations"
)

const proxyEvent = `{"resource":"/v1/apikeys/{id}","path":"/v1/apikeys/KEYWARD_TARGET_ID","httpMethod":"GET",
	"headers":{"Authorization":"Bearer KEYWARD_API_KEY"},"pathParameters":{"id":"KEYWARD_TARGET_ID"},"body":null,
	"requestContext":{"requestId":"r","identity":{"sourceIp":"127.0.0.1"},"authorizer":{"orgId":"demo","keyId":"KEYWARD_KEY_ID"}}}`

const tokenEvent = `{"type":"TOKEN","authorizationToken":"Bearer CREDENTIAL",
	"methodArn":"arn:aws:execute-api:us-east-1:123456789012:demo/v1/POST/v1/files"}`

func writeEvent(t *testing.T, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "event.json")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// startBeside starts a stack that c treats as the running one.
func startBeside(t *testing.T, c command) *stack.Stack {
	t.Helper()
	s, err := stack.Start(t.Context(), stack.Options{Root: c.root})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Stop)
	if err := newEnvFile(filepath.Join(c.local, "env"), s).write(); err != nil {
		t.Fatal(err)
	}
	return s
}

// An event's placeholders become a real caller and a real target, in a new stack
// or in the running one, which is unchanged afterwards.
func TestInvoke(t *testing.T) {
	c, stdout := testCommand(t)
	invoke := func(function, event string) (answer map[string]any, err error) {
		t.Helper()
		stdout.text.Reset()
		err = c.invoke(t.Context(), function, writeEvent(t, event))
		if json.Unmarshal([]byte(stdout.String()), &answer) != nil {
			t.Fatalf("%v: stdout %q", err, stdout)
		}
		return answer, err
	}
	stale := envFile{filepath.Join(c.local, "env"), []byte("export KEYWARD_URL='http://127.0.0.1:1'\n")}
	if err := stale.write(); err != nil {
		t.Fatal(err)
	}
	if answer, err := invoke("get-apikey", proxyEvent); err != nil || answer["statusCode"] != 200.0 {
		t.Errorf("a stack of its own: %v %v", answer, err)
	}
	if text := fmt.Sprint(c.stderr); !strings.Contains(text, "nothing answers at http://127.0.0.1:1") {
		t.Errorf("of the env file it says nothing: %s", text)
	}

	s := startBeside(t, c)
	if answer, err := invoke("get-apikey", proxyEvent); err != nil || answer["statusCode"] != 200.0 || !strings.Contains(answer["body"].(string), "invoke: target") {
		t.Errorf("the running stack: %v %v", answer, err)
	}
	answer, err := invoke("authorizer", strings.ReplaceAll(tokenEvent, "CREDENTIAL", "KEYWARD_API_KEY"))
	if err != nil || answer["policyDocument"] == nil {
		t.Errorf("a good credential: %v %v", answer, err)
	}
	c.stderr.(*output).text.Reset()
	stdout.text.Reset()
	if err := c.invoke(t.Context(), "authorizer", filepath.Join(c.root, "events", "authorizer-rest-request--no-credential.json")); err != nil ||
		!strings.Contains(stdout.String(), "Unauthorized") || !strings.Contains(fmt.Sprint(c.stderr), "this is the expected answer") {
		t.Errorf("an event of the folder: %v, %s, %s", err, stdout, c.stderr)
	}
	answer, err = invoke("authorizer", tokenEvent)
	if err == nil || answer["errorMessage"] != "Unauthorized" || answer["errorType"] == nil {
		t.Errorf("a bad credential: %v %v", answer, err)
	}
	var list struct{ Items []created }
	admin := client.New(s.URL, s.AdminKey)
	if err := admin.Do(t.Context(), "GET", "/v1/apikeys", nil, &list); err != nil || len(list.Items) != 1 {
		t.Errorf("%d keys are left, want the admin's alone: %v", len(list.Items), err)
	}
}

// The missing answer to an event of the events folder is written, and expected from
// then on. An event outside the folder has no answer.
func TestRecord(t *testing.T) {
	c, _ := testCommand(t)
	c.root = t.TempDir()
	if err := os.MkdirAll(filepath.Join(c.root, "events", "answers"), 0o700); err != nil {
		t.Fatal(err)
	}
	event := filepath.Join(c.root, "events", "whoami.json")
	answer := []byte(`{"statusCode":200,"body":"{\"id\":\"0f0e0d0c-0b0a-4908-8706-050403020100\"}"}`)
	if err := c.record(event, answer); err != nil {
		t.Fatal(err)
	}
	if expected, known := c.expected(event); !known || c.compare(expected, answer) != nil || !strings.Contains(string(expected), "<uuid>") {
		t.Errorf("recorded %s", expected)
	}
	if err := c.record(writeEvent(t, "{}"), answer); err == nil {
		t.Error("an answer to an event outside the folder is recorded")
	}
}

// All events of the events folder can be checked together.
func TestEvents(t *testing.T) {
	r, s, stdout := testRunner(t)
	t.Cleanup(func() { checkNothingLeft(t, client.New(s.URL, s.AdminKey)) })
	t.Run("every event", func(t *testing.T) { checkEveryEvent(t, r, stdout) })
	t.Run("unexpected answers", func(t *testing.T) { checkUnexpectedAnswers(t, r, stdout) })
}

// checkEveryEvent checks that every event of the events folder gets the expected
// answer, on a new stack and on one that has run them all. Resources created for
// an event are gone afterwards.
func checkEveryEvent(t *testing.T, r *runner, stdout *output) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(r.root, "events", "*.json"))
	if err != nil || len(files) <= len(operations.Functions()) {
		t.Fatalf("%d events for %d functions: %v", len(files), len(operations.Functions()), err)
	}
	for range 2 {
		stdout.text.Reset()
		if err := r.checkAll(t.Context()); err != nil {
			t.Errorf("%v\n%s", err, stdout)
		}
		for _, file := range files {
			if !strings.Contains(stdout.String(), "ok    "+eventName(file)+"\n") {
				t.Errorf("%s is not said to be answered", eventName(file))
			}
		}
	}
}

// Each event has an expected answer and each answer an event; none contains a
// key.
func TestEveryEventHasItsAnswer(t *testing.T) {
	names := func(pattern string) (list []string) {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: no files, %v", pattern, err)
		}
		for _, file := range files {
			list = append(list, eventName(file))
			if text, err := os.ReadFile(file); err != nil || regexp.MustCompile(`kw_[0-9A-Za-z]{20}`).Match(text) {
				t.Errorf("%s holds a key: %v", file, err)
			}
		}
		return list
	}
	events, answers := names("../../events/*.json"), names("../../events/answers/*.json")
	for _, name := range events {
		if !slices.Contains(answers, name) {
			t.Errorf("events/answers/%s.json is missing: KEYWARD_RECORD=1 make invoke FN=%s EVENT=events/%s.json writes it", name, functionOf(name), name)
		}
	}
	for _, name := range answers {
		if !slices.Contains(events, name) {
			t.Errorf("events/answers/%s.json answers no event", name)
		}
	}
}

// events/README.md names every placeholder, for people who fill them in by hand.
func TestReadmeNamesPlaceholders(t *testing.T) {
	readme, err := os.ReadFile("../../events/README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, stand := range standIns {
		for _, place := range stand.places {
			if !strings.Contains(string(readme), "`"+place+"`") {
				t.Errorf("%s is not named", place)
			}
		}
	}
}

// testRunner returns a runner for a stack of its own.
func testRunner(t *testing.T) (*runner, *stack.Stack, *output) {
	t.Helper()
	c, stdout := testCommand(t)
	s := startBeside(t, c)
	r, err := c.startRunner(readEnv(filepath.Join(c.local, "env")))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.runtime.Stop)
	return r, s, stdout
}

// checkUnexpectedAnswers checks that an unexpected or missing answer is an error
// that names its event and the difference, and that the other events are still
// checked.
func checkUnexpectedAnswers(t *testing.T, r *runner, stdout *output) {
	t.Helper()
	real := r.root
	r.root = t.TempDir()
	stdout.text.Reset()
	if err := r.checkAll(t.Context()); err == nil {
		t.Error("no events are no fault")
	}
	if err := os.MkdirAll(filepath.Join(r.root, "events", "answers"), 0o700); err != nil {
		t.Fatal(err)
	}
	for name, answer := range map[string]string{
		"whoami": `{"statusCode":201}`, "authorizer-rest-token": `{"errorType":"errorString","errorMessage":"Unauthorized"}`,
		"authorizer-rest-request--no-credential": `{"errorType":"<text>","errorMessage":"Unauthorized"}`, "list-users": "",
	} {
		event, err := os.ReadFile(filepath.Join(real, "events", name+".json"))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(r.root, "events", name+".json"), event, 0o600); err != nil {
			t.Fatal(err)
		}
		if answer == "" {
			continue
		}
		if err := os.WriteFile(filepath.Join(r.root, "events", "answers", name+".json"), []byte(answer), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	err := r.checkAll(t.Context())
	if err == nil || err.Error() != "3 of 4 events are not answered as expected: authorizer-rest-token, list-users, whoami" {
		t.Errorf("error %v", err)
	}
	for _, want := range []string{"ok    authorizer-rest-request--no-credential\n", "WRONG authorizer-rest-token: ", "WRONG list-users: there is no expected answer", "WRONG whoami: it.statusCode is not 201; "} {
		if !strings.Contains(stdout.String(), want) {
			t.Errorf("no %q in %s", want, stdout)
		}
	}
}

// checkNothingLeft looks for leftovers of events.
func checkNothingLeft(t *testing.T, admin client.Client) {
	t.Helper()
	for _, path := range []string{"/v1/apikeys", "/v1/policies", "/v1/users"} {
		var list struct{ Items []struct{ Name string } }
		if err := admin.Do(context.Background(), "GET", path+"?limit=100", nil, &list); err != nil {
			t.Error(err)
		}
		for _, item := range list.Items {
			if strings.HasPrefix(item.Name, "invoke: ") {
				t.Errorf("%s: %q is left", path, item.Name)
			}
		}
	}
}
