package gateway

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// operation is the body of a request to a GraphQL API.
type operation struct {
	Query     string         `json:"query"`
	Name      *string        `json:"operationName"`
	Variables map[string]any `json:"variables"`
}

// resolvedField is the only field of a GraphQL API here, whatever an operation
// asks for.
const resolvedField = "caller"

func (c *call) readOperation() error {
	if json.Unmarshal(c.body, &c.operation) != nil || c.operation.Query == "" {
		return refused(badRequest, "the body is not a GraphQL operation")
	}
	return nil
}

// graphQLAuthorizerEvent returns the event for an AppSync API's authorizer. It
// has neither an ARN nor a source address.
func (c *call) graphQLAuthorizerEvent() []byte {
	return encode(object{
		"authorizationToken": c.identity[0],
		"requestContext": object{
			"apiId": c.api.ID, "accountId": c.config.Account, "requestId": c.id,
			"queryString": c.operation.Query, "operationName": c.operation.Name, "variables": c.operation.Variables,
		},
		"requestHeaders": c.lowerHeader(),
	})
}

// readGraphQLAnswer parses the answer of an AppSync API's authorizer. Denied
// fields are not supported and are an error.
func readGraphQLAnswer(text []byte) (verdict, error) {
	var answer struct {
		IsAuthorized    *bool          `json:"isAuthorized"`
		ResolverContext map[string]any `json:"resolverContext"`
		DeniedFields    []string       `json:"deniedFields"`
		TTLOverride     *int           `json:"ttlOverride"`
	}
	if err := decodeNumbers(text, &answer); err != nil {
		return verdict{}, err
	}
	if answer.IsAuthorized == nil {
		return verdict{}, errors.New("it has no isAuthorized")
	}
	if len(answer.DeniedFields) > 0 {
		return verdict{}, fmt.Errorf("it denies the field %q", answer.DeniedFields[0])
	}
	v := verdict{simple: *answer.IsAuthorized, context: answer.ResolverContext}
	if answer.TTLOverride != nil {
		v.ttl = new(time.Duration(*answer.TTLOverride) * time.Second)
	}
	return v, nil
}

// resolverEvent returns the event for a field's Lambda resolver.
func (c *call) resolverEvent() []byte {
	return encode(object{
		"arguments": object{}, "source": nil, "prev": nil, "stash": object{},
		"identity": object{"resolverContext": c.context},
		"request":  object{"headers": c.lowerHeader(), "domainName": nil},
		"info": object{
			"parentTypeName": "Query", "fieldName": resolvedField, "variables": c.operation.Variables,
			"selectionSetList": []string{}, "selectionSetGraphQL": "",
		},
	})
}

// resolve answers an operation with the function of the one field. As in
// GraphQL, a failure of the function is part of the answer.
func (g *Gateway) resolve(ctx context.Context, c *call) answer {
	ctx, cancel := context.WithTimeout(ctx, IntegrationTimeout)
	defer cancel()
	a := newAnswer(http.StatusOK)
	a.header.Set("Content-Type", graphQLType)
	value, err := c.route.Invoke(ctx, c.resolverEvent())
	if err == nil && json.Valid(value) {
		a.body = encode(object{"data": object{resolvedField: json.RawMessage(value)}})
		return a
	}
	g.config.Log(c.id + " " + c.path + ": the resolver failed")
	a.body = encode(object{
		"data":   object{resolvedField: nil},
		"errors": []object{{"path": []string{resolvedField}, "errorType": "Lambda:Unhandled", "message": "The resolver failed."}},
	})
	return a
}

// lowerHeader returns the request's headers with names in lower case.
func (c *call) lowerHeader() map[string]string {
	headers := map[string]string{}
	for name, value := range last(c.header()) {
		headers[strings.ToLower(name)] = value
	}
	return headers
}
