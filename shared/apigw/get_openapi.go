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

// GetOpenAPI shows the API's OpenAPI document.
func GetOpenAPI(api API) Handler {
	return handle(api, "get-openapi", func(context.Context, request[none]) (answer, error) {
		return answer{raw: document}, nil
	})
}
