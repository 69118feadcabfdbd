// Package roles enforces IAM between the functions and the local parts. A
// function may do only what its role in the stacks allows, on the tables and
// keys that the role names. So a function whose role is too narrow fails here
// and not after deployment. AWS does not document how it authorizes a
// transaction, so the role must allow it in every possible way.
//
// The caller is identified by the access key's id, which is the function's name
// in the local stack. It is not verified: this protects against mistakes only.
package roles

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"

	"github.com/keyward/keyward/infra/iam"
	"github.com/keyward/keyward/infra/plan"
	"github.com/keyward/keyward/shared/operations"
)

// Operator is the access key id of a caller who may do everything.
const Operator = "local"

// maxBody is above the largest request of either service.
const maxBody = 16 << 20

// Config configures a [Guard].
type Config struct {
	// DynamoDB, KMS and EventBridge are the endpoints of the parts, and Bus is the
	// name of the event bus.
	DynamoDB, KMS, EventBridge, Bus string
	// Tables and Keys map the names of tables and the ARNs of keys to resources.
	Tables, Keys map[string]operations.Resource
	// Table is the main table's name, and Region the region, as in policies.
	Table, Region string
	// Other is the region of the table that stands for a replica; empty if there
	// is none.
	Other string
	// Log receives each refusal with the function's name. Many goroutines call it
	// at once.
	Log func(function, line string)
	// Before is called with each allowed call before it is forwarded, unless nil.
	// Many goroutines call it at once.
	Before func(function, action string)
}

// Guard is the endpoint of all parts, and records the calls to them. It is safe
// for concurrent use.
type Guard struct {
	config                Config
	dynamodb, kms, events *httputil.ReverseProxy
	calls                 record
}

// New returns a guard. It panics if an endpoint is not a URL.
func New(config Config) *Guard {
	return &Guard{
		config: config, dynamodb: forward(config.DynamoDB), kms: forward(config.KMS), events: forward(config.EventBridge),
		calls: record{requests: make(map[string]int)},
	}
}

// forward returns a proxy to an endpoint. If the endpoint is down, the
// connection breaks, as it would without a guard.
func forward(endpoint string) *httputil.ReverseProxy {
	target, err := url.Parse(endpoint)
	if err != nil {
		panic("roles: " + err.Error())
	}
	return &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(target)
			// DynamoDB Local accepts no access key id with a hyphen. It checks nothing
			// else.
			signed := r.In.Header.Get("Authorization")
			r.Out.Header.Set("Authorization", strings.Replace(signed, "Credential="+caller(r.In)+"/", "Credential="+Operator+"/", 1))
		},
		ErrorHandler: func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) },
	}
}

// ServeHTTP forwards a request or refuses it.
func (g *Guard) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	service, action, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	var part *httputil.ReverseProxy
	var needs []iam.Request
	switch {
	case strings.HasPrefix(service, "DynamoDBStreams_"):
		part, needs = g.dynamodb, g.streamNeeds(action, body)
	case service == "AWSEvents":
		part, needs = g.events, g.eventNeeds(action, body)
	case strings.HasPrefix(service, "DynamoDB_"):
		part, needs = g.dynamodb, g.dynamodbNeeds(action, body)
	case service == "TrentService":
		part, needs = g.kms, g.kmsNeeds(action, body)
	default:
		return // not a request of the SDK: one that only opens a connection
	}
	if function := caller(r); function != Operator {
		g.note(function, needs)
		if fault := g.refuses(function, append(needs, pooled(needs)...)); fault != "" {
			g.config.Log(function, "its role refuses: "+fault)
			w.Header().Set("Content-Type", r.Header.Get("Content-Type"))
			w.WriteHeader(http.StatusBadRequest)
			_, _ = fmt.Fprintf(w, `{"__type":"AccessDeniedException","message":%q}`, fault)
			return
		}
		if g.config.Before != nil {
			g.config.Before(function, action)
		}
	}
	part.ServeHTTP(w, r)
}

// Sends reports whether a function's role lets Lambda send to the function's
// queue for dead letters, and records the call.
func (g *Guard) Sends(function string) bool {
	needs := []iam.Request{{Action: operations.SendMessage, Resource: string(operations.DeadLetters), Context: map[string][]string{}}}
	g.note(function, needs)
	return g.refuses(function, needs) == ""
}

// caller returns the id of the access key that signed the request.
func caller(r *http.Request) string {
	_, scope, _ := strings.Cut(r.Header.Get("Authorization"), "Credential=")
	id, _, _ := strings.Cut(scope, "/")
	return id
}

// refuses returns the need that a function's role does not meet, or "". It also
// refuses a request without known needs.
func (g *Guard) refuses(function string, needs []iam.Request) string {
	op, ok := operations.Find(function)
	if !ok {
		return fmt.Sprintf("there is no function %q", function)
	}
	if len(needs) == 0 {
		return "the request is not one that a function makes"
	}
	var role iam.Policy
	for _, s := range plan.Statements(op, g.config.Table, g.regions(op)...) {
		role = append(role, iam.Statement{Actions: s.Actions, Resources: []string{string(s.Resource)}, Conditions: s.Conditions})
	}
	for _, need := range needs {
		if !role.Allows(need) {
			return fmt.Sprintf("%s on %s %v", need.Action, need.Resource, need.Context)
		}
	}
	return ""
}

// regions returns the regions whose tables a function uses.
func (g *Guard) regions(op operations.Operation) []string {
	if g.config.Other == "" || !op.Uses(operations.Replicas) {
		return []string{g.config.Region}
	}
	return []string{g.config.Region, g.config.Other}
}

// decode returns the part of a request that determines its needs. An unreadable
// request gives the zero value.
func decode[T any](body []byte) T {
	var value T
	_ = json.Unmarshal(body, &value)
	return value
}
