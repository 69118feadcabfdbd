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

// Document is the API's OpenAPI 3.1 document, in JSON.
func Document() string { return document }

// getOpenAPI shows the API's OpenAPI document.
var getOpenAPI = on(func(context.Context, API, request[none]) (answer, error) {
	return answer{raw: document}, nil
})
