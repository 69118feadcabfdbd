package gateway

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/keyward/keyward/infra/iam"
	"github.com/keyward/keyward/infra/local/lambda"
)

// unauthorized is the only error message with which an authorizer can cause a
// 401. AppSync does not support it.
const unauthorized = "Unauthorized"

// verdict is a parsed authorizer's answer: a policy, or a plain yes or no. It is
// valid for every request with the same identity.
type verdict struct {
	policy  iam.Policy
	simple  bool
	context map[string]any
	// ttl is how long the answer is cached, if it says so itself.
	ttl *time.Duration
}

// authorize gets a verdict from the cache or the authorizer, and sets the call's
// context. Its errors are refusals.
func (g *Gateway) authorize(ctx context.Context, c *call) error {
	if err := c.identify(); err != nil {
		return err
	}
	key := c.api.ID + "\x00" + strings.Join(c.identity, "\x00")
	v, known := g.cache.get(key)
	if !known {
		var err error
		if v, err = c.ask(ctx); err != nil {
			return err
		}
		ttl := c.api.Authorizer.TTL
		if v.ttl != nil {
			ttl = *v.ttl
		}
		g.cache.put(key, v, ttl)
	}
	c.context = v.context
	if !v.simple && !v.policy.Allows(iam.Request{Action: "execute-api:Invoke", Resource: c.arn()}) {
		return refused(accessDenied, "the authorizer's answer does not allow the request")
	}
	return nil
}

// ask calls the authorizer and parses its answer.
func (c *call) ask(ctx context.Context) (verdict, error) {
	event, read := c.authorizerForms()
	ctx, cancel := context.WithTimeout(ctx, IntegrationTimeout)
	defer cancel()
	answer, err := c.api.Authorizer.Invoke(ctx, event())
	failure, own := errors.AsType[*lambda.FunctionError](err)
	if own && failure.Message == unauthorized && c.api.Kind != GraphQL {
		return verdict{}, refused(unauthenticated, "the authorizer refused the credential")
	}
	if err != nil {
		return verdict{}, refused(authorizerConfiguration, "the authorizer failed: "+err.Error())
	}
	v, err := read(answer)
	if err != nil {
		return verdict{}, refused(authorizerConfiguration, "the authorizer's answer cannot be used: "+err.Error())
	}
	return v, nil
}

// authorizerForms returns the event for the API's authorizer and the parser of
// its answer.
func (c *call) authorizerForms() (event func() []byte, read func([]byte) (verdict, error)) {
	switch c.api.Kind {
	case WebSocket:
		return c.connectEvent, readPolicyAnswer
	case GraphQL:
		return c.graphQLAuthorizerEvent, readGraphQLAnswer
	}
	switch c.api.Authorizer.Shape {
	case TokenShape:
		return c.restTokenEvent, readPolicyAnswer
	case SimpleShape:
		return c.httpAuthorizerEvent, readSimpleAnswer
	case PolicyShape:
		return c.httpAuthorizerEvent, readHTTPPolicyAnswer
	case Payload1Shape:
		return c.httpPayload1Event, readHTTPPolicyAnswer
	default:
		return c.restRequestEvent, readPolicyAnswer
	}
}
