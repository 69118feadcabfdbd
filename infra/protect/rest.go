package protect

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigateway"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/keyward/keyward/infra/nag/explain"
	"github.com/keyward/keyward/infra/protect/responses"
	"github.com/keyward/keyward/shared/operations"
)

// REST returns a REST API as one that can be protected. CDK's constructs must
// define its routes: an API that is imported or created from an OpenAPI document
// has routes that CDK does not know.
func REST(api awsapigateway.RestApi) API {
	if api == nil {
		return API{}
	}
	return API{&rest{api: api}}
}

type rest struct {
	api        awsapigateway.RestApi
	authorizer awsapigateway.CfnAuthorizer
}

func (r *rest) construct() constructs.Construct { return r.api }
func (r *rest) id() *string                     { return r.api.RestApiId() }
func (r *rest) called() string                  { return "rest" }
func (r *rest) regional() bool                  { return true }

func (r *rest) own() awsapigateway.CfnRestApi {
	own, _ := r.api.Node().DefaultChild().(awsapigateway.CfnRestApi)
	return own
}

func (r *rest) fault() string {
	if r.api.LatestDeployment() == nil {
		return "with Deploy false, a stage could keep running without the authorizer: leave out Deploy"
	}
	if own := r.own(); own == nil || own.Body() != nil || own.BodyS3Location() != nil {
		return "the REST API is made from a document: its routes are not known here"
	}
	return ""
}

// cachedBy is the cache key besides the credential.
var cachedBy = []string{"route", "source", "host"}

func (r *rest) attach(a authorizer, s Service) *string {
	sources := []string{"method.request.header.Authorization"}
	if s.CacheSeconds > 0 {
		sources = append(sources, "context.resourcePath", "context.httpMethod", "context.identity.sourceIp", "context.domainName")
	}
	r.authorizer = awsapigateway.NewCfnAuthorizer(r.api, jsii.String(authorizerID), &awsapigateway.CfnAuthorizerProps{
		RestApiId: r.id(), Name: jsii.String("keyward"), Type: jsii.String("REQUEST"),
		AuthorizerUri: jsii.String(a.uri), IdentitySource: jsii.String(strings.Join(sources, ",")),
		AuthorizerResultTtlInSeconds: jsii.Number(s.CacheSeconds),
	})
	responses.Add(r.api, "Keyward", operations.GatewayResponses())
	// A stage shows the API as it was last deployed. CDK deploys it again if this
	// text changes.
	r.api.LatestDeployment().AddToLogicalId(a.uri + strings.Join(sources, ",") + strconv.Itoa(s.CacheSeconds) + s.Routes.fingerprint())
	return r.authorizer.Ref()
}

func (r *rest) asks() string {
	return inJSON(r.authorizer.Type(), r.authorizer.AuthorizerUri(), r.authorizer.IdentitySource(), r.authorizer.AuthorizerResultTtlInSeconds())
}

// fingerprint returns a text that changes whenever a route's authorizer changes.
func (r Routes) fingerprint() string {
	var text strings.Builder
	for _, name := range slices.Sorted(maps.Keys(r)) {
		text.WriteString(name + strconv.Itoa(int(r[name].how)) + "\n")
	}
	return text.String()
}

func (r *rest) caller() (string, awscdk.ArnComponents) {
	return gatewayCaller(r.id(), r.authorizer.Ref())
}

func (r *rest) route(node constructs.IConstruct) *route {
	if r.isOtherDeployment(node) {
		return &route{fault: deploysItself}
	}
	method, ok := node.(awsapigateway.CfnMethod)
	if !ok || !belongs(node, method.RestApiId(), r.own()) {
		return nil
	}
	name := text(method.HttpMethod())
	found := &route{
		name: name + " a path that CDK's Resource does not know", authorization: text(method.AuthorizationType()), authorizer: text(method.AuthorizerId()),
		use: func(authorizer *string) {
			method.SetAuthorizationType(jsii.String("CUSTOM"))
			method.SetAuthorizerId(authorizer)
			explain.Rule(method, "COG4", "Keyward is the authorizer: it knows keys, which Cognito does not.")
		},
	}
	if parent, ok := node.Node().Scope().(awsapigateway.Method); ok {
		found.name = name + " " + *parent.Resource().Path()
		found.preflight = name == "OPTIONS" && isMock(method)
	}
	return found
}

// isOtherDeployment reports whether a resource deploys the API but is not the
// deployment that follows its routes.
func (r *rest) isOtherDeployment(node constructs.IConstruct) bool {
	deployment, ok := node.(awsapigateway.CfnDeployment)
	if !ok || !belongs(node, deployment.RestApiId(), r.own()) {
		return false
	}
	latest := r.api.LatestDeployment()
	return latest == nil || *deployment.Node().Scope().Node().Path() != *latest.Node().Path()
}

// isMock reports whether the gateway itself answers a method.
func isMock(method awsapigateway.CfnMethod) bool {
	integration, _ := awscdk.Stack_Of(method).Resolve(method.Integration()).(map[string]any)
	return integration["type"] == "MOCK"
}

// text returns an optional text, or "".
func text(t *string) string {
	if t == nil {
		return ""
	}
	return *t
}
