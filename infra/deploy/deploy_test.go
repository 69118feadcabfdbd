package main

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// standIns replace the real programs and record their calls. The one for CDK
// writes the outputs of the keys' stack.
var standIns = map[string]string{
	"npx": `#!/bin/sh
echo "npx $*" >> "$CALLS"
case "$*" in *"cdk $FAIL "*) exit 1 ;; esac
while [ $# -gt 0 ]; do
  if [ "$1" = --outputs-file ]; then echo "$OUTPUTS" > "$2"; fi
  shift
done
`,
	"npm":  "#!/bin/sh\necho \"npm $*\" >> \"$CALLS\"\n",
	"make": "#!/bin/sh\necho \"make $*\" >> \"$CALLS\"\n[ \"$FAIL\" != make ]\n",
	"aws":  "#!/bin/sh\nif [ -n \"$NOBODY\" ]; then echo 'A notice.' >&2; echo \"$NOBODY\" >&2; exit 253; fi\necho 123456789012\n",
}

const keyOutputs = `{"keyward-keys": {"TableKeyId": "mrk-1", "PepperKeyId": "mrk-2", "SecretsKeyId": "mrk-3"}}`

// deployed runs a deployment with those settings and the replaced programs. It
// returns the calls of npx and npm, the output, and the error.
func deployed(t *testing.T, settings string, yes bool, environment ...string) (calls []string, said string, err error) {
	t.Helper()
	folder := t.TempDir()
	for name, script := range standIns {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(script), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("PATH", folder)
	t.Setenv("CALLS", filepath.Join(folder, "calls"))
	for _, variable := range append([]string{"OUTPUTS=" + keyOutputs, "FAIL=none", "NOBODY=", "AWS_ACCESS_KEY_ID="}, environment...) {
		name, value, _ := strings.Cut(variable, "=")
		t.Setenv(name, value)
	}
	if err := os.WriteFile(filepath.Join(folder, "cdk.json"), []byte(`{"context": {"keyward": `+settings+`}}`), 0o644); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	d := &deployment{infra: folder, outputs: filepath.Join(folder, "outputs.json"), yes: yes, out: &out}
	err = d.run(t.Context())
	text, _ := os.ReadFile(filepath.Join(folder, "calls"))
	calls = strings.Split(strings.ReplaceAll(strings.TrimSpace(string(text)), d.outputs, "OUTPUTS"), "\n")
	return calls, out.String(), err
}

const (
	build   = "make zips -C .. --no-print-directory"
	install = "npm ci --no-audit --no-fund"
	synth   = "npx --no cdk synth --quiet --output cdk.out"
	diff    = "npx --no cdk diff --app cdk.out"
	ask     = "npx --no cdk deploy --app cdk.out --all --require-approval any-change --outputs-file OUTPUTS"
	never   = "npx --no cdk deploy --app cdk.out --all --require-approval never --outputs-file OUTPUTS"

	several = `{"account": "123456789012", "regions": ["eu-central-1", "us-east-1"], "burst": 7}`
)

// What was synthesized is shown and then deployed, with all stacks. It is
// deployed without asking only if YES asks for that.
func TestDeploySynthesizesShowsAsksDeploys(t *testing.T) {
	for yes, last := range map[bool]string{false: ask, true: never} {
		calls, said, err := deployed(t, `{}`, yes)
		if want := []string{build, install, synth, diff, last}; err != nil || !slices.Equal(calls, want) {
			t.Errorf("%v\n%q\nwant\n%q", err, calls, want)
		}
		if !strings.Contains(said, "123456789012") {
			t.Errorf("the account is not named: %q", said)
		}
	}
}

// With several regions and no key ids, the keys' stack is deployed first. The
// rest follows with the ids and all other settings. The owner is told which ids
// to save.
func TestDeployKeysFirst(t *testing.T) {
	calls, said, err := deployed(t, several, true)
	context := ` --context keyward={"account":"123456789012","burst":7,` +
		`"keyIds":{"peppers":"mrk-2","secrets":"mrk-3","tables":"mrk-1"},"regions":["eu-central-1","us-east-1"]}`
	want := []string{build, install, synth, diff, never, synth + context, diff, never}
	if err != nil || !slices.Equal(calls, want) {
		t.Errorf("%v\n%q\nwant\n%q", err, calls, want)
	}
	if !strings.Contains(said, `"keyIds": {"peppers":"mrk-2","secrets":"mrk-3","tables":"mrk-1"}`) {
		t.Errorf("said %q", said)
	}
}

// With the ids in the settings, everything is deployed at once.
func TestDeployWithKeyIDs(t *testing.T) {
	id := "mrk-" + strings.Repeat("0", 32)
	ids := `"keyIds": {"tables": "` + id + `", "peppers": "` + id + `", "secrets": "` + id + `"}`
	calls, _, err := deployed(t, strings.TrimSuffix(several, "}")+", "+ids+"}", false)
	if want := []string{build, install, synth, diff, ask}; err != nil || !slices.Equal(calls, want) {
		t.Errorf("%v\n%q\nwant\n%q", err, calls, want)
	}
}

// A missing program or a failure ends the deployment with one line that says so,
// before any later step.
func TestDeployStops(t *testing.T) {
	for name, c := range map[string]struct {
		settings, environment, says string
		calls                       []string
	}{
		"no credentials":   {`{}`, "NOBODY=Unable to locate credentials.", "no AWS credentials", nil},
		"other account":    {strings.Replace(several, "123456789012", "210987654321", 1), "FAIL=none", "210987654321", nil},
		"unknown setting":  {`{"Burst": 7}`, "FAIL=none", "Burst", nil},
		"no build":         {`{}`, "FAIL=make", "make zips", []string{build}},
		"no synthesis":     {`{}`, "FAIL=synth", "cdk synth", []string{build, install, synth}},
		"no diff":          {`{}`, "FAIL=diff", "cdk diff", []string{build, install, synth, diff}},
		"refused":          {`{}`, "FAIL=deploy", "cdk deploy", []string{build, install, synth, diff, ask}},
		"keys refused":     {several, "FAIL=deploy", "cdk deploy", []string{build, install, synth, diff, ask}},
		"keys without ids": {several, "OUTPUTS={}", "keyward-keys", []string{build, install, synth, diff, ask}},
	} {
		t.Run(name, func(t *testing.T) {
			calls, _, err := deployed(t, c.settings, false, c.environment)
			if err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("the error is %v, and does not say %q", err, c.says)
			}
			if !slices.Equal(calls, c.calls) && (c.calls != nil || calls[0] != "") {
				t.Errorf("%q\nwant\n%q", calls, c.calls)
			}
		})
	}
}

