package openapi

import (
	"net/http"
	"strings"

	"github.com/keyward/keyward/shared/dialect/canonical"
)

var faultStatuses = []int{400, 401, 403, 404, 409, 412, 413, 415, 429, 500, 503}

// faultResponses are the problems by status, each with its codes and headers.
func faultResponses(problem object) object {
	var responses object
	for _, status := range faultStatuses {
		description := http.StatusText(status)
		if codes := canonical.Codes(status); len(codes) > 0 {
			description += ": " + strings.Join(codes, ", ")
		}
		response := object{{"description", description + "."}}
		switch status {
		case http.StatusUnauthorized:
			response = response.with("headers", object{{"WWW-Authenticate", header("The schemes that carry a key.")}})
		case http.StatusServiceUnavailable, http.StatusTooManyRequests:
			response = response.with("headers", object{{"Retry-After", header("Seconds to wait.")}})
		}
		responses = responses.with(responseName(status), response.with("content", content("application/problem+json", problem)))
	}
	return responses
}

// responseName is the name of a status's response, such as "NotFound".
func responseName(status int) string {
	return strings.ReplaceAll(http.StatusText(status), " ", "")
}

func content(media string, schema object) object {
	return object{{media, object{{"schema", schema}}}}
}

// header is a response header that is always there.
func header(description string) object {
	return object{{"description", description}, {"required", true}, {"schema", object{{"type", "string"}}}}
}
