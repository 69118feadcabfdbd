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

// HTTP returns an HTTP API as one that can be protected. The gateway itself
// answers preflights if the API has a CorsPreflight.
func HTTP(api awsapigatewayv2.HttpApi) API {
	if api == nil {
		return API{}
	}
	return API{&httpAPI{gatewayV2{api: api}}}
}

type httpAPI struct{ gatewayV2 }

func (h *httpAPI) called() string { return "http" }

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

// WebSocket returns a WebSocket API as one that can be protected. Its only route
// in [Routes] is "$connect", which it must have. The gateway asks when a
// connection is opened, and lets everything on that connection through.
func WebSocket(api awsapigatewayv2.WebSocketApi) API {
	if api == nil {
		return API{}
	}
	return API{&webSocket{gatewayV2{api: api}}}
}

type webSocket struct{ gatewayV2 }

func (w *webSocket) called() string { return "websocket" }

func (w *webSocket) fault() string {
	if w.own() == nil {
		return "the WebSocket API is not made here: its routes are not known"
	}
	return ""
}

// attach sets no cache, because a WebSocket API has none.
func (w *webSocket) attach(a authorizer, _ Service) *string {
	w.authorizer = awsapigatewayv2.NewCfnAuthorizer(w.api, jsii.String(authorizerID), &awsapigatewayv2.CfnAuthorizerProps{
		ApiId: w.id(), Name: jsii.String("keyward"), AuthorizerType: jsii.String("REQUEST"),
		AuthorizerUri: jsii.String(a.uri), IdentitySource: jsii.Strings("route.request.header.Authorization"),
	})
	return w.authorizer.Ref()
}

func (w *webSocket) route(node constructs.IConstruct) *route {
	if r := w.gatewayV2.route(node); r != nil && (r.name == handshake || r.fault != "") {
		return r
	}
	return nil
}
