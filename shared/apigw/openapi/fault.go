package openapi

import (
	"net/http"
	"reflect"
	"slices"
	"strings"

	"github.com/keyward/keyward/shared/dialect/canonical"
	"github.com/keyward/keyward/shared/dialect/catena"
	"github.com/keyward/keyward/shared/dialect/supermetrics"
	"github.com/keyward/keyward/shared/operations"
)

var faultStatuses = []int{400, 401, 403, 404, 409, 412, 413, 415, 422, 429, 500, 503}

// documented lists the codes of the Supermetrics document that the canonical
// dialect does not have, by status.
var documented = map[int][]string{
	http.StatusBadRequest:          {supermetrics.AllowIPInvalid, supermetrics.ScopeNameInvalid, supermetrics.UserInvalid},
	http.StatusInternalServerError: {supermetrics.UpdateFailed},
}

// faultResponses returns the error responses by dialect and status, with their
// codes and headers. What the gateway itself refuses is a problem in every
// dialect.
func faultResponses(named *schemas) object {
	problem := content("application/problem+json", named.of(reflect.TypeFor[canonical.Problem]()))
	contents := map[operations.Dialect]object{
		operations.Canonical:    problem,
		operations.Catena:       slices.Concat(content("application/json", named.of(reflect.TypeFor[catena.ErrorAnswer]())), problem),
		operations.Supermetrics: slices.Concat(content("application/json", named.of(reflect.TypeFor[supermetrics.ErrorAnswer]())), problem),
	}
	var responses object
	for _, dialect := range []operations.Dialect{operations.Canonical, operations.Catena, operations.Supermetrics} {
		for _, status := range faultStatuses {
			codes := canonical.Codes(status)
			if dialect == operations.Supermetrics {
				codes = append(slices.Clone(documented[status]), codes...)
			}
			responses = responses.with(responseName(dialect, status), faultResponse(status, codes, contents[dialect]))
		}
	}
	return responses
}

func faultResponse(status int, codes []string, content object) object {
	description := http.StatusText(status)
	if len(codes) > 0 {
		description += ": " + strings.Join(codes, ", ")
	}
	response := object{{"description", description + "."}}
	switch status {
	case http.StatusUnauthorized:
		response = response.with("headers", object{{"WWW-Authenticate", challenge}})
	case http.StatusConflict:
		response = response.with("headers", object{{"Retry-After", object{
			{"description", "Seconds to wait before you try again. Absent if waiting does not help."}, {"schema", object{{"type", "string"}}},
		}}})
	case http.StatusServiceUnavailable, http.StatusTooManyRequests:
		response = response.with("headers", object{{"Retry-After", header("Seconds to wait before you try again.")}})
	}
	return response.with("content", content)
}

// responseName returns the name of a status's response, such as "NotFound" or
// "CatenaNotFound".
func responseName(dialect operations.Dialect, status int) string {
	return prefix(string(dialect)) + strings.ReplaceAll(http.StatusText(status), " ", "")
}

func content(media string, schema object) object {
	return object{{media, object{{"schema", schema}}}}
}

// challenge describes the WWW-Authenticate header of a 401. It is optional
// because a REST API renames it in a function's 401.
var challenge = object{
	{"description", "The schemes that can carry a key. Absent if the key stopped being valid during the request."},
	{"schema", object{{"type", "string"}}},
}

// header returns a response header that is always present.
func header(description string) object {
	return object{{"description", description}, {"required", true}, {"schema", object{{"type", "string"}}}}
}
