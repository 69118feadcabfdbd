package protect

import (
	"encoding/json"
	"regexp"
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigateway"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2"
	"github.com/aws/constructs-go/constructs/v10"
)

// belongs reports whether a resource refers to an API by id. CDK writes each
// form of the id as the same token everywhere. The API's stack can also write it
// as a CloudFormation reference to the API's resource.
func belongs(node constructs.IConstruct, named *string, api awscdk.CfnResource) bool {
	if named == nil || api == nil {
		return false
	}
	ids := []string{*api.Ref()}
	switch api := api.(type) {
	case awsapigateway.CfnRestApi:
		ids = append(ids, *api.AttrRestApiId())
	case awsapigatewayv2.CfnApi:
		ids = append(ids, *api.AttrApiId())
	}
	if slices.Contains(ids, *named) {
		return true
	}
	stack := awscdk.Stack_Of(api)
	if *awscdk.Stack_Of(node).Node().Path() != *stack.Node().Path() {
		return false
	}
	words := regexp.MustCompile(`["{]` + regexp.QuoteMeta(*stack.GetLogicalId(api)) + `["}.]`)
	return words.MatchString(inJSON(stack.Resolve(named)))
}

// opaque lists the types whose resources reveal whom a route asks only if CDK's
// own class created them. One created as a generic CfnResource cannot be read.
var opaque = []string{
	"AWS::ApiGateway::Method", "AWS::ApiGateway::Deployment", "AWS::ApiGatewayV2::Route", "AWS::ApiGatewayV2::Deployment",
}

// isOpaque reports whether a resource may be a route of any API without showing
// it.
func isOpaque(node constructs.IConstruct) bool {
	resource, ok := node.(awscdk.CfnResource)
	if !ok || !slices.Contains(opaque, *resource.CfnResourceType()) {
		return false
	}
	switch node.(type) {
	case awsapigateway.CfnMethod, awsapigateway.CfnDeployment, awsapigatewayv2.CfnRoute, awsapigatewayv2.CfnDeployment:
		return false
	}
	return true
}

// inJSON returns values as JSON, for comparison.
func inJSON(values ...any) string {
	data, err := json.Marshal(values)
	if err != nil {
		panic(err)
	}
	return string(data)
}
