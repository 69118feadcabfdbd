// Package stacks builds Keyward's CloudFormation stacks with CDK. What they say
// comes from the operation table and from package plan; a test holds the
// synthesized templates equal to both.
package stacks

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/keyward/keyward/infra/plan"
)

// RegionalProps are what a regional stack needs to know.
type RegionalProps struct {
	Settings plan.Settings
	// Assets is the folder that holds NAME/bootstrap for every function.
	Assets string
}

// Regional is all of Keyward in one region: the tables and their keys, the
// functions, and the management API behind the authorizer.
type Regional struct {
	awscdk.Stack
	settings  plan.Settings
	assets    string
	storage   storage
	functions map[string]function
}

// NewRegional adds a regional stack to an app. It panics, as CDK does, where the
// assets are missing.
func NewRegional(scope constructs.Construct, id string, props RegionalProps) *Regional {
	options := &awscdk.StackProps{
		Description: jsii.String("Keyward: API keys"),
		// The metadata resource only reports to AWS which constructs are used.
		AnalyticsReporting: jsii.Bool(false),
	}
	if props.Settings.Account != "" {
		options.Env = &awscdk.Environment{
			Account: jsii.String(props.Settings.Account),
			Region:  jsii.String(props.Settings.Region),
		}
	}
	r := &Regional{
		Stack:     awscdk.NewStack(scope, jsii.String(id), options),
		settings:  props.Settings,
		assets:    props.Assets,
		functions: map[string]function{},
	}
	r.storage = r.newStorage()
	api := r.newAPI()
	for _, planned := range plan.Functions() {
		r.functions[planned.Name] = r.newFunction(planned, api)
	}
	r.addRoutes(api)
	r.addSchedules()
	r.output("ApiUrl", "Where the management API answers", api.Url())
	r.output("BootstrapName", "Invoke it once, to make the first organization and its admin key", r.functions["bootstrap"].lambda.FunctionName())
	r.output("AuthorizerArn", "The authorizer, for other APIs of this account and region", r.functions["authorizer"].lambda.FunctionArn())
	return r
}

func (r *Regional) output(id, description string, value *string) {
	awscdk.NewCfnOutput(r.Stack, jsii.String(id), &awscdk.CfnOutputProps{Description: jsii.String(description), Value: value})
}
