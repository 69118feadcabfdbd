package gateway

import (
	"context"
	"errors"
	"strings"

	"github.com/keyward/keyward/infra/local/lambda"
)

// unauthorized is the one message of a function error by which an authorizer
// says 401.
const unauthorized = "Unauthorized"

// verdict is an authorizer's answer, read: a policy for a REST API, a plain yes
// or no for an HTTP API. It holds for every request of the same identity.
type verdict struct {
	policy  policy
	simple  bool
	context map[string]any
}

// authorize asks the authorizer, or the cache, and fills in the call's context.
// Its errors are refusals.
func (g *Gateway) authorize(ctx context.Context, c *call) error {
	identity := strings.Join(c.http.Header.Values("Authorization"), ",")
	if identity == "" {
		return refused(unauthenticated, "the identity source is missing")
	}
	key := c.api.ID + "\x00" + identity
	v, known := g.cache.get(key)
	if !known {
		var err error
		if v, err = c.ask(ctx); err != nil {
			return err
		}
		g.cache.put(key, v, c.api.Authorizer.TTL)
	}
	c.context = v.context
	if !v.simple && !v.policy.allows(c.arn()) {
		return refused(accessDenied, "the authorizer's answer does not allow the request")
	}
	return nil
}

// ask calls the authorizer and reads its answer.
func (c *call) ask(ctx context.Context) (verdict, error) {
	event, read := c.restRequestEvent, readPolicyAnswer
	switch c.api.Authorizer.Shape {
	case TokenShape:
		event = c.restTokenEvent
	case SimpleShape:
		event, read = c.httpSimpleEvent, readSimpleAnswer
	}
	ctx, cancel := context.WithTimeout(ctx, IntegrationTimeout)
	defer cancel()
	answer, err := c.api.Authorizer.Invoke(ctx, event())
	if failure, ok := errors.AsType[*lambda.FunctionError](err); ok && failure.Message == unauthorized {
		return verdict{}, refused(unauthenticated, "the authorizer refused the credential")
	}
	if err != nil {
		return verdict{}, refused(authorizerFailure, "the authorizer failed: "+err.Error())
	}
	v, err := read(answer)
	if err != nil {
		return verdict{}, refused(authorizerConfiguration, "the authorizer's answer cannot be used: "+err.Error())
	}
	return v, nil
}
