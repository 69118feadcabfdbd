package openapi

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/keyward/keyward/shared/operations"
)

func document(t *testing.T) []byte {
	t.Helper()
	text, err := Document()
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// What is committed, and served, is what the table and the types say now.
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

// The document has each operation of the table at its method and path, with its
// status, permissions and security, and no other operation.
func TestDocumentFollowsTheTable(t *testing.T) {
	parsed, err := openapi3.NewLoader().LoadFromData(document(t))
	if err != nil {
		t.Fatal(err)
	}
	rows := 0
	for _, op := range operations.All {
		if op.Dialect == operations.Direct {
			continue
		}
		rows++
		item := parsed.Paths.Value(op.Path)
		if item == nil || item.GetOperation(op.Method) == nil {
			t.Errorf("%s %s is missing", op.Method, op.Path)
			continue
		}
		got := item.GetOperation(op.Method)
		if got.OperationID != op.Name || got.Summary != op.Summary || got.Responses.Status(op.Status) == nil {
			t.Errorf("%s: documented as %s, %q, answers %v", op.Name, got.OperationID, got.Summary, got.Responses.Keys())
		}
		if public := got.Security != nil && len(*got.Security) == 0; public != op.Public {
			t.Errorf("%s: documented as public: %t", op.Name, public)
		}
		permissions, err := json.Marshal(got.Extensions["x-keyward-permissions"])
		want, wantErr := json.Marshal(op.Permissions)
		if err != nil || wantErr != nil || string(permissions) != string(want) {
			t.Errorf("%s: permissions %s, want %s", op.Name, permissions, want)
		}
	}
	documented := 0
	for _, item := range parsed.Paths.Map() {
		documented += len(item.Operations())
	}
	if documented != rows || len(shapes) != rows {
		t.Errorf("%d operations documented, %d shapes, %d in the table", documented, len(shapes), rows)
	}
}

// Objects keep their order, at every depth, and a value that cannot be written
// is reported.
func TestObjectKeepsOrderAndMembers(t *testing.T) {
	text, err := json.Marshal(object{{"b", 1}, {"a", object{}}, {"c", []object{{{"x", "y"}}}}})
	if err != nil || string(text) != `{"b":1,"a":{},"c":[{"x":"y"}]}` {
		t.Errorf("%s, %v", text, err)
	}
	if _, err := json.Marshal(object{{"f", func() {}}}); err == nil {
		t.Error("a value that JSON cannot write is not reported")
	}
}

// Every problem says its codes, so that a reader of the document alone can
// write a client that tells them apart.
func TestProblemsNameTheirCodes(t *testing.T) {
	text := string(document(t))
	for _, code := range []string{
		"INVALID_REQUEST", "UNAUTHENTICATED", "FORBIDDEN", "PERMISSION_NOT_HELD", "API_KEY_NOT_FOUND", "API_KEY_NAME_TAKEN",
		"API_KEY_LIMIT_EXCEEDED", "PRECONDITION_FAILED", "REQUEST_TOO_LARGE", "UNSUPPORTED_MEDIA_TYPE", "UNAVAILABLE", "INTERNAL",
	} {
		if !strings.Contains(text, code) {
			t.Errorf("%s is not in the document", code)
		}
	}
}
