// Command infra is Keyward's CDK app. It writes the CloudFormation templates of
// a deployment into the folder that CDK_OUTDIR names, or where the CDK command
// line says.
package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	"github.com/keyward/keyward/infra/local/checkout"
	"github.com/keyward/keyward/infra/plan"
	"github.com/keyward/keyward/infra/stacks"
	"github.com/keyward/keyward/shared/operations"
)

func main() {
	if err := synthesize(); err != nil {
		fmt.Fprintf(os.Stderr, "keyward: %v\n", err)
		os.Exit(1)
	}
}

func synthesize() error {
	root, err := checkout.Root()
	if err != nil {
		return err
	}
	context, err := plan.ReadContext(filepath.Join(root, "infra", "cdk.json"))
	if err != nil {
		return err
	}
	// Check the settings before CDK's process starts: when that ends, its output can
	// mix with the error.
	if _, err := plan.SettingsIn(context["keyward"]); err != nil {
		return err
	}
	assets := filepath.Join(root, "dist", "zips")
	if err := checkAssets(assets); err != nil {
		return err
	}
	defer jsii.Close()
	// The CDK command line passes cdk.json's context, which takes precedence.
	// Without that command line, the context is the one read here.
	app := awscdk.NewApp(&awscdk.AppProps{Context: &context})
	settings, err := plan.SettingsIn(app.Node().TryGetContext(jsii.String("keyward")))
	if err != nil {
		return err
	}
	stacks.New(app, stacks.Props{Settings: settings, Assets: assets})
	app.Synth(nil)
	fmt.Fprint(os.Stderr, next(settings))
	return nil
}

// next returns one line that says what to do if only some of the stacks can be
// synthesized; otherwise "".
func next(settings plan.Settings) string {
	if !settings.NeedsKeyIDs() {
		return ""
	}
	return fmt.Sprintf("keyward: deploy %s first, then copy its outputs into the setting keyIds: the other stacks need them\n", settings.KeysStack())
}

func checkAssets(folder string) error {
	for _, program := range operations.Programs() {
		if _, err := os.Stat(filepath.Join(folder, program+".zip")); err != nil {
			return fmt.Errorf("%s.zip is not packed: run make zips first", program)
		}
	}
	return nil
}
