package stacks

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/aws/jsii-runtime-go"

	"github.com/keyward/keyward/infra/plan"
)

// All tests share one jsii process, which takes seconds to start.
func TestMain(m *testing.M) {
	code := m.Run()
	jsii.Close()
	os.Exit(code)
}

// synthesize returns the regional stack's template, as JSON. The functions are
// placeholders: what is in a binary changes nothing but a hash.
func synthesize(t *testing.T, settings plan.Settings) []byte {
	t.Helper()
	assets := t.TempDir()
	for _, function := range plan.Functions() {
		folder := filepath.Join(assets, function.Name)
		if err := os.Mkdir(folder, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(folder, "bootstrap"), []byte(function.Name), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	template, err := template(settings, assets, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return template
}

// template turns CDK's panics into errors, so that one fault does not end the
// whole run.
func template(settings plan.Settings, assets, out string) (data []byte, err error) {
	defer func() {
		if fault := recover(); fault != nil {
			err = fmt.Errorf("CDK: %v", fault)
		}
	}()
	app := awscdk.NewApp(&awscdk.AppProps{Outdir: jsii.String(out), AnalyticsReporting: jsii.Bool(false)})
	regional := NewRegional(app, "keyward", RegionalProps{Settings: settings, Assets: assets})
	return json.Marshal(assertions.Template_FromStack(regional.Stack, nil).ToJSON())
}
