package protect

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// gatewayV2 is what HTTP and WebSocket APIs have in common.
type gatewayV2 struct {
	api interface {
		constructs.Construct
		ApiId() *string
	}
	authorizer awsapigatewayv2.CfnAuthorizer
}

func (g *gatewayV2) construct() constructs.Construct { return g.api }
func (g *gatewayV2) id() *string                     { return g.api.ApiId() }
func (g *gatewayV2) regional() bool                  { return true }

func (g *gatewayV2) own() awsapigatewayv2.CfnApi {
	own, _ := g.api.Node().DefaultChild().(awsapigatewayv2.CfnApi)
	return own
}

func (g *gatewayV2) asks() string {
	a := g.authorizer
	return inJSON(a.AuthorizerType(), a.AuthorizerUri(), a.IdentitySource(), a.AuthorizerResultTtlInSeconds())
}

func (g *gatewayV2) caller() (string, awscdk.ArnComponents) {
	return gatewayCaller(g.id(), g.authorizer.Ref())
}

func (g *gatewayV2) route(node constructs.IConstruct) *route {
	if d, ok := node.(awsapigatewayv2.CfnDeployment); ok && belongs(node, d.ApiId(), g.own()) {
		return &route{fault: deploysItself}
	}
	r, ok := node.(awsapigatewayv2.CfnRoute)
	if !ok || !belongs(node, r.ApiId(), g.own()) {
		return nil
	}
	return &route{
		name: text(r.RouteKey()), authorization: text(r.AuthorizationType()), authorizer: text(r.AuthorizerId()),
		use: func(authorizer *string) {
			r.SetAuthorizationType(jsii.String("CUSTOM"))
			r.SetAuthorizerId(authorizer)
		},
	}
}
