package openapi

import (
	"cmp"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/keyward/keyward/shared/operations"
)

func document(t *testing.T) []byte {
	t.Helper()
	text, err := Document(os.DirFS("../../../events"))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// The committed document, which is served, matches the current table and types.
func TestDocumentIsFresh(t *testing.T) {
	committed, err := os.ReadFile("../openapi.json")
	if err != nil {
		t.Fatal(err)
	}
	if string(committed) != string(document(t)) {
		t.Error("shared/apigw/openapi.json is out of date: run make generate")
	}
}

// The document is valid OpenAPI 3.1.
func TestDocumentIsValid(t *testing.T) {
	parsed, err := openapi3.NewLoader().LoadFromData(document(t))
	if err != nil {
		t.Fatal(err)
	}
	if err := parsed.Validate(t.Context(), openapi3.IsOpenAPI31OrLater()); err != nil {
		t.Error(err)
	}
	if parsed.OpenAPI != "3.1.0" {
		t.Errorf("version %s", parsed.OpenAPI)
	}
}

// Every operation, in each format, has an example of its request in every media
// type, and of its answer with each status of success. TestDocumentIsValid checks that each fits its schema.
func TestOperationsHaveExamples(t *testing.T) {
	parsed, err := openapi3.NewLoader().LoadFromData(document(t))
	if err != nil {
		t.Fatal(err)
	}
	shown := func(content openapi3.Content) bool {
		for _, media := range content {
			if media.Example == nil {
				return false
			}
		}
		return true
	}
	for _, item := range parsed.Paths.Map() {
		for _, got := range item.Operations() {
			if got.RequestBody != nil && !shown(got.RequestBody.Value.Content) {
				t.Errorf("%s shows no request", got.OperationID)
			}
			for status, response := range got.Responses.Map() {
				if response.Ref == "" && !shown(response.Value.Content) {
					t.Errorf("%s shows no answer with %s", got.OperationID, status)
				}
			}
		}
	}
}

// The document has exactly the routes of the table, each with its name, dialect,
// status, permissions and security.
func TestDocumentFollowsTheTable(t *testing.T) {
	parsed, err := openapi3.NewLoader().LoadFromData(document(t))
	if err != nil {
		t.Fatal(err)
	}
	rows, ids := 0, map[string]bool{}
	for _, op := range operations.All() {
		for _, route := range op.Routes {
			if route.Method == operations.Any {
				continue
			}
			rows++
			item := parsed.Paths.Value(route.Path)
			if item == nil || item.GetOperation(route.Method) == nil {
				t.Errorf("%s %s is missing", route.Method, route.Path)
				continue
			}
			got := item.GetOperation(route.Method)
			ids[got.OperationID] = true
			checkOperation(t, op, route, got)
		}
	}
	documented := 0
	for _, item := range parsed.Paths.Map() {
		documented += len(item.Operations())
	}
	if documented != rows || len(ids) != rows {
		t.Errorf("%d operations documented under %d names, %d routes in the table", documented, len(ids), rows)
	}
}

func checkOperation(t *testing.T, op operations.Operation, route operations.Route, got *openapi3.Operation) {
	t.Helper()
	if got.Description == "" {
		t.Errorf("%s does not say who can call it", got.OperationID)
	}
	if got.Summary != cmp.Or(route.Summary, op.Summary) || got.Responses.Status(route.Status) == nil || !slices.Equal(got.Tags, []string{string(route.Dialect)}) {
		t.Errorf("%s: documented as %q, %v, answers %v", op.Name, got.Summary, got.Tags, got.Responses.Keys())
	}
	want := map[bool]string{true: op.Name, false: got.OperationID}[route.Dialect == operations.Canonical]
	if route.Name != "" {
		want = route.Name
	}
	if got.OperationID != want {
		t.Errorf("%s %s is called %s, want %s", route.Method, route.Path, got.OperationID, want)
	}
	if public := got.Security != nil && len(*got.Security) == 0; public != op.Public {
		t.Errorf("%s: documented as public: %t", op.Name, public)
	}
	permissions, err := json.Marshal(got.Extensions["x-keyward-permissions"])
	wanted, wantErr := json.Marshal(route.Permissions)
	if err != nil || wantErr != nil || string(permissions) != string(wanted) {
		t.Errorf("%s: permissions %s, want %s", op.Name, permissions, wanted)
	}
}

// Request schemas are closed, answer schemas are not. A member that may be null
// says so.
func TestSchemas(t *testing.T) {
	parsed, err := openapi3.NewLoader().LoadFromData(document(t))
	if err != nil {
		t.Fatal(err)
	}
	for name, closed := range map[string]bool{
		"KeyBody": true, "RouteInput": true, "Route": false, "APIKey": false, "CatenaKeyBody": true, "SupermetricsKey": false,
	} {
		schema := parsed.Components.Schemas[name]
		if schema == nil {
			t.Errorf("%s is missing", name)
			continue
		}
		if open := schema.Value.AdditionalProperties.Has == nil; open == closed {
			t.Errorf("%s is closed: %t", name, !open)
		}
	}
	for member, value := range map[string]any{
		"SupermetricsKey.key_value": nil, "SupermetricsKey.behalf_of_user_info": nil, "CatenaKey.policy_id": nil, "KeyPatch.expiresOn": nil,
		"SupermetricsKeyBody.allow_ips": "192.0.2.1", "AuditEvent.before": map[string]any{"name": "n"}, "Organization.recoverable": true,
	} {
		schema, name, _ := strings.Cut(member, ".")
		property := parsed.Components.Schemas[schema].Value.Properties[name]
		if err := property.Value.VisitJSON(value); err != nil {
			t.Errorf("%s is not %v: %v", member, value, err)
		}
	}
}

// Objects keep their order at every depth. A value that cannot be encoded is an
// error.
func TestObjectKeepsOrderAndMembers(t *testing.T) {
	text, err := json.Marshal(object{{"b", 1}, {"a", object{}}, {"c", []object{{{"x", "y"}}}}})
	if err != nil || string(text) != `{"b":1,"a":{},"c":[{"x":"y"}]}` {
		t.Errorf("%s, %v", text, err)
	}
	if _, err := json.Marshal(object{{"f", func() {}}}); err == nil {
		t.Error("a value that JSON cannot write is not reported")
	}
}

// Every problem lists its codes, so that the document is enough to write a
// client that distinguishes them.
func TestProblemsNameTheirCodes(t *testing.T) {
	text := string(document(t))
	for _, code := range []string{
		"INVALID_REQUEST", "UNAUTHENTICATED", "FORBIDDEN", "PERMISSION_NOT_HELD", "API_KEY_NOT_FOUND", "API_KEY_NAME_TAKEN",
		"API_KEY_LIMIT_EXCEEDED", "API_KEY_NOT_RECOVERABLE", "PERSONAL_KEY_LIMIT_EXCEEDED",
		"POLICY_NOT_FOUND", "POLICY_NAME_TAKEN", "POLICY_IN_USE", "USER_NOT_FOUND", "USER_EMAIL_TAKEN", "LAST_OWNER",
		"SERVICE_NOT_FOUND", "SERVICE_API_TAKEN", "PERMISSION_IN_USE", "PERMISSION_BEING_WITHDRAWN", "PRECONDITION_FAILED", "REQUEST_TOO_LARGE", "UNSUPPORTED_MEDIA_TYPE", "UNAVAILABLE", "INTERNAL",
	} {
		if !strings.Contains(text, code) {
			t.Errorf("%s is not in the document", code)
		}
	}
}
