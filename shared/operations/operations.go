// Package operations is the one table of what Keyward does: each operation's
// name, routes, permissions, environment variables and AWS actions. The
// functions, the SAM template, the CDK stacks, the OpenAPI document, the local
// gateway and the route table in functions/README.md all derive from it, and a
// test checks that they match.
package operations

import (
	"net/http"
	"slices"
)

// Dialect is the wire format of a route.
type Dialect string

// The dialects. Each path belongs to exactly one.
const (
	// Canonical is Keyward's own format, modeled on the Polaris document.
	Canonical Dialect = "canonical"
	// Catena is the format of the Catena document.
	Catena Dialect = "catena"
	// Supermetrics is the format of the Supermetrics document.
	Supermetrics Dialect = "supermetrics"
	// Pages is no format of the API: its routes serve pages for people, the console
	// and the reference.
	Pages Dialect = "pages"
)

// Any is the method of a route that takes every method for which its path has no
// other route.
const Any = "ANY"

// Operation is one row of the table. Its function is functions/NAME.
type Operation struct {
	// Name is the function's name, such as "create-apikey".
	Name string
	// Summary is a one-line description for the documents.
	Summary string
	// Routes are where API Gateway calls the function. There are none if an
	// operator or a schedule invokes it.
	Routes []Route
	// Public operations are not guarded by the authorizer.
	Public bool
	// Schedule is how often EventBridge invokes the function, in its syntax, such
	// as "rate(5 minutes)"; empty for never.
	Schedule string
	// Long operations read all keys, so they may take minutes; so may those with a
	// Schedule.
	Long bool
	// Often says that the operation is asked for the requests of other APIs, so that
	// each of those waits for it.
	Often bool
	// Stream is the table whose stream invokes the function, with each partition's
	// changes in order; empty for none. The function needs the access of
	// [consumer].
	Stream Resource
	// Environment names the variables that the function reads.
	Environment []string
	// Access is everything that the function's role may do.
	Access []Access
}

// Route is a method and a path, with their properties.
type Route struct {
	// Method is an HTTP method, or [Any]. Path is an API Gateway template, such as
	// "/v1/apikeys/{id}". A last segment {proxy+} matches the rest of the path.
	Method, Path string
	Dialect      Dialect
	// Name and Summary are the route's in the documents, or empty for the
	// operation's.
	Name, Summary string
	// Status is the HTTP status of success.
	Status int
	// Permissions opens the route to a caller who holds any one of them. If empty,
	// the route is open to every valid key, or to everyone if the operation is
	// public.
	Permissions []string
	// Others applies to a route that is open to every valid key. A caller must hold
	// one of these permissions to use the route on other users' keys. The rules
	// check it, not the authorizer.
	Others []string
	// Self applies to the same routes. A key with this permission can use the route
	// on itself.
	Self string
	// Changes means that a POST changes what the {id} of its path names, so that it
	// honors preconditions as PUT does.
	Changes bool
}

// Conditional reports whether the route honors preconditions, in dialects that
// have them.
func (r Route) Conditional() bool {
	switch r.Method {
	case http.MethodPut, http.MethodPatch, http.MethodDelete:
		return true
	}
	return r.Changes
}

// Pages reports whether the operation serves pages instead of the API.
func (op Operation) Pages() bool {
	return len(op.Routes) > 0 && op.Routes[0].Dialect == Pages
}

// Direct reports whether the operation has no route.
func (op Operation) Direct() bool { return len(op.Routes) == 0 }

// Uses reports whether the operation's function uses a resource.
func (op Operation) Uses(resource Resource) bool {
	return slices.ContainsFunc(op.Access, func(access Access) bool { return access.Resource == resource })
}

// Served returns the routes that a gateway needs for the operation: its own,
// plus HEAD for each GET, because a gateway adds none by itself.
func (op Operation) Served() []Route {
	var served []Route
	for _, route := range op.Routes {
		served = append(served, route)
		if route.Method == http.MethodGet {
			route.Method = http.MethodHead
			served = append(served, route)
		}
	}
	return served
}

// Route returns the operation's route for a request's method and the path
// template that API Gateway matched; ok is false if there is none. HEAD uses the
// route of GET.
func (op Operation) Route(method, path string) (route Route, ok bool) {
	if method == http.MethodHead {
		method = http.MethodGet
	}
	for _, r := range op.Routes {
		if r.Path == path && (r.Method == method || r.Method == Any) {
			return r, true
		}
	}
	return Route{}, false
}

// Program returns the folder of the program that the operation's function runs,
// relative to the module and to the build output. All operations share one
// program. It picks the operation by name, which is Lambda's handler setting.
// Only the authorizer must be small and has its own.
func (op Operation) Program() string {
	if op.Name == Authorizer.Name {
		return "authorizer"
	}
	return "functions"
}

// Programs returns the programs to build; see [Operation.Program].
func Programs() []string { return []string{"authorizer", "functions"} }

// Access is a set of AWS actions on one resource or on one kind of its items.
type Access struct {
	Resource Resource
	// Partition is the kind of items of a table or its index; empty for a KMS key.
	Partition Partition
	// Actions are IAM action names, such as "dynamodb:GetItem".
	Actions []string
	// Purposes are those for which the secrets key may be used; none for any other
	// resource.
	Purposes []Purpose
}

// Purpose is what the secrets key encrypts a text for. It is part of the
// encryption context, so that a role can be limited to it.
type Purpose string

// The purposes.
const (
	// Copies are the copies of recoverable keys.
	Copies Purpose = "recoverable-key"
	// Outcomes are the texts with which a repeated request is answered.
	Outcomes Purpose = "idempotent-answer"
)

// Authorizer is the Lambda authorizer. It is not an operation of the API but has
// an environment and a role like one. It writes only what keys were used for, and
// cannot read the audit log or the copies of recoverable keys.
var Authorizer = Operation{
	Name: "authorizer", Summary: "Decide whether a request's API key may use a route",
	Environment: []string{
		EnvTable, EnvUsageTable, EnvUsageInterval, EnvPepperKey, EnvPepperMaxAge, EnvCacheTTL, EnvManagementAPI,
		EnvOIDCIssuer, EnvOIDCAudience, EnvOIDCClaim, EnvOIDCVerifiesEmail, EnvOIDCClientAudience, EnvOIDCOrganization, EnvDomain, EnvMetrics,
	},
	Access: []Access{
		items(KeyItems, BatchGetItem), items(OrgItems, BatchGetItem, GetItem), items(APIItems, BatchGetItem), items(PepperItems, Query),
		Access{Resource: UsageTable, Partition: KeyItems, Actions: []string{UpdateItem}},
		throughTableKey,
		on(PepperKey, Decrypt),
	},
}

// Functions returns every Lambda function: all operations, then the authorizer.
func Functions() []Operation { return append(append([]Operation(nil), All()...), Authorizer) }

// Find returns the named operation, including the authorizer; ok is false if
// there is none.
func Find(name string) (op Operation, ok bool) {
	for _, op := range Functions() {
		if op.Name == name {
			return op, true
		}
	}
	return Operation{}, false
}
