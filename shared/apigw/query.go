package apigw

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-lambda-go/events"

	"github.com/keyward/keyward/shared/apigw/strict"
	"github.com/keyward/keyward/shared/apikey"
)

// UnknownParameter is the code of a query parameter that an operation does not
// take.
const UnknownParameter apikey.FieldCode = "UNKNOWN_PARAMETER"

// readQuery is the query's parameters: only known ones, each once.
func readQuery(event events.APIGatewayProxyRequest, known []string) (map[string]string, error) {
	values := map[string][]string{}
	for name, value := range event.QueryStringParameters {
		values[name] = []string{value}
	}
	for name, all := range event.MultiValueQueryStringParameters {
		values[name] = all
	}
	query := map[string]string{}
	var faults []apikey.FieldError
	for name, all := range values {
		switch {
		case !slices.Contains(known, name):
			faults = append(faults, apikey.FieldError{Field: strict.Shown(name), Code: UnknownParameter, Detail: fmt.Sprintf("%.64q is not a query parameter of this operation.", name)})
		case len(all) != 1:
			faults = append(faults, apikey.FieldError{Field: name, Code: apikey.FieldValue, Detail: name + " is given more than once."})
		default:
			query[name] = all[0]
		}
	}
	slices.SortFunc(faults, func(a, b apikey.FieldError) int { return strings.Compare(a.Field, b.Field) })
	return query, apikeyInvalid(faults)
}

// conditional are the methods that heed If-Match.
var conditional = []string{http.MethodPut, http.MethodPatch, http.MethodDelete}

const ifMatch = "If-Match"

// readIfMatch is the version that a change asks for: 0 where it does not ask,
// or takes any, and -1 for a tag that Keyward never gave to a key.
func readIfMatch(event events.APIGatewayProxyRequest) (int64, error) {
	values := headerValues(event, ifMatch)
	if len(values) == 0 || len(values) == 1 && strings.TrimSpace(values[0]) == "*" {
		return 0, nil
	}
	tag := strings.TrimSpace(values[0])
	if len(values) > 1 || len(tag) < 2 || tag[0] != '"' || tag[len(tag)-1] != '"' || strings.Contains(tag[1:len(tag)-1], `"`) {
		return 0, invalid(ifMatch, apikey.FieldValue, `If-Match is * or one strong entity tag in quotes, such as "1".`)
	}
	version, err := strconv.ParseInt(tag[1:len(tag)-1], 10, 64)
	if err != nil || version < 1 || etag(version) != tag {
		return -1, nil
	}
	return version, nil
}

// etag is the strong entity tag of a version.
func etag(version int64) string { return `"` + strconv.FormatInt(version, 10) + `"` }
