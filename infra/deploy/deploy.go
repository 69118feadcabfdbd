package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/keyward/keyward/infra/plan"
)

// deployment is one run. Programs write to out and read answers from stdin.
type deployment struct {
	// infra is the folder of cdk.json; outputs is the folder of the stacks'
	// outputs.
	infra, outputs string
	// yes deploys without asking.
	yes bool
	out io.Writer
	// override replaces cdk.json's settings, unless empty.
	override string
}

// run checks the account, builds, installs what is missing, shows what would
// change, asks, and deploys all stacks in order. If the settings lack the keys'
// ids, it first deploys the keys' stack and takes the ids from there.
func (d *deployment) run(ctx context.Context) error {
	manifest, err := plan.ReadContext(filepath.Join(d.infra, "cdk.json"))
	if err != nil {
		return err
	}
	raw, ok := manifest["keyward"].(map[string]any)
	if !ok && manifest["keyward"] != nil {
		return errors.New("the context \"keyward\" of infra/cdk.json: want an object")
	}
	settings, err := plan.SettingsIn(manifest["keyward"])
	if err != nil {
		return err
	}
	if err := d.checkAccount(ctx, settings); err != nil {
		return err
	}
	if err := d.program(ctx, "make", "zips", "-C", "..", "--no-print-directory"); err != nil {
		return err
	}
	if err := d.install(ctx); err != nil {
		return err
	}
	if !settings.NeedsKeyIDs() {
		return d.deploy(ctx)
	}
	if err := d.deploy(ctx); err != nil {
		return err
	}
	if raw["keyIds"], err = d.keyIDs(settings); err != nil {
		return err
	}
	ids, err := json.Marshal(raw["keyIds"])
	if err != nil {
		return err
	}
	_, _ = fmt.Fprintf(d.out, "keyward: the keys are there: keep this in infra/cdk.json: \"keyIds\": %s\n", ids)
	override, err := json.Marshal(raw)
	if err != nil {
		return err
	}
	d.override = string(override)
	return d.deploy(ctx)
}

// deploy synthesizes once, so that it deploys exactly what it shows.
func (d *deployment) deploy(ctx context.Context) error {
	synth := []string{"synth", "--quiet", "--output", "cdk.out"}
	if d.override != "" {
		synth = append(synth, "--context", "keyward="+d.override)
	}
	approval := "any-change"
	if d.yes {
		approval = "never"
	}
	for _, arguments := range [][]string{
		synth,
		{"diff", "--app", "cdk.out"},
		{"deploy", "--app", "cdk.out", "--all", "--require-approval", approval, "--outputs-file", d.outputs},
	} {
		if err := d.program(ctx, "npx", append([]string{"--no", "cdk"}, arguments...)...); err != nil {
			return err
		}
	}
	return nil
}

// keyIDs returns the outputs of the keys' stack in the form of the setting.
func (d *deployment) keyIDs(settings plan.Settings) (map[string]string, error) {
	text, err := os.ReadFile(d.outputs)
	if err != nil {
		return nil, err
	}
	var outputs map[string]map[string]string
	if err := json.Unmarshal(text, &outputs); err != nil {
		return nil, fmt.Errorf("read the outputs of the stacks: %w", err)
	}
	ids := make(map[string]string)
	for _, key := range plan.Keys {
		id := outputs[settings.KeysStack()][key.LogicalID+"Id"]
		if id == "" {
			return nil, fmt.Errorf("the stack %s does not tell the id of the key of the %s", settings.KeysStack(), key.Purpose)
		}
		ids[key.Purpose] = id
	}
	return ids, nil
}

// install installs the CDK command line if it is missing.
func (d *deployment) install(ctx context.Context) error {
	if _, err := os.Stat(filepath.Join(d.infra, "node_modules", ".bin", "cdk")); err == nil {
		return nil
	}
	return d.program(ctx, "npm", "ci", "--no-audit", "--no-fund")
}

func (d *deployment) program(ctx context.Context, name string, arguments ...string) error {
	program := exec.CommandContext(ctx, name, arguments...)
	program.Dir, program.Stdin, program.Stdout, program.Stderr = d.infra, os.Stdin, d.out, d.out
	program.Env = append(os.Environ(), "JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION=20")
	if err := program.Run(); err != nil {
		return fmt.Errorf("%s %s: %w", name, strings.Join(arguments[:min(3, len(arguments))], " "), err)
	}
	return nil
}
