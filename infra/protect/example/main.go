// Command example is a CDK app that puts an API of each kind behind Keyward. It
// runs in its own folder, and writes its templates into the folder that
// CDK_OUTDIR names, or where the CDK command line says.
package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"
)

func main() {
	defer jsii.Close()
	app := awscdk.NewApp(nil)
	addExample(app, "example")
	app.Synth(nil)
}
