package gateway

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/keyward/keyward/shared/operations"
)

// graphQLType is the media type of AppSync's answers.
const graphQLType = "application/json;charset=UTF-8"

// refusalAnswer returns the answer to a refusal, in the format of the API's kind.
func (g *Gateway) refusalAnswer(c *call, err error) answer {
	r, ok := errors.AsType[*refusal](err)
	if !ok {
		r = &refusal{badProxyResponse, err.Error()}
	}
	switch c.api.Kind {
	case HTTP:
		return jsonAnswer(r.httpStatus, "", object{"message": r.httpMessage})
	case WebSocket:
		return jsonAnswer(r.status, r.errorType, object{"message": r.httpMessage, "connectionId": c.id, "requestId": c.id})
	case GraphQL:
		return r.graphQLAnswer()
	}
	a := jsonAnswer(r.status, r.errorType, object{"message": strings.TrimSuffix(r.errorType, "Exception")})
	if r.situation == tooLargeRequest {
		return a // cannot be customized
	}
	for _, kind := range []string{r.kind, fmt.Sprintf("DEFAULT_%dXX", r.status/100)} {
		if g.customize(c, kind, &a) {
			break
		}
	}
	return a
}

func jsonAnswer(status int, errorType string, body object) answer {
	a := newAnswer(status)
	a.header.Set("Content-Type", "application/json")
	if errorType != "" {
		a.header.Set("X-Amzn-Errortype", errorType)
	}
	a.body = encode(body)
	return a
}

// graphQLAnswer returns AppSync's answer, which is the same for every caller who
// is refused.
func (r *refusal) graphQLAnswer() answer {
	status, errorType, text := r.status, r.errorType, r.httpMessage
	switch {
	case status == http.StatusForbidden || status == http.StatusUnauthorized:
		status, errorType, text = http.StatusUnauthorized, unauthenticated.errorType, "You are not authorized to make this call."
	case status >= http.StatusInternalServerError:
		errorType = "InternalFailureException"
	}
	a := jsonAnswer(status, errorType, object{"errors": []object{{"errorType": errorType, "message": text}}})
	a.header.Set("Content-Type", graphQLType)
	return a
}

// preflight returns the answer to a CORS preflight.
func preflight(methods []string) answer {
	if slices.Contains(methods, operations.Any) {
		methods = []string{"GET", "PUT", "POST", "DELETE", "PATCH", "HEAD"}
	}
	a := newAnswer(http.StatusNoContent)
	a.header.Set("Access-Control-Allow-Origin", "*")
	a.header.Set("Access-Control-Allow-Headers", operations.PreflightHeaders)
	a.header.Set("Access-Control-Allow-Methods", strings.Join(append(methods, http.MethodOptions), ","))
	return a
}
