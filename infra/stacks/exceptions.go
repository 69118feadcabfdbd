package stacks

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigateway"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/keyward/keyward/infra/nag/explain"
	"github.com/keyward/keyward/shared/operations"
)

// exception is a rule of cdk-nag's AwsSolutions pack that a resource breaks, and
// why.
type exception struct{ rule, reason string }

// except records exceptions on a resource. A test fails for a broken rule
// without an exception, and for an exception without a broken rule.
func except(resource constructs.IConstruct, exceptions ...exception) {
	for _, e := range exceptions {
		explain.Rule(resource, e.rule, e.reason)
	}
}

func (r *Regional) exceptAPI(api awsapigateway.RestApi) {
	except(api, exception{"APIG2", "The functions check what they are sent, more strictly than API Gateway can, and name the fields at fault."})
	stage := []exception{{"APIG6", "The execution log has headers and bodies in it, with keys. The access log is on, and holds neither."}}
	if !r.settings.Firewall {
		stage = append(stage, exception{"APIG3", "The firewall is a switch, the setting waf, since it costs while nobody calls."})
	}
	except(api.DeploymentStage(), stage...)
	if r.settings.APILogRole {
		role := api.Node().FindChild(jsii.String("CloudWatchRole"))
		except(role, exception{"IAM4", "API Gateway needs it to write logs of any API of the account; AWS keeps the policy for that."})
	}
}

func exceptMethod(method awsapigateway.Method, op operations.Operation) {
	exceptions := []exception{{"COG4", "Keyward is the authorizer: it knows keys, which Cognito does not."}}
	if op.Public {
		exceptions = append(exceptions, exception{"APIG4", "It answers anybody, with nothing that is not published: " + op.Summary + "."})
	}
	except(method, exceptions...)
}
