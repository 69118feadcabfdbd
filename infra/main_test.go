package main

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/keyward/keyward/infra/plan"
	"github.com/keyward/keyward/shared/operations"
)

// cdk.json, as it is in the repository, states every default, so that an owner
// sees what can be chosen, and is accepted.
func TestManifestStatesTheDefaults(t *testing.T) {
	context, err := plan.ReadContext("cdk.json")
	if err != nil {
		t.Fatal(err)
	}
	settings, err := plan.SettingsIn(context["keyward"])
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(settings, plan.Defaults()) {
		t.Errorf("cdk.json says %+v, want %+v", settings, plan.Defaults())
	}
}

// Settings can come as an object, as the command line's text, or not at all.
func TestReadSettings(t *testing.T) {
	chosen := plan.Defaults()
	chosen.Burst = 7
	for name, test := range map[string]struct {
		raw  any
		want plan.Settings
	}{
		"none":   {nil, plan.Defaults()},
		"object": {map[string]any{"burst": 7.0}, chosen},
		"text":   {`{"burst": 7}`, chosen},
	} {
		if got, err := plan.SettingsIn(test.raw); err != nil || !reflect.DeepEqual(got, test.want) {
			t.Errorf("%s: %+v, %v; want %+v", name, got, err, test.want)
		}
	}
	for _, raw := range []any{"burst=7", "7", 7.0, []any{}, map[string]any{"Burst": 7.0}} {
		if got, err := plan.SettingsIn(raw); err == nil {
			t.Errorf("%v was accepted, as %+v", raw, got)
		}
	}
}

// Where the ids of keys are missing, one line says what to do; else none does.
func TestNext(t *testing.T) {
	several := plan.Defaults()
	several.Account, several.Regions = "123456789012", []string{"eu-central-1", "us-east-1"}
	if line := next(several); !strings.Contains(line, "deploy keyward-keys first") || !strings.Contains(line, "keyIds") || strings.Count(line, "\n") != 1 {
		t.Errorf("the line is %q", line)
	}
	several.KeyIDs = map[string]string{}
	for _, settings := range []plan.Settings{plan.Defaults(), several} {
		if line := next(settings); line != "" {
			t.Errorf("an unasked line: %q", line)
		}
	}
}

// A program that is not built is named, together with what to do.
func TestCheckAssets(t *testing.T) {
	folder := t.TempDir()
	for _, program := range operations.Programs() {
		err := checkAssets(folder)
		if err == nil || !strings.Contains(err.Error(), program+".zip is not packed: run make zips") {
			t.Fatalf("error %v, want one that names %s", err, program)
		}
		if err := os.WriteFile(filepath.Join(folder, program+".zip"), nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := checkAssets(folder); err != nil {
		t.Error(err)
	}
}
