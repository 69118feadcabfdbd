package protect

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// API is an API that can be protected.
type API struct{ kind }

// kind is one kind of API: a file of its own.
type kind interface {
	construct() constructs.Construct
	// id is the API's, as the gateway knows it; called is how Keyward's setting
	// guardedApis calls the kind.
	id() *string
	called() string
	// fault is why the API cannot be protected; empty where it can.
	fault() string
	// attach makes the authorizer, and returns its id.
	attach(a authorizer, s Service) *string
	// asks is whom the gateway asks and for how long it keeps the answer, as
	// the app has it now. It stays as attach has made it.
	asks() string
	// route reads a resource as a route of this API; nil where it is none. One
	// that gets around the routes has a fault and no name.
	route(resource constructs.IConstruct) *route
	// regional reports whether the kind's events say in which region the API
	// is.
	regional() bool
	// caller is who calls the authorizer for the API: a service of AWS, and
	// under which ARN.
	caller() (principal string, source awscdk.ArnComponents)
}

// route is a route of an API as the API's own template has it.
type route struct {
	// name is the route's in [Routes].
	name string
	// preflight says that the gateway itself answers it, to browsers.
	preflight bool
	// authorization is what the template says: empty or NONE for nothing.
	authorization, authorizer string
	// use has the route ask an authorizer.
	use   func(authorizer *string)
	fault string
}

// deploysItself is the fault of a resource that puts an API's routes into
// service before the authorizer is on them, or without it.
const deploysItself = "has a Deployment of its own, which may know routes without the authorizer: leave it out"

func (r route) open() bool { return r.authorization == "" || r.authorization == "NONE" }

// fault is why an API cannot be protected.
func (a API) fault() string {
	if a.kind == nil {
		return "there is none: want REST, HTTP, WebSocket or AppSync"
	}
	if a.construct().Node().TryFindChild(jsii.String(authorizerID)) != nil {
		return "the API " + *a.construct().Node().Path() + " is protected twice"
	}
	return a.kind.fault()
}

// What is added to an API.
const (
	authorizerID = "KeywardAuthorizer"
	permissionID = "KeywardAuthorizerPermission"
	outputID     = "KeywardGuardedApi"
)

// letCall lets an API call the authorizer. A function can be given permissions
// in its own account only: where the API is another's, an output has what
// Keyward's own stack must be told. Where the app does not say whose it will be,
// CloudFormation decides.
func (a authorizer) letCall(api API) {
	scope := api.construct()
	stack := awscdk.Stack_Of(scope)
	unknown, same := *awscdk.Token_IsUnresolved(stack.Account()), *stack.Account() == a.account
	var own, others awscdk.CfnCondition
	if unknown {
		own, others = a.conditions(stack)
	}
	if same || unknown {
		principal, source := api.caller()
		awslambda.NewCfnPermission(scope, jsii.String(permissionID), &awslambda.CfnPermissionProps{
			Action: jsii.String("lambda:InvokeFunction"), FunctionName: jsii.String(a.arn),
			Principal: jsii.String(principal), SourceArn: stack.FormatArn(&source),
		}).CfnOptions().SetCondition(own)
	}
	if !same {
		awscdk.NewCfnOutput(scope, jsii.String(outputID), &awscdk.CfnOutputProps{
			Description: jsii.String("Add this to guardedApis in the settings of Keyward's own stack, and deploy that"),
			Condition:   others,
			Value: stack.ToJsonString(map[string]any{
				"account": stack.Account(), "region": stack.Region(), "api": api.id(), "kind": api.called(),
			}, nil),
		})
	}
}

// conditions are whether a stack turns out to be in the authorizer's account,
// and the opposite: one pair for all APIs of the stack.
func (a authorizer) conditions(stack awscdk.Stack) (own, others awscdk.CfnCondition) {
	id := "KeywardIn" + a.account
	if made, ok := stack.Node().TryFindChild(jsii.String(id)).(awscdk.CfnCondition); ok {
		return made, stack.Node().FindChild(jsii.String("Not" + id)).(awscdk.CfnCondition)
	}
	own = awscdk.NewCfnCondition(stack, jsii.String(id), &awscdk.CfnConditionProps{Expression: awscdk.Fn_ConditionEquals(stack.Account(), a.account)})
	others = awscdk.NewCfnCondition(stack, jsii.String("Not"+id), &awscdk.CfnConditionProps{Expression: awscdk.Fn_ConditionNot(own)})
	return own, others
}

// fault is why an API cannot use the authorizer: what lets it can only be said
// within one region.
func (a authorizer) fault(api API) string {
	region := awscdk.Stack_Of(api.construct()).Region()
	if *awscdk.Token_IsUnresolved(region) || *region == a.region {
		return ""
	}
	return "the API is in " + *region + " and Deployment.Authorizer in " + a.region + ": name the authorizer of the API's region"
}

// gatewayCaller is the caller of an API of API Gateway.
func gatewayCaller(api, authorizer *string) (string, awscdk.ArnComponents) {
	return "apigateway.amazonaws.com", awscdk.ArnComponents{
		Service: jsii.String("execute-api"), Resource: api, ResourceName: jsii.String("authorizers/" + *authorizer),
	}
}
