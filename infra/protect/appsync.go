package protect

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsappsync"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// AppSync is a GraphQL API of AppSync. Its one route in [Routes] is "POST
// /graphql", for every operation of it. The authorizer becomes its only way in:
// an API key that CDK made for want of another is removed, and additional modes
// of authorization are a fault.
func AppSync(api awsappsync.GraphqlApi) API {
	if api == nil {
		return API{}
	}
	return API{&appSync{api, keyMode}}
}

type appSync struct {
	api awsappsync.GraphqlApi
	// mode is the one that the API must have: CDK's own choice, and once it is
	// attached the authorizer.
	mode string
}

func (g *appSync) construct() constructs.Construct { return g.api }
func (g *appSync) id() *string                     { return g.api.ApiId() }
func (g *appSync) called() string                  { return "appsync" }

// regional is false: the events name no region.
func (g *appSync) regional() bool { return false }

func (g *appSync) own() awsappsync.CfnGraphQLApi {
	own, _ := g.api.Node().DefaultChild().(awsappsync.CfnGraphQLApi)
	return own
}

func (g *appSync) fault() string {
	own := g.own()
	switch {
	case own == nil || text(own.AuthenticationType()) != g.mode:
		return "the AppSync API has a mode of authorization of its own: leave it out"
	case own.AdditionalAuthenticationProviders() != nil:
		return "the AppSync API has additional modes of authorization, which get around Keyward: leave them out"
	}
	return ""
}

// keyMode is what CDK chooses where an app does not.
const (
	keyMode    = "API_KEY"
	lambdaMode = "AWS_LAMBDA"
)

func (g *appSync) attach(a authorizer, s Service) *string {
	for _, child := range *g.api.Node().Children() {
		if _, ok := child.(awsappsync.CfnApiKey); ok {
			g.api.Node().TryRemoveChild(child.Node().Id())
		}
	}
	g.own().SetAuthenticationType(jsii.String(lambdaMode))
	g.own().SetLambdaAuthorizerConfig(&awsappsync.CfnGraphQLApi_LambdaAuthorizerConfigProperty{
		AuthorizerUri: jsii.String(a.arn), AuthorizerResultTtlInSeconds: jsii.Number(s.CacheSeconds),
	})
	g.mode = lambdaMode
	return jsii.String(lambdaMode)
}

func (g *appSync) asks() string {
	return inJSON(awscdk.Stack_Of(g.api).Resolve(g.own().LambdaAuthorizerConfig()))
}

func (g *appSync) caller() (string, awscdk.ArnComponents) {
	return "appsync.amazonaws.com", awscdk.ArnComponents{Service: jsii.String("appsync"), Resource: jsii.String("apis"), ResourceName: g.id()}
}

// route is the API itself: it has one mode, and not one a route.
func (g *appSync) route(node constructs.IConstruct) *route {
	own, ok := node.(awsappsync.CfnGraphQLApi)
	if !ok || *own.Node().Path() != *g.own().Node().Path() {
		return nil
	}
	return &route{name: graphQL, authorization: text(own.AuthenticationType()), authorizer: text(own.AuthenticationType())}
}
