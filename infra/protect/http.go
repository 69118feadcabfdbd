package protect

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2"
	"github.com/aws/jsii-runtime-go"
)

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
