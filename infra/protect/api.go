package protect

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// API is an API that can be protected.
type API struct{ kind }

// kind is one kind of API.
type kind interface {
	construct() constructs.Construct
	// id returns the API's id at the gateway. called returns the kind's name in
	// Keyward's guardedApis setting.
	id() *string
	called() string
	// fault returns why the API cannot be protected, or "".
	fault() string
	// attach creates the authorizer and returns its id.
	attach(a authorizer, s Service) *string
	// asks returns whom the gateway asks and how long it caches the answer, as the
	// app says now. It must stay as attach set it.
	asks() string
	// route returns a resource as a route of this API, or nil if it is none. A
	// resource that bypasses the routes has a fault and no name.
	route(resource constructs.IConstruct) *route
	// regional reports whether the kind's events name the API's region.
	regional() bool
	// caller returns the AWS service that calls the authorizer for the API, and its
	// source ARN.
	caller() (principal string, source awscdk.ArnComponents)
}

// route is a route in the API's own template.
type route struct {
	// name is the route's name in [Routes].
	name string
	// preflight means that the gateway itself answers the route, for browsers.
	preflight bool
	// authorization is the template's value: empty or NONE for no authorization.
	authorization, authorizer string
	// use sets the route's authorizer.
	use   func(authorizer *string)
	fault string
}

// deploysItself is the fault of a resource that deploys an API's routes before
// the authorizer is attached, or without it.
const deploysItself = "has a Deployment of its own, which may know routes without the authorizer: leave it out"

func (r route) open() bool { return r.authorization == "" || r.authorization == "NONE" }

// fault returns why the API cannot be protected, or "".
func (a API) fault() string {
	if a.kind == nil {
		return "there is none: want REST, HTTP, WebSocket or AppSync"
	}
	if a.construct().Node().TryFindChild(jsii.String(authorizerID)) != nil {
		return "the API " + *a.construct().Node().Path() + " is protected twice"
	}
	return a.kind.fault()
}

// The ids of the constructs that are added to an API.
const (
	authorizerID = "KeywardAuthorizer"
	permissionID = "KeywardAuthorizerPermission"
	outputID     = "KeywardGuardedApi"
)

// letCall allows an API to call the authorizer. A stack can only grant
// permissions on functions in its own account. If the authorizer is in another
// account, an output has the setting to add to Keyward's stack. If the app does
// not fix its account, CloudFormation decides at deployment.
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

// conditions returns the conditions that a stack is in the authorizer's account,
// and that it is not: one pair for all APIs of the stack.
func (a authorizer) conditions(stack awscdk.Stack) (own, others awscdk.CfnCondition) {
	id := "KeywardIn" + a.account
	if made, ok := stack.Node().TryFindChild(jsii.String(id)).(awscdk.CfnCondition); ok {
		return made, stack.Node().FindChild(jsii.String("Not" + id)).(awscdk.CfnCondition)
	}
	own = awscdk.NewCfnCondition(stack, jsii.String(id), &awscdk.CfnConditionProps{Expression: awscdk.Fn_ConditionEquals(stack.Account(), a.account)})
	others = awscdk.NewCfnCondition(stack, jsii.String("Not"+id), &awscdk.CfnConditionProps{Expression: awscdk.Fn_ConditionNot(own)})
	return own, others
}

// fault returns why the API cannot use the authorizer: the permission only works
// within one region.
func (a authorizer) fault(api API) string {
	region := awscdk.Stack_Of(api.construct()).Region()
	if *awscdk.Token_IsUnresolved(region) || *region == a.region {
		return ""
	}
	return "the API is in " + *region + " and Deployment.Authorizer in " + a.region + ": name the authorizer of the API's region"
}

// gatewayCaller returns the caller for an API of API Gateway.
func gatewayCaller(api, authorizer *string) (string, awscdk.ArnComponents) {
	return "apigateway.amazonaws.com", awscdk.ArnComponents{
		Service: jsii.String("execute-api"), Resource: api, ResourceName: jsii.String("authorizers/" + *authorizer),
	}
}
