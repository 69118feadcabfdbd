package main

import (
	"os"
	"testing"
)

// The committed code is what the generator makes of the committed document.
func TestGeneratedCodeIsFresh(t *testing.T) {
	got, err := generate(t.Context(), "..")
	if err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile("../" + generatedFile)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != string(want) {
		t.Error("wire.gen.go is stale: run make generate")
	}
}

// Values without a name for their Go type are a fault that names them.
func TestUnnamedValues(t *testing.T) {
	document := `{"paths": {"/x": {"get": {"operationId": "x", "tags": ["canonical"], "responses": {},
		"parameters": [{"name": "colour", "in": "query", "schema": {"type": "string", "enum": ["red", "blue"]}}]}}},
		"components": {"schemas": {"Problem": {"properties": {}}}}}`
	if _, err := lower([]byte(document)); err == nil || err.Error() != ".colour has values but no name: add it to enumNames" {
		t.Errorf("%v", err)
	}
	if _, err := lower([]byte("no JSON")); err == nil {
		t.Error("no JSON was lowered")
	}
}
