package canonical

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/dialect/wire"
)

var update = flag.Bool("update", false, "write the events' schemas again")

// schemas is the folder of the schemas of this version.
const schemas = "../../../events/schemas/v1"

// Every action of the audit log is an event of a type of its own, with or without
// a condition, and no action of another has that type.
func TestEventTypes(t *testing.T) {
	rest, types := map[apikey.Action]bool{}, map[string]bool{}
	for _, kind := range EventTypes {
		if types[kind.Type] || kind.Doc == "" || rest[kind.Action] {
			t.Errorf("%s stands twice, or behind a row that takes all of %s, or has no description", kind.Type, kind.Action)
		}
		types[kind.Type] = true
		rest[kind.Action] = kind.Field == ""
	}
	for _, action := range apikey.Actions {
		if !rest[action] {
			t.Errorf("%s is no event: give it a row in EventTypes, and run make generate", action)
		}
		delete(rest, action)
	}
	for action := range rest {
		t.Errorf("%s is not an action of the audit log", action)
	}
}

// The repository has the schema of every type of event, and no other.
func TestEventSchemas(t *testing.T) {
	if EventVersion != 1 || filepath.Base(schemas) != "v1" {
		t.Fatalf("version %d has another folder than %s: keep the schemas of the last version", EventVersion, schemas)
	}
	want := map[string][]byte{}
	for _, kind := range EventTypes {
		text, err := json.MarshalIndent(eventSchema(kind), "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		want[kind.Type+".json"] = append(text, '\n')
	}
	if *update {
		_ = os.RemoveAll(schemas)
		if err := os.MkdirAll(schemas, 0o755); err != nil {
			t.Fatal(err)
		}
		for name, text := range want {
			if err := os.WriteFile(filepath.Join(schemas, name), text, 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	files, _ := filepath.Glob(filepath.Join(schemas, "*"))
	for _, file := range files {
		if text, err := os.ReadFile(file); err != nil || !bytes.Equal(text, want[filepath.Base(file)]) {
			t.Errorf("%s is out of date: run make generate: %v", file, err)
		}
		delete(want, filepath.Base(file))
	}
	for name := range want {
		t.Errorf("%s is missing: run make generate", name)
	}
}

type schema = map[string]any

// eventSchema returns the JSON Schema of a type of event, as a rule's target gets
// it. It is open: members may be added.
func eventSchema(kind EventType) schema {
	detail := structSchema(reflect.TypeFor[EventDetail]())
	members := detail["properties"].(schema)
	members["version"] = schema{"const": EventVersion, "description": members["version"].(schema)["description"]}
	members["action"] = schema{"const": kind.Action, "description": "What was done."}
	if kind.Field != "" {
		detail["required"] = append(detail["required"].([]string), "after")
		after := members["after"].(schema)
		after["required"], after["properties"] = []string{kind.Field}, schema{kind.Field: schema{"const": kind.Value}}
	}
	return schema{
		"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": kind.Type + ".json", "title": kind.Type, "description": kind.Doc,
		"type": "object", "required": []string{"source", "detail-type", "detail"},
		"properties": schema{"source": schema{"const": EventSource}, "detail-type": schema{"const": kind.Type}, "detail": detail},
	}
}

// structSchema returns the schema of a struct: those of its members, of which
// those that are never left out are required.
func structSchema(of reflect.Type) schema {
	members, required := schema{}, []string{}
	for _, f := range wire.Fields(of) {
		member := schema{"type": "string"}
		switch f.Type.Kind() {
		case reflect.Int:
			member["type"] = "integer"
		case reflect.Map:
			member["type"], member["additionalProperties"] = "object", schema{"type": "string"}
		case reflect.Struct:
			member = structSchema(f.Type)
		}
		if doc := f.Tag.Get("doc"); doc != "" {
			member["description"] = doc
		}
		if format := f.Tag.Get("format"); format != "" {
			member["format"] = format
		}
		members[f.Name] = member
		if !f.OmitZero {
			required = append(required, f.Name)
		}
	}
	return schema{"type": "object", "properties": members, "required": required}
}
