package cfntest

import (
	"strings"

	"github.com/keyward/keyward/shared/operations"
)

// serverlessFront reads an API in SAM's syntax: routes are events of functions,
// and all else is properties of one resource.
func (c *checker) serverlessFront(api Resource) front {
	name := text(api.get("Auth", "DefaultAuthorizer"))
	authorizer := api.get("Auth", "Authorizers", name)
	f := front{
		routes:     map[string]route{},
		preflights: map[string]preflight{},
		responses:  map[string]operations.GatewayResponse{},
		authorizer: text(at(authorizer, "FunctionPayloadType")),
		identity:   text(at(authorizer, "Identity", "Headers", 0)),
		ttl:        text(at(authorizer, "Identity", "ReauthorizeEvery")),
		stage:      api.Properties,
	}
	if _, function, ok := strings.Cut(text(at(authorizer, "FunctionArn")), ":function:"+c.settings.Name+"-"); ok {
		f.function = c.idOf(function)
	}
	cors := api.get("Cors")
	for _, function := range c.ofType("AWS::Serverless::Function") {
		events, _ := function.get("Events").(map[string]any)
		for _, event := range events {
			path := text(at(event, "Properties", "Path"))
			f.routes[text(at(event, "Properties", "Method"))+" "+path] = route{
				function.ID, c.authorizationOf(event, api),
			}
			f.preflights[path] = preflight{
				text(at(cors, "AllowOrigin")), text(at(cors, "AllowHeaders")), text(at(cors, "AllowMethods")),
			}
		}
	}
	if api.get("Auth", "AddDefaultAuthorizerToCorsPreflight") != false {
		c.fault("SAM would put preflights behind the authorizer")
	}
	responses, _ := api.get("GatewayResponses").(map[string]any)
	for kind, response := range responses {
		quoted, _ := at(response, "ResponseParameters", "Headers").(map[string]any)
		headers := map[string]string{}
		for name, value := range quoted {
			headers[name] = strings.Trim(text(value), "'")
		}
		f.responses[kind] = gatewayResponse(kind, at(response, "StatusCode"), headers, at(response, "ResponseTemplates"))
	}
	return f
}

// authorizationOf returns the authorization of an event: that of the API's
// default authorizer, or none.
func (c *checker) authorizationOf(event any, api Resource) string {
	if at(event, "Type") != "Api" || at(event, "Properties", "RestApiId") != "${"+api.ID+"}" {
		return "not a route of the API"
	}
	if at(event, "Properties", "Auth", "Authorizer") == "NONE" {
		return "NONE"
	}
	return "CUSTOM"
}
