// Package gateway emulates Amazon API Gateway over HTTP. It finds the route,
// calls the Lambda authorizer, evaluates the policy that it returns, calls the
// function with a proxy event and turns its answer into an HTTP response. If a
// step fails, it answers as API Gateway does.
//
// It supports REST, HTTP and WebSocket APIs with every kind of authorizer, as
// seen through a custom domain without a base path: URLs do not contain the
// stage. It supports AppSync's GraphQL APIs without GraphQL: one function
// answers every operation. Several APIs share one address. A request goes to the
// API with the most specific template for its path, and among equals to the
// first. Usage plans, mapping templates, request validation and throttling are
// not supported.
package gateway

import (
	"context"
	"net/http"
	"time"

	"github.com/keyward/keyward/shared/operations"
)

// MaxBody is API Gateway's limit for a request's body, in bytes.
const MaxBody = 10 << 20

// IntegrationTimeout is how long a function or an authorizer may take.
const IntegrationTimeout = 29 * time.Second

// Kind is the AWS product that an API belongs to.
type Kind int

// The kinds of APIs. GraphQL is AppSync.
const (
	REST Kind = iota
	HTTP
	WebSocket
	GraphQL
)

// Shape is the kind of an API's authorizer. WebSocket and GraphQL APIs have one
// kind each and ignore it.
type Shape int

// The shapes of authorizers. REQUEST and TOKEN are for REST APIs. The others are
// for HTTP APIs: payload 2.0 with simple answers or with policies, and payload
// 1.0.
const (
	RequestShape Shape = iota
	TokenShape
	SimpleShape
	PolicyShape
	Payload1Shape
)

// Integration answers an event with a proxy response or an authorizer's answer.
// It is a Lambda function or a replacement for one. A failure of the function
// itself is a [*lambda.FunctionError].
type Integration func(ctx context.Context, event []byte) ([]byte, error)

// Authorizer is an API's Lambda authorizer. Its first identity source is the
// Authorization header.
type Authorizer struct {
	Shape  Shape
	Invoke Integration
	// Sources are the identity sources besides the header. TOKEN and AppSync
	// authorizers use only the header and ignore them.
	Sources []Source
	// TTL is how long an answer is cached for the same values of all identity
	// sources; 0 caches nothing. AppSync's answer can override it.
	TTL time.Duration
}

// Route is a method, or "ANY", a path template, and the function that answers. A
// WebSocket API's only route is the GET of the handshake; its function answers
// each message.
type Route struct {
	Method, Path string
	// Public routes have no authorizer.
	Public bool
	Invoke Integration
}

// API is one API with its only stage.
type API struct {
	Kind      Kind
	ID, Stage string
	// Variables are the stage variables.
	Variables map[string]string
	// Binary passes every body as base64 (binaryMediaTypes */* of a REST API). HTTP
	// APIs ignore it and decide by the media type.
	Binary bool
	// Compression is the size in bytes from which a REST API compresses answers; 0
	// compresses none.
	Compression int
	// Responses are the gateway responses of a REST API; nil stands for those of the
	// gateway.
	Responses  []operations.GatewayResponse
	Authorizer *Authorizer
	Routes     []Route
}

// Config configures a gateway.
type Config struct {
	// Region and Account appear in ARNs and events.
	Region, Account string
	// APIs must not be empty. The first one answers requests that belong to none.
	APIs []API
	// Responses are the gateway responses of the REST APIs that have none of their
	// own.
	Responses []operations.GatewayResponse
	// Log receives what API Gateway would write to its execution log; nil drops it.
	// Many goroutines call it at once.
	Log func(line string)
}

// Gateway is the HTTP handler. It is safe for concurrent use.
type Gateway struct {
	config Config
	cache  cache
}

// New returns a gateway.
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
		a = g.refusalAnswer(c, err)
	}
	a.header.Set("X-Amzn-Requestid", c.id)
	c.compress(a).write(w)
}

// serve answers a request. It only admits a WebSocket's handshake, without
// answering it.
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

// isPreflight reports whether the OPTIONS method answers a request. The stacks
// add it to every path of a REST API; a route with ANY method does not replace
// it.
func (c *call) isPreflight() bool {
	explicit := c.found && c.route.Method == http.MethodOptions
	return c.api.Kind == REST && c.http.Method == http.MethodOptions && len(c.allowed) > 0 && !explicit
}
