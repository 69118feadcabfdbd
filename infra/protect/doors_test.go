package protect

import (
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigateway"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsappsync"
	"github.com/aws/jsii-runtime-go"
)

// A service's APIs stay protected: anything that opens one besides its routes is
// refused, however late the app adds it.
func TestLateDoors(t *testing.T) {
	for want, change := range map[string]func(*app){
		"Service.APIs[0]: the REST API is made from a document": func(a *app) {
			a.api.Node().DefaultChild().(awsapigateway.CfnRestApi).SetBodyS3Location(&awsapigateway.CfnRestApi_S3LocationProperty{Bucket: jsii.String("b"), Key: jsii.String("k")})
		},
		"Service.APIs[1]: the HTTP API is made from a document or a target": func(a *app) {
			a.rooms.Node().DefaultChild().(awsapigatewayv2.CfnApi).SetTarget(jsii.String("https://example.com"))
		},
		"Service.APIs[2]: the AppSync API has additional modes": func(a *app) {
			a.own().SetAdditionalAuthenticationProviders([]any{&awsappsync.CfnGraphQLApi_AdditionalAuthenticationProviderProperty{AuthenticationType: jsii.String("API_KEY")}})
		},
		"Service.APIs[0]: the app changes what Protect has made": func(a *app) {
			a.api.Node().FindChild(jsii.String(authorizerID)).(awsapigateway.CfnAuthorizer).SetAuthorizerResultTtlInSeconds(jsii.Number(300))
		},
		"Service.APIs[1]: the app changes what Protect has made": func(a *app) {
			a.rooms.Node().FindChild(jsii.String(authorizerID)).(awsapigatewayv2.CfnAuthorizer).SetAuthorizerUri(jsii.String("arn:aws:lambda:other"))
		},
		"Service.APIs[2]: the app changes what Protect has made": func(a *app) {
			a.own().SetLambdaAuthorizerConfig(&awsappsync.CfnGraphQLApi_LambdaAuthorizerConfigProperty{AuthorizerUri: jsii.String("arn:aws:lambda:other")})
		},
	} {
		a := newApp("")
		a.rooms, a.graphs = awsapigatewayv2.NewHttpApi(a.stack, jsii.String("Rooms"), nil), a.graph(nil)
		a.keyward.Protect("Files", a.files(func(s *Service) {
			s.APIs = append(s.APIs, HTTP(a.rooms), AppSync(a.graphs))
			s.Routes["$default"], s.Routes["POST /graphql"] = AnyKey(), AnyKey()
		}))
		awsapigatewayv2.NewCfnRoute(a.stack, jsii.String("Whatever"), &awsapigatewayv2.CfnRouteProps{ApiId: a.rooms.ApiId(), RouteKey: jsii.String("$default")})
		change(a)
		if _, err := a.template(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want %s\ngot %v", want, err)
		}
	}
}

func (a *app) own() awsappsync.CfnGraphQLApi {
	return a.graphs.Node().DefaultChild().(awsappsync.CfnGraphQLApi)
}

// A route is found however it refers to its API: by either of CDK's tokens or by
// a CloudFormation reference. It cannot be found if only its type is given.
func TestEveryWayToNameAnAPI(t *testing.T) {
	for name, id := range map[string]func(*app) *string{
		"attribute": func(a *app) *string { return a.api.Node().DefaultChild().(awsapigateway.CfnRestApi).AttrRestApiId() },
		"Ref":       func(a *app) *string { return awscdk.Fn_Ref(a.logicalID()) },
		"Sub":       func(a *app) *string { return awscdk.Fn_Sub(jsii.String("${"+*a.logicalID()+"}"), nil) },
	} {
		a := newApp("")
		a.keyward.Protect("Files", a.files())
		awsapigateway.NewCfnMethod(a.stack, jsii.String("Method"), &awsapigateway.CfnMethodProps{
			HttpMethod: jsii.String("GET"), ResourceId: a.api.RestApiRootResourceId(), RestApiId: id(a),
		})
		if _, err := a.template(); err == nil || !strings.Contains(err.Error(), "a path that CDK's Resource does not know is not in Service.Routes") {
			t.Errorf("%s: %v", name, err)
		}
	}
	a := newApp("")
	a.keyward.Protect("Files", a.files())
	awscdk.NewCfnResource(a.stack, jsii.String("Method"), &awscdk.CfnResourceProps{
		Type: jsii.String("AWS::ApiGateway::Method"), Properties: &map[string]any{"RestApiId": a.api.RestApiId()},
	})
	if _, err := a.template(); err == nil || !strings.Contains(err.Error(), "stack/Method is made by its type's name alone") {
		t.Errorf("by its type: %v", err)
	}
}

// Methods of a similar stack belong to another API and are ignored.
func TestOtherAPIsAreLeftAlone(t *testing.T) {
	a := newApp("")
	a.keyward.Protect("Files", a.files())
	other := awscdk.NewStack(a.App, jsii.String("other"), nil)
	api := awsapigateway.NewRestApi(other, jsii.String("Api"), &awsapigateway.RestApiProps{CloudWatchRole: jsii.Bool(false)})
	api.Root().AddMethod(jsii.String("GET"), awsapigateway.NewMockIntegration(nil), nil)
	a.must(t)
}

func (a *app) logicalID() *string {
	return a.stack.GetLogicalId(a.api.Node().DefaultChild().(awscdk.CfnElement))
}
