package apigw

import (
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-lambda-go/events"

	"github.com/keyward/keyward/shared/apigw/strict"
	"github.com/keyward/keyward/shared/apikey"
)

// UnknownParameter is the code for a query parameter that an operation does not
// take.
const UnknownParameter apikey.FieldCode = "UNKNOWN_PARAMETER"

// readQuery returns the query's parameters. It accepts only known ones, each at
// most once.
func readQuery(event events.APIGatewayProxyRequest, known []Parameter) (map[string]string, error) {
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
		case !slices.ContainsFunc(known, func(p Parameter) bool { return p.Name == name }):
			faults = append(faults, apikey.FieldError{Field: strict.Shown(name), Code: UnknownParameter, Detail: fmt.Sprintf("%.64q is not a query parameter of this operation. It has %s.", name, listed(known))})
		case len(all) != 1:
			faults = append(faults, apikey.FieldError{Field: name, Code: apikey.FieldValue, Detail: name + " is given more than once. Send it once."})
		default:
			query[name] = all[0]
		}
	}
	slices.SortFunc(faults, func(a, b apikey.FieldError) int { return strings.Compare(a.Field, b.Field) })
	return query, apikey.InvalidError(faults...)
}

// listed returns the names of parameters, for a sentence.
func listed(parameters []Parameter) string {
	if len(parameters) == 0 {
		return "none"
	}
	var names []string
	for _, p := range parameters {
		names = append(names, p.Name)
	}
	return strings.Join(names, ", ")
}
