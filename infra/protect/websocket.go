package protect

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

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
