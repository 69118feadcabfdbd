package protect

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsappsync"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// AppSync returns an AppSync GraphQL API as one that can be protected. Its only
// route in [Routes] is "POST /graphql", for all its operations. The authorizer
// becomes the only way in: an API key that CDK created by default is removed,
// and additional authorization modes are a fault.
func AppSync(api awsappsync.GraphqlApi) API {
	if api == nil {
		return API{}
	}
	return API{&appSync{api, keyMode}}
}

type appSync struct {
	api awsappsync.GraphqlApi
	// mode is the mode that the API must have: CDK's default, then the authorizer
	// once it is attached.
	mode string
}

func (g *appSync) construct() constructs.Construct { return g.api }
func (g *appSync) id() *string                     { return g.api.ApiId() }
func (g *appSync) called() string                  { return "appsync" }

// regional returns false: the events name no region.
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

// keyMode is the mode that CDK chooses by default.
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

// route returns the API itself, because it has one mode for all routes.
func (g *appSync) route(node constructs.IConstruct) *route {
	own, ok := node.(awsappsync.CfnGraphQLApi)
	if !ok || *own.Node().Path() != *g.own().Node().Path() {
		return nil
	}
	return &route{name: graphQL, authorization: text(own.AuthenticationType()), authorizer: text(own.AuthenticationType())}
}
