// Package gateway turns HTTP into what Amazon API Gateway makes of it: it finds
// the route, asks the Lambda authorizer, evaluates the policy that it returns,
// calls the function with a proxy event and turns its answer into HTTP again.
// Where any of this fails, it answers as API Gateway does.
//
// REST, HTTP and WebSocket APIs are covered with every kind of authorizer that
// they have, as a custom domain without base path shows them: the stage is no part
// of the URL. So are AppSync's GraphQL APIs, without GraphQL: one function answers
// every operation. Several APIs share one address; a request belongs to the first of
// those whose template for its path is the most specific. Usage plans, mapping templates, request validation and
// throttling are not covered.
package gateway

import (
	"context"
	"net/http"
	"time"

	"github.com/keyward/keyward/shared/operations"
)

// MaxBody is API Gateway's limit on a request's body, in bytes.
const MaxBody = 10 << 20

// IntegrationTimeout is how long a function or an authorizer may take.
const IntegrationTimeout = 29 * time.Second

// Kind is which of AWS's products an API is of.
type Kind int

// The kinds of APIs. GraphQL is AppSync.
const (
	REST Kind = iota
	HTTP
	WebSocket
	GraphQL
)

// Shape is the kind of authorizer of an API. WebSocket and GraphQL APIs have one
// kind each, whatever is set.
type Shape int

// The shapes of authorizers. REQUEST and TOKEN belong to REST APIs; the others to
// HTTP APIs: payload 2.0 with simple answers or with policies, and payload 1.0.
const (
	RequestShape Shape = iota
	TokenShape
	SimpleShape
	PolicyShape
	Payload1Shape
)

// Integration answers an event with a proxy response or an authorizer's answer:
// a Lambda function, or something that stands in for one. A failure of the
// function itself is a [*lambda.FunctionError].
type Integration func(ctx context.Context, event []byte) ([]byte, error)

// Authorizer is an API's Lambda authorizer. Its first identity source is the
// Authorization header.
type Authorizer struct {
	Shape  Shape
	Invoke Integration
	// Sources are the identity sources beside the header. TOKEN and AppSync
	// authorizers have the header alone, whatever is set.
	Sources []Source
	// TTL is how long an answer is kept for the same values of all identity
	// sources; 0 keeps none. An answer of AppSync's may say otherwise.
	TTL time.Duration
}

// Route is a method, or "ANY", and a path template, and what answers there. A
// WebSocket API's one route is the GET of the handshake: its function answers each
// message.
type Route struct {
	Method, Path string
	// Public routes are not authorized.
	Public bool
	Invoke Integration
}

// API is one API with its one stage.
type API struct {
	Kind      Kind
	ID, Stage string
	// Variables are the stage variables.
	Variables map[string]string
	// Binary passes every body as base64 (binaryMediaTypes */* of a REST API).
	// HTTP APIs decide by the media type, whatever this says.
	Binary     bool
	Authorizer *Authorizer
	Routes     []Route
}

// Config is what a gateway serves.
type Config struct {
	// Region and Account stand in ARNs and events.
	Region, Account string
	// APIs must not be empty. Requests that belong to none get the first
	// one's answer.
	APIs []API
	// Responses are the gateway responses of the REST APIs.
	Responses []operations.GatewayResponse
	// Log receives what API Gateway would write to its execution log; nil
	// drops it. It is called by many goroutines at once.
	Log func(line string)
}

// Gateway is the HTTP handler. It is safe for concurrent use.
type Gateway struct {
	config Config
	cache  *cache
}

// New makes a gateway.
func New(config Config) *Gateway {
	if config.Log == nil {
		config.Log = func(string) {}
	}
	return &Gateway{config: config, cache: newCache()}
}

// ServeHTTP answers one request.
func (g *Gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c := g.newCall(r)
	w.Header().Set("X-Amzn-Requestid", c.id)
	a, err := g.serve(r.Context(), c)
	if err == nil && c.api.Kind == WebSocket {
		g.converse(w, c)
		return
	}
	if err != nil {
		g.config.Log(c.id + " " + r.Method + " " + c.path + ": " + err.Error())
		a = g.refuse(c, err)
	}
	a.header.Set("X-Amzn-Requestid", c.id)
	a.write(w)
}

// serve answers a request, but for a WebSocket's handshake, which it only lets pass.

func (g *Gateway) serve(ctx context.Context, c *call) (answer, error) {
	if c.isPreflight() {
		return preflight(c.allowed), nil
	}
	if !c.found {
		return answer{}, c.refuseUnknown()
	}
	if err := c.read(); err != nil {
		return answer{}, err
	}
	if c.api.Authorizer != nil && !c.route.Public {
		if err := g.authorize(ctx, c); err != nil {
			return answer{}, err
		}
	}
	if c.api.Kind == WebSocket {
		return answer{}, nil
	}
	return g.integrate(ctx, c)
}

// isPreflight reports whether a request is answered by the OPTIONS method that
// the stacks give to every path of a REST API: a route of any method does not
// take its place.
func (c *call) isPreflight() bool {
	explicit := c.found && c.route.Method == http.MethodOptions
	return c.api.Kind == REST && c.http.Method == http.MethodOptions && len(c.allowed) > 0 && !explicit
}
