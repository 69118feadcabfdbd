package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

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

// startBeside starts a stack that c takes for the running one.
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

// An event's placeholders become a real caller and a real target, in a stack
// made for it or in the one that runs, which is left as it was.
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
	answer, err = invoke("authorizer", tokenEvent)
	if err == nil || answer["errorMessage"] != "Unauthorized" || answer["errorType"] == nil {
		t.Errorf("a bad credential: %v %v", answer, err)
	}
	var list struct{ Items []created }
	admin := client{s.URL, s.AdminKey}
	if err := admin.do(t.Context(), "GET", "/v1/apikeys", nil, &list); err != nil || len(list.Items) != 1 {
		t.Errorf("%d keys are left, want the admin's alone: %v", len(list.Items), err)
	}
}

// Every event of the folder events works as it is: its function answers with
// success, or with the status that its route has in the table.
// What was made for an event is gone afterwards.
func TestEveryEvent(t *testing.T) {
	c, stdout := testCommand(t)
	s := startBeside(t, c)
	t.Cleanup(func() { checkNothingLeft(t, client{s.URL, s.AdminKey}) })
	files, err := filepath.Glob(filepath.Join(c.root, "events", "*.json"))
	if err != nil || len(files) < len(operations.Functions()) {
		t.Fatalf("%d events for %d functions: %v", len(files), len(operations.Functions()), err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".json")
		function := name
		if strings.HasPrefix(name, operations.Authorizer.Name) {
			function = operations.Authorizer.Name
		}
		t.Run(name, func(t *testing.T) {
			stdout.text.Reset()
			if err := c.invoke(t.Context(), function, file); err != nil {
				t.Fatalf("%v: %s", err, stdout)
			}
			var answer struct {
				StatusCode     int
				IsAuthorized   *bool
				PolicyDocument struct{ Statement []struct{ Effect string } }
			}
			if err := json.Unmarshal([]byte(stdout.String()), &answer); err != nil {
				t.Fatal(err)
			}
			for _, statement := range answer.PolicyDocument.Statement {
				if statement.Effect != "Allow" {
					t.Errorf("denied: %s", stdout)
				}
			}
			op, _ := operations.Find(function)
			planned := slices.ContainsFunc(op.Routes, func(r operations.Route) bool { return r.Status == answer.StatusCode })
			if answer.StatusCode >= 300 && !planned || answer.IsAuthorized != nil && !*answer.IsAuthorized {
				t.Errorf("refused: %s", stdout)
			}
		})
	}
}

// checkNothingLeft looks for what was made for events.
func checkNothingLeft(t *testing.T, admin client) {
	t.Helper()
	for _, path := range []string{"/v1/apikeys", "/v1/policies", "/v1/users"} {
		var list struct{ Items []struct{ Name string } }
		if err := admin.do(context.Background(), "GET", path+"?limit=100", nil, &list); err != nil {
			t.Error(err)
		}
		for _, item := range list.Items {
			if strings.HasPrefix(item.Name, "invoke: ") {
				t.Errorf("%s: %q is left", path, item.Name)
			}
		}
	}
}
