package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// standInGo builds one function, and writes one template, in place of Go.
const standInGo = `#!/bin/sh
case "$1" in
build) mkdir -p dist/lambda/.built && : > dist/lambda/.built/whoami ;;
run) [ -z "$CDK_OUTDIR" ] || { mkdir -p "$CDK_OUTDIR" && : > "$CDK_OUTDIR/new.template.json"; } ;;
esac
`

// What make synth says it wrote, it wrote: the templates of a run with other
// settings are gone.
func TestSynthLeavesNoOldTemplate(t *testing.T) {
	makefile, err := os.ReadFile("../Makefile")
	if err != nil {
		t.Fatal(err)
	}
	programs, folder := t.TempDir(), t.TempDir()
	for file, text := range map[string]string{
		filepath.Join(folder, "Makefile"):                                   string(makefile),
		filepath.Join(programs, "go"):                                       standInGo,
		filepath.Join(programs, "node"):                                     "#!/bin/sh\n",
		filepath.Join(folder, "infra", "cdk.out", "old.template.json"):      "{}",
		filepath.Join(folder, "infra", "cdk.out", "old.assets", "old.json"): "{}",
	} {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	synth := exec.Command("make", "synth")
	synth.Dir, synth.Env = folder, append(os.Environ(), "PATH="+programs+":"+os.Getenv("PATH"))
	output, err := synth.CombinedOutput()
	if err != nil || !strings.Contains(string(output), "wrote new.template.json into") {
		t.Errorf("%v\n%s", err, output)
	}
	left, err := os.ReadDir(filepath.Join(folder, "infra", "cdk.out"))
	if err != nil || len(left) != 1 {
		t.Errorf("%d are in the folder, %v", len(left), err)
	}
}