// Without credentials, the line ends with the AWS command line's last line. If
// the shell is set to the local stack, it says that too.
func TestDeployWithoutCredentials(t *testing.T) {
	const said, local = "The security token included in the request is invalid.", "variables of the local stack"
	for name, c := range map[string]struct {
		environment []string
		says        string
	}{
		"an owner's shell": {nil, ""},
		"local key":        {[]string{"AWS_ACCESS_KEY_ID=local"}, local + ", AWS_ACCESS_KEY_ID:"},
		"local endpoints": {
			[]string{"AWS_ENDPOINT_URL_KMS=http://127.0.0.1:1", "AWS_ENDPOINT_URL_DYNAMODB=http://127.0.0.1:2"},
			local + ", AWS_ENDPOINT_URL_DYNAMODB, AWS_ENDPOINT_URL_KMS:",
		},
	} {
		t.Run(name, func(t *testing.T) {
			_, _, err := deployed(t, `{}`, false, append(c.environment, "NOBODY="+said)...)
			if err == nil {
				t.Fatal("no error")
			}
			if text := err.Error(); !strings.Contains(text, said) || strings.Contains(text, "A notice") || strings.Contains(text, "\n") ||
				strings.Contains(text, local) != (c.says != "") || !strings.Contains(text, c.says) {
				t.Errorf("the error is %q", text)
			}
		})
	}
}

// Without the AWS command line, one line says what to install.
func TestDeployWithoutAWS(t *testing.T) {
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "cdk.json"), []byte(`{}`), 0o644); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", folder)
	d := &deployment{infra: folder, out: &bytes.Buffer{}}
	if err := d.run(t.Context()); err == nil || err.Error() != "aws is missing: install AWS CLI v2" {
		t.Error(err)
	}
}
