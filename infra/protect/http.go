package protect

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// HTTP returns an HTTP API as one that can be protected. The gateway itself
// answers preflights if the API has a CorsPreflight.
func HTTP(api awsapigatewayv2.HttpApi) API {
	if api == nil {
		return API{}
	}
	return API{&httpAPI{api: api}}
}

type httpAPI struct {
	api        awsapigatewayv2.HttpApi
	authorizer awsapigatewayv2.CfnAuthorizer
}

func (h *httpAPI) construct() constructs.Construct { return h.api }
func (h *httpAPI) id() *string                     { return h.api.ApiId() }
func (h *httpAPI) called() string                  { return "http" }
func (h *httpAPI) regional() bool                  { return true }

func (h *httpAPI) own() awsapigatewayv2.CfnApi {
	own, _ := h.api.Node().DefaultChild().(awsapigatewayv2.CfnApi)
	return own
}

func (h *httpAPI) fault() string {
	if own := h.own(); own == nil || own.Body() != nil || own.BodyS3Location() != nil || own.Target() != nil {
		return "the HTTP API is made from a document or a target: its routes are not known here"
	}
	return ""
}

func (h *httpAPI) attach(a authorizer, s Service) *string {
	sources := []string{"$request.header.Authorization"}
	if s.CacheSeconds > 0 {
		sources = append(sources, "$context.routeKey", "$context.identity.sourceIp", "$context.domainName")
	}
	h.authorizer = awsapigatewayv2.NewCfnAuthorizer(h.api, jsii.String(authorizerID), &awsapigatewayv2.CfnAuthorizerProps{
		ApiId: h.id(), Name: jsii.String("keyward"), AuthorizerType: jsii.String("REQUEST"),
		AuthorizerUri: jsii.String(a.uri), IdentitySource: jsii.Strings(sources...),
		AuthorizerPayloadFormatVersion: jsii.String("2.0"), EnableSimpleResponses: jsii.Bool(true),
		AuthorizerResultTtlInSeconds: jsii.Number(s.CacheSeconds),
	})
	return h.authorizer.Ref()
}

func (h *httpAPI) asks() string { return asked(h.authorizer) }

// asked returns whom an authorizer of an HTTP or WebSocket API asks.
func asked(a awsapigatewayv2.CfnAuthorizer) string {
	return inJSON(a.AuthorizerType(), a.AuthorizerUri(), a.IdentitySource(), a.AuthorizerResultTtlInSeconds())
}

func (h *httpAPI) caller() (string, awscdk.ArnComponents) {
	return gatewayCaller(h.id(), h.authorizer.Ref())
}

func (h *httpAPI) route(node constructs.IConstruct) *route { return routeOf(node, h.own()) }

// routeOf returns a resource as a route of an HTTP or WebSocket API.
func routeOf(node constructs.IConstruct, api awsapigatewayv2.CfnApi) *route {
	if d, ok := node.(awsapigatewayv2.CfnDeployment); ok && belongs(node, d.ApiId(), api) {
		return &route{fault: deploysItself}
	}
	r, ok := node.(awsapigatewayv2.CfnRoute)
	if !ok || !belongs(node, r.ApiId(), api) {
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
