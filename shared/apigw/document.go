package apigw

import (
	"context"
	_ "embed"
)

//go:generate go run ./openapi/generate

// document is made by the generator before the build, so that the function has
// nothing to do.
//
//go:embed openapi.json
var document string

// Document returns the API's OpenAPI 3.1 document, in JSON.
func Document() string { return document }

var canonicalDocument = endpointGroup{endpoints: map[string]Endpoint{"get-openapi": {action: on(getOpenAPI)}}}

// getOpenAPI returns the API's OpenAPI document.
func getOpenAPI(context.Context, API, request[none]) (answer[any], error) {
	return answer[any]{raw: document}, nil
}

// unknownRoutes answers every route that no other operation of the dialect
// serves. It reads nothing of the request.
var unknownRoutes = endpointGroup{endpoints: map[string]Endpoint{"unknown-route": {action: action{
	serve: func(context.Context, API, call) (reply, error) { return reply{}, errNoRoute },
}}}}
