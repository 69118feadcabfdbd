package stacks

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigateway"
	"github.com/aws/jsii-runtime-go"

	"github.com/keyward/keyward/infra/nag/explain"
	"github.com/keyward/keyward/shared/operations"
)

// A test fails for a broken rule that is not explained, and for an explained
// rule that is not broken.

func (r *Regional) explainAPI(api awsapigateway.RestApi) {
	explain.Rule(api, "APIG2", "The functions check what they are sent, more strictly than API Gateway can, and name the fields at fault.")
	stage := api.DeploymentStage()
	explain.Rule(stage, "APIG6", "The execution log has headers and bodies in it, with keys. The access log is on, and holds neither.")
	if !r.settings.Firewall {
		explain.Rule(stage, "APIG3", "The firewall is a switch, the setting waf, since it costs while nobody calls.")
	}
	if r.settings.APILogRole {
		role := api.Node().FindChild(jsii.String("CloudWatchRole"))
		explain.Rule(role, "IAM4", "API Gateway needs it to write logs of any API of the account; AWS keeps the policy for that.")
	}
}

func explainMethod(method awsapigateway.Method, op operations.Operation) {
	explain.Rule(method, "COG4", "Keyward is the authorizer: it knows keys, which Cognito does not.")
	if op.Public {
		explain.Rule(method, "APIG4", "It answers anybody, with nothing that is not published: "+op.Summary+".")
	}
}
