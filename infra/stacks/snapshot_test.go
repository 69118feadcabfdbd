package stacks

import (
	"bytes"
	"encoding/json"
	"flag"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the snapshots again")

// The diff of a change shows what it deploys: testdata/snapshot holds the
// templates of a deployment to three regions, one line per resource. make
// generate writes an intended change.
func TestSnapshot(t *testing.T) {
	const folder = "testdata/snapshot"
	all := synthesize(t, full())
	if *update {
		if err := os.RemoveAll(folder); err != nil {
			t.Fatal(err)
		}
		if err := os.MkdirAll(folder, 0o755); err != nil {
			t.Fatal(err)
		}
		for name, template := range all {
			if err := os.WriteFile(filepath.Join(folder, name+".json"), snapshot(t, template), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	files, err := os.ReadDir(folder)
	if err != nil || len(files) != len(all) {
		t.Fatalf("%d snapshots of %d stacks, %v: run make generate", len(files), len(all), err)
	}
	for name, template := range all {
		kept, err := os.ReadFile(filepath.Join(folder, name+".json"))
		if err != nil {
			t.Error(err)
			continue
		}
		if line := firstDifference(string(kept), string(snapshot(t, template))); line != "" {
			t.Errorf("%s deploys something else: run make generate, and look at the diff. The first line:\n%s", name, line)
		}
	}
}

// asset matches the name of a function's package, which changes with every
// build.
var asset = regexp.MustCompile(`"[0-9a-f]{64}\.(zip|json)"`)

// snapshot returns a template in canonical form: sorted members, and one line
// for each member of a section.
func snapshot(t *testing.T, template []byte) []byte {
	t.Helper()
	var sections map[string]map[string]json.RawMessage
	if err := json.Unmarshal(bytes.TrimSpace(withoutDescription(t, template)), &sections); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	out.WriteString("{")
	for i, section := range slices.Sorted(maps.Keys(sections)) {
		out.WriteString(strings.Repeat(",", min(i, 1)) + "\n\"" + section + "\": {")
		for j, name := range slices.Sorted(maps.Keys(sections[section])) {
			var value any
			if err := json.Unmarshal(sections[section][name], &value); err != nil {
				t.Fatal(err)
			}
			line, err := json.Marshal(value) // sorted by name
			if err != nil {
				t.Fatal(err)
			}
			out.WriteString(strings.Repeat(",", min(j, 1)) + "\n  \"" + name + "\": ")
			out.Write(asset.ReplaceAll(line, []byte(`"ASSET.$1"`)))
		}
		out.WriteString("\n}")
	}
	out.WriteString("\n}\n")
	return out.Bytes()
}

// withoutDescription removes the only member that is not a section.
func withoutDescription(t *testing.T, template []byte) []byte {
	t.Helper()
	var members map[string]json.RawMessage
	if err := json.Unmarshal(template, &members); err != nil {
		t.Fatal(err)
	}
	delete(members, "Description")
	rest, err := json.Marshal(members)
	if err != nil {
		t.Fatal(err)
	}
	return rest
}

// firstDifference returns the first line of got that differs, or "".
func firstDifference(want, got string) string {
	lines := strings.Split(want, "\n")
	for i, line := range strings.Split(got, "\n") {
		if i >= len(lines) || lines[i] != line {
			return line
		}
	}
	if len(got) < len(want) {
		return "(it ends early)"
	}
	return ""
}

// The form is independent of a template's spelling and of the build, and shows
// every other difference.
func TestSnapshotForm(t *testing.T) {
	hash := strings.Repeat("0a", 32)
	a := snapshot(t, []byte(`{"Description":"x","Resources":{"B":{"b":1,"a":"`+hash+`.zip"},"A":{}},"Outputs":{}}`))
	b := snapshot(t, []byte(`{"Outputs":{}, "Resources":{"A":{},"B":{"a":"`+strings.Repeat("1b", 32)+`.zip", "b":1}}}`))
	want := "{\n\"Outputs\": {\n},\n\"Resources\": {\n  \"A\": {},\n  \"B\": {\"a\":\"ASSET.zip\",\"b\":1}\n}\n}\n"
	if string(a) != want || string(b) != want {
		t.Errorf("snapshots\n%s\n%s\nwant\n%s", a, b, want)
	}
	if line := firstDifference(want, strings.Replace(want, `"b":1`, `"b":2`, 1)); !strings.Contains(line, `"b":2`) {
		t.Errorf("the difference is %q", line)
	}
}
