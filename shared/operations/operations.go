// Package operations is the one table of what Keyward does: each operation's
// name, routes, permissions, environment and the AWS actions it needs. The
// functions, the SAM template, the CDK stacks, the OpenAPI document, the local
// gateway and the route table in functions/README.md all follow it, and a test
// holds them equal.
package operations

import "net/http"

// Dialect is the wire format that a route speaks.
type Dialect string

// The dialects. A path belongs to exactly one.
const (
	// Canonical is Keyward's own format, after the Polaris document.
	Canonical Dialect = "canonical"
	// Catena is the Catena document's.
	Catena Dialect = "catena"
	// Supermetrics is the Supermetrics document's.
	Supermetrics Dialect = "supermetrics"
)

// Any is the method of a route that takes whatever method no other route of its
// path takes.
const Any = "ANY"

// Operation is one row of the table. Its function is functions/NAME.
type Operation struct {
	// Name is the function's name, such as "create-apikey".
	Name string
	// Summary is one line for the documents.
	Summary string
	// Routes are where API Gateway calls the function; none for one that is
	// invoked directly, by an operator or on a schedule.
	Routes []Route
	// Public operations stand outside the authorizer.
	Public bool
	// Schedule is how often the function is invoked by itself, as EventBridge
	// writes it, such as "rate(5 minutes)"; empty for never.
	Schedule string
	// Environment names the variables that the function reads.
	Environment []string
	// Access is all that the function's role may do.
	Access []Access
}

// Route is a method and a path, and what is to be known of them.
type Route struct {
	// Method is an HTTP method, or [Any]. Path is an API Gateway template, such
	// as "/v1/apikeys/{id}"; a last segment {proxy+} takes all that follows.
	Method, Path string
	Dialect      Dialect
	// Name is what the dialect's document calls the route; empty where it has
	// no name for it.
	Name string
	// Status is the HTTP status of success.
	Status int
	// Permissions opens the route to a caller who holds any one of them. Empty:
	// to every valid key, or to everyone where the operation is public.
	Permissions []string
	// Others, of a route that is open to every valid key, is any one of which a
	// caller must hold to do the same with the keys of others. The rules ask for
	// it, not the authorizer.
	Others []string
}

// Direct reports whether the operation has no route.
func (op Operation) Direct() bool { return len(op.Routes) == 0 }

// Served returns the routes at which a gateway serves the operation: its own, and
// HEAD wherever it has GET. A gateway has no HEAD of itself.
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

// Route finds the operation's route for the method of a request and the path
// template that API Gateway matched; ok is false where there is none. HEAD is
// answered as GET.
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

// Program is the folder of the program that the operation's function runs, below
// the module's and in what is built. All operations share one, which finds by
// Lambda's handler setting, the operation's name, what it is to do; only the
// authorizer's has to be small.
func (op Operation) Program() string {
	if op.Name == Authorizer.Name {
		return "authorizer"
	}
	return "functions"
}

// Programs are the programs that are built, as [Operation.Program] says.
func Programs() []string { return []string{"authorizer", "functions"} }

// Access is a set of AWS actions on one resource, or on a kind of items in it.
type Access struct {
	Resource Resource
	// Partition is which items of a table or of its index; empty for a KMS key.
	Partition Partition
	// Actions are IAM action names, such as "dynamodb:GetItem".
	Actions []string
}

// Authorizer is the Lambda authorizer: no operation of the API, yet a function
// with an environment and a role like the others. It can write nothing, and cannot
// read the audit log or the copies of recoverable keys.
var Authorizer = Operation{
	Name: "authorizer", Summary: "Decide whether a request's API key may use a route",
	Environment: []string{
		EnvTable, EnvPepperKey, EnvPepperMaxAge, EnvCacheTTL, EnvManagementAPI,
		EnvOIDCIssuer, EnvOIDCAudience, EnvOIDCClaim, EnvOIDCVerifiesEmail, EnvOIDCClientAudience, EnvOIDCOrganization, EnvDomain, EnvMetrics,
	},
	Access: []Access{
		items(KeyItems, BatchGetItem), items(OrgItems, BatchGetItem, GetItem), items(APIItems, BatchGetItem), items(PepperItems, Query),
		throughTableKey,
		on(PepperKey, Decrypt),
	},
}

// Functions is every Lambda function: all operations, then the authorizer.
func Functions() []Operation { return append(append([]Operation(nil), All()...), Authorizer) }

// Find returns the operation of that name, the authorizer included; ok is
// false where there is none.
func Find(name string) (op Operation, ok bool) {
	for _, op := range Functions() {
		if op.Name == name {
			return op, true
		}
	}
	return Operation{}, false
}
