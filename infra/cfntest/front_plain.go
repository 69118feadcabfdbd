package cfntest

import (
	"strconv"
	"strings"

	"github.com/keyward/keyward/shared/operations"
)

// plainFront reads an API that consists of API Gateway's own resources.
func (c *checker) plainFront() front {
	f := front{routes: map[string]route{}, preflights: map[string]preflight{}, responses: map[string]operations.GatewayResponse{}}
	for _, method := range c.ofType("AWS::ApiGateway::Method") {
		path := c.pathOf(text(method.get("ResourceId")))
		if method.get("HttpMethod") == "OPTIONS" {
			f.preflights[path] = preflightOf(method)
			continue
		}
		f.routes[text(method.get("HttpMethod"))+" "+path] = route{
			calledBy(method.get("Integration", "Uri")), text(method.get("AuthorizationType")),
		}
	}
	for _, response := range c.ofType("AWS::ApiGateway::GatewayResponse") {
		parameters, _ := response.get("ResponseParameters").(map[string]any)
		headers := map[string]string{}
		for name, value := range parameters {
			headers[strings.TrimPrefix(name, "gatewayresponse.header.")] = strings.Trim(text(value), "'")
		}
		f.responses[text(response.get("ResponseType"))] = gatewayResponse(
			response.get("ResponseType"), response.get("StatusCode"), headers, response.get("ResponseTemplates"))
	}
	for _, authorizer := range c.ofType("AWS::ApiGateway::Authorizer") {
		f.authorizer = text(authorizer.get("Type"))
		f.function = calledBy(authorizer.get("AuthorizerUri"))
		f.identity = strings.TrimPrefix(text(authorizer.get("IdentitySource")), "method.request.header.")
		f.ttl = text(authorizer.get("AuthorizerResultTtlInSeconds"))
	}
	for _, stage := range c.ofType("AWS::ApiGateway::Stage") {
		f.stage = stage.Properties
	}
	return f
}

// pathOf returns a resource's path by following its parents to the API's root.
func (c *checker) pathOf(reference string) string {
	resource, ok := c.Resources[strings.Trim(reference, "${}")]
	if !ok || resource.Type != "AWS::ApiGateway::Resource" {
		return ""
	}
	return c.pathOf(text(resource.get("ParentId"))) + "/" + text(resource.get("PathPart"))
}

func preflightOf(method Resource) preflight {
	parameters := method.get("Integration", "IntegrationResponses", 0, "ResponseParameters")
	header := func(name string) string { return text(at(parameters, "method.response.header."+name)) }
	if method.get("AuthorizationType") != "NONE" {
		return preflight{origin: "behind the authorizer"}
	}
	return preflight{
		header("Access-Control-Allow-Origin"), header("Access-Control-Allow-Headers"), header("Access-Control-Allow-Methods"),
	}
}

func gatewayResponse(kind, status any, headers map[string]string, templates any) operations.GatewayResponse {
	number, err := strconv.Atoi(text(status))
	if err != nil && status != nil {
		number = -1
	}
	return operations.GatewayResponse{
		Type: text(kind), Status: number, Headers: headers, Body: text(at(templates, "application/json")),
	}
}
