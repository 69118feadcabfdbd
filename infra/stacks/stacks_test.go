package stacks

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	"github.com/keyward/keyward/infra/cfntest"
	"github.com/keyward/keyward/infra/plan"
	"github.com/keyward/keyward/shared/operations"
)

// All tests share one jsii process, which takes seconds to start. Uses of
// deprecated CDK features fail them, because users would see a warning at each
// synthesis.
func TestMain(m *testing.M) {
	_ = os.Setenv("JSII_DEPRECATED", "fail")
	code := m.Run()
	jsii.Close()
	os.Exit(code)
}

// synthesize returns the templates of a deployment's stacks, as JSON. The
// functions are placeholders, because a binary's content only changes a hash.
func synthesize(t *testing.T, settings plan.Settings) map[string][]byte {
	t.Helper()
	what := fmt.Sprintf("%+v", settings)
	if known, ok := synthesized[what]; ok {
		return known
	}
	out := t.TempDir()
	all, err := templates(settings, placeholders(t), out)
	if err != nil {
		t.Fatal(err)
	}
	manifest, err := os.ReadFile(filepath.Join(out, "manifest.json"))
	if err != nil {
		t.Fatal(err)
	}
	synthesized[what], manifests[what] = all, manifest
	return all
}

// manifestOf returns the same deployment's manifest, which the CDK command line
// reads.
func manifestOf(t *testing.T, settings plan.Settings) []byte {
	t.Helper()
	synthesize(t, settings)
	return manifests[fmt.Sprintf("%+v", settings)]
}

// placeholders returns a folder of programs that do nothing.
func placeholders(t *testing.T) string {
	t.Helper()
	assets := t.TempDir()
	for _, program := range operations.Programs() {
		if err := os.WriteFile(filepath.Join(assets, program+".zip"), []byte(program), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return assets
}

// synthesized caches templates, because several tests use the same ones.
var (
	synthesized = map[string]map[string][]byte{}
	manifests   = map[string][]byte{}
)

// templates turns CDK's panics into errors, so that one fault does not end the
// whole run. Aspects in looking are added to the app before the stacks.
func templates(settings plan.Settings, assets, out string, looking ...func(awscdk.App)) (all map[string][]byte, err error) {
	defer func() {
		if fault := recover(); fault != nil {
			err = fmt.Errorf("CDK: %v", fault)
		}
	}()
	app := awscdk.NewApp(&awscdk.AppProps{Outdir: jsii.String(out), AnalyticsReporting: jsii.Bool(false)})
	for _, look := range looking {
		look(app)
	}
	stacks := New(app, Props{Settings: settings, Assets: assets})
	app.Synth(nil)
	if warned := warnings(out); warned != nil {
		return nil, fmt.Errorf("CDK warns: %s", warned)
	}
	all = map[string][]byte{}
	for _, stack := range stacks {
		name := *stack.StackName()
		data, err := os.ReadFile(filepath.Join(out, name+".template.json"))
		if err != nil {
			return nil, err
		}
		var compact bytes.Buffer
		if err := json.Compact(&compact, data); err != nil {
			return nil, err
		}
		all[name] = compact.Bytes()
	}
	return all, nil
}

// warning matches a warning of CDK in a metadata file. The CDK command line
// shows it at each deployment.
var warning = regexp.MustCompile(`"aws:cdk:warning",\s*"data": "[^"]*"`)

// warnings returns all warnings of a synthesis. Harmless ones must not exist, or
// people stop reading them.
func warnings(out string) [][]byte {
	var all [][]byte
	files, _ := filepath.Glob(filepath.Join(out, "*.json"))
	for _, file := range files {
		text, _ := os.ReadFile(file)
		all = append(all, warning.FindAll(text, -1)...)
	}
	return all
}

// read parses templates as the check does, each text once.
func read(t *testing.T, all map[string][]byte) map[string]*cfntest.Template {
	t.Helper()
	read := map[string]*cfntest.Template{}
	for name, data := range all {
		text := string(data)
		if parsed[text] == nil {
			template, err := cfntest.Read(data)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			parsed[text] = template
		}
		read[name] = parsed[text]
	}
	return read
}

var parsed = map[string]*cfntest.Template{}

var keyIDs = map[string]string{
	"tables":  "mrk-11111111111111111111111111111111",
	"peppers": "mrk-22222222222222222222222222222222",
	"secrets": "mrk-33333333333333333333333333333333",
}

// one returns a deployment to one region that the settings name.
func one() plan.Settings {
	settings := plan.Defaults()
	settings.Account, settings.Regions = "123456789012", []string{"eu-central-1"}
	return settings
}

// three returns a deployment to three regions, of which the second is the home.
func three() plan.Settings {
	settings := one()
	settings.Regions, settings.Home = []string{"eu-central-1", "us-east-1", "ap-southeast-2"}, "us-east-1"
	settings.KeyIDs = keyIDs
	return settings
}

// named returns the settings with names that Keyward creates.
func named(settings plan.Settings) plan.Settings {
	settings.Domain, settings.HostedZoneID = "example.com", "Z0123456789ABCDEFGHIJ"
	return settings
}

// two returns a deployment to two regions with failover from the first.
func two() plan.Settings {
	settings := named(three())
	settings.Regions, settings.Routing = settings.Regions[:2], plan.Failover
	return settings
}

// guarding returns the settings with foreign APIs in several regions.
func guarding(settings plan.Settings) plan.Settings {
	settings.GuardedAPIs = []plan.GuardedAPI{
		{Account: "210987654321", Region: "us-east-1", API: "rest1", Kind: plan.REST},
		{Account: "123456789012", Region: "us-east-1", API: "graph1", Kind: plan.AppSync},
		{Account: "123456789012", Region: "eu-central-1", API: "socket1", Kind: plan.WebSocket},
	}
	return settings
}

// full returns a deployment to three regions with everything turned on.
func full() plan.Settings {
	settings := traced(guarding(named(three())))
	settings.PepperRotationDays = 90
	settings.Dashboard, settings.Firewall, settings.AlarmTopic = true, true, "alarms"
	settings.Tags = map[string]string{"team": "keys", "cost-centre": "4711"}
	return settings
}

// traced returns the settings with tracing turned on.
func traced(settings plan.Settings) plan.Settings {
	settings.Tracing = true
	return settings
}

// A warning of CDK is detected.
func TestWarningsAreFound(t *testing.T) {
	out := t.TempDir()
	_, err := templates(one(), placeholders(t), out, func(app awscdk.App) {
		awscdk.Annotations_Of(awscdk.NewStack(app, jsii.String("warned"), nil)).AddWarningV2(jsii.String("id"), jsii.String("this is \"one\""))
	})
	if err == nil || !strings.Contains(err.Error(), "this is") {
		t.Errorf("error %v, want the warning", err)
	}
}
