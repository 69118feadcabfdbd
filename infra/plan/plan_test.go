package plan

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/operations"
)

// Every function of the table is planned once, with a name that is valid in
// templates, and within the limits of Lambda and the gateway.
func TestFunctions(t *testing.T) {
	seen := map[string]bool{}
	functions := Functions()
	for i, function := range functions {
		if function.Name != operations.Functions()[i].Name {
			t.Errorf("function %d is %s, want the table's order", i, function.Name)
		}
		if seen[function.LogicalID] || strings.ContainsAny(function.LogicalID, "-_. ") {
			t.Errorf("%s: logical id %q is taken or invalid", function.Name, function.LogicalID)
		}
		seen[function.LogicalID] = true
		// The gateway waits for 29 s. The certainty that nothing holds a
		// permission asks for less.
		most := int(apikey.ChangeTimeout / time.Second)
		if function.Schedule != "" || function.Long { // the shortest interval is 5 minutes
			most = 5*60 - 1
		}
		if function.Stream != "" {
			most = StreamTimeoutSeconds
		}
		if function.MemoryMB < 128 || function.TimeoutSeconds < 1 || function.TimeoutSeconds > most {
			t.Errorf("%s: %d MB, %d s", function.Name, function.MemoryMB, function.TimeoutSeconds)
		}
	}
	if len(functions) != len(operations.All())+1 || !seen["CreateApikey"] || !seen["Authorizer"] {
		t.Errorf("functions are %v", seen)
	}
}

// Each route has a unique name that is valid in templates.
func TestRouteID(t *testing.T) {
	seen := map[string]string{}
	for _, op := range operations.All() {
		for _, route := range op.Routes {
			id, name := RouteID(route), route.Method+" "+route.Path
			if seen[id] != "" || strings.ContainsAny(id, "/{}+-_. ") {
				t.Errorf("%s has the id %q, as has %q", name, id, seen[id])
			}
			seen[id] = name
		}
	}
	if seen["GetV1ApikeysId"] != "GET /v1/apikeys/{id}" || seen["AnyApiV1Proxy"] == "" {
		t.Errorf("ids are %v", seen)
	}
}

// Exactly the functions that use a table or its stream can use the tables' key,
// without which DynamoDB refuses them.
func TestTableKeyFollowsTables(t *testing.T) {
	for _, op := range operations.Functions() {
		var tables, key bool
		for _, access := range op.Access {
			switch access.Resource {
			case operations.Table, operations.Listing, operations.AuditTable, operations.SecretsTable, operations.UsageTable, operations.UsageIndex, operations.StreamOf(op.Stream):
				tables = true
			case operations.TableKey:
				key = true
			}
		}
		if tables != key {
			t.Errorf("%s: uses tables %v, may use their key %v", op.Name, tables, key)
		}
	}
}

// A line of the access log is JSON, and names nothing that holds a credential.
func TestAccessLogFormat(t *testing.T) {
	if !json.Valid([]byte(AccessLogFormat)) {
		t.Errorf("not JSON: %s", AccessLogFormat)
	}
	for _, secret := range []string{"header", "query", "body", "caller", "$context.path\"", "apiKey\""} {
		if strings.Contains(AccessLogFormat, secret) {
			t.Errorf("the format names %s", secret)
		}
	}
}
