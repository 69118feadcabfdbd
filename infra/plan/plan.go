// Package plan holds what every template of a deployment says, in any template
// language: the owner's settings, the functions' sizes and names, and how a row
// of the operation table becomes a policy. It knows neither CDK nor SAM.
package plan

import (
	"slices"
	"strings"
	"unicode"

	"github.com/keyward/keyward/infra/iam"
	"github.com/keyward/keyward/shared/operations"
)

// CompressionBytes is the size from which the gateway compresses an answer for a
// caller who takes that. Less is not worth its head.
const CompressionBytes = 1024

// Stage is the only stage of the REST API.
const Stage = "live"

// Concurrency is the environment that every function has besides its own
// variables. All functions have far less than one core. A second scheduler
// thread would only add hand-offs, which cost about a quarter of a short call's
// CPU. Remove it where a process serves several invocations at once.
var Concurrency = map[string]string{"GOMAXPROCS": "1"}

// Function is one Lambda function of a deployment.
type Function struct {
	operations.Operation
	// LogicalID is the prefix of the function's resource names in a template, such
	// as "CreateApikey".
	LogicalID string
	// MemoryMB is its memory. Lambda allots CPU in proportion to it.
	MemoryMB int
	// TimeoutSeconds ends an invocation that hangs. Calls to AWS have shorter
	// deadlines of their own.
	TimeoutSeconds int
}

// ScheduleTimeoutSeconds is the timeout of a scheduled or long function: long enough to
// finish all pending work, but shorter than its interval.
const ScheduleTimeoutSeconds = 270

// StreamTimeoutSeconds is the timeout of a function that a stream invokes with a
// batch of changes.
const StreamTimeoutSeconds = 60

// Functions returns all functions, in the order of the operation table.
func Functions() []Function {
	var functions []Function
	for _, op := range operations.Functions() {
		function := Function{Operation: op, LogicalID: LogicalID(op.Name), MemoryMB: 256, TimeoutSeconds: 10}
		switch {
		case op.Schedule != "", op.Long:
			function.TimeoutSeconds = ScheduleTimeoutSeconds
		case op.Stream != "":
			function.TimeoutSeconds = StreamTimeoutSeconds
		case op.Name == operations.Authorizer.Name:
			// Every guarded request waits for the authorizer. On a cache miss it spends
			// most time on TLS; the CPU of 512 MB halves that wait, and a hit is too
			// short to cost more. After 5 s, the gateway's 503 serves a caller better.
			function.MemoryMB, function.TimeoutSeconds = 512, 5
		}
		functions = append(functions, function)
	}
	return functions
}

// LogicalID returns a name in the form of a template's logical ids, which allow
// only letters and digits: "CreateApikey" for create-apikey.
func LogicalID(name string) string {
	var id strings.Builder
	for word := range strings.FieldsFuncSeq(name, func(c rune) bool { return !unicode.IsLetter(c) && !unicode.IsDigit(c) }) {
		id.WriteString(strings.ToUpper(word[:1]) + word[1:])
	}
	return id.String()
}

// RouteID returns a route's logical id, such as "GetV1ApikeysId".
func RouteID(route operations.Route) string {
	return LogicalID(strings.ToLower(route.Method) + route.Path)
}

// Statement allows actions on one resource, under conditions.
type Statement struct {
	Sid      string
	Resource operations.Resource
	Actions  []string
	// Conditions must all hold.
	Conditions iam.Conditions
}

// Statements returns an operation's access as policy statements, for a main
// table of that name and tables and streams in those regions. They allow exactly
// what the operation table says. Each pair of action and resource is in one
// statement only. In one region there are no replicas.
func Statements(op operations.Operation, table string, regions ...string) []Statement {
	all := op.Access
	if len(regions) < 2 {
		all = slices.DeleteFunc(slices.Clone(all), func(access operations.Access) bool { return access.Resource == operations.Replicas })
	}
	statements := itemStatements(all)
	for _, access := range all {
		if access.Partition != "" {
			continue
		}
		statement := Statement{Sid: LogicalID(string(access.Resource)), Resource: access.Resource, Actions: access.Actions}
		switch access.Resource {
		case operations.PepperKey:
			// The key decrypts nothing without a pepper's context, so the role cannot
			// decrypt other secrets that the key may wrap.
			statement.Conditions = inContext(map[string][]string{"service": {"keyward"}, "table": {table}}, "version")
		case operations.SecretsKey:
			for _, purpose := range access.Purposes {
				statement.Sid += LogicalID(string(purpose))
			}
			statement.Conditions = inContext(map[string][]string{"service": {"keyward"}, "purpose": texts(access.Purposes)}, "key")
		case operations.TableKey:
			var services []string
			for _, region := range regions {
				services = append(services, "dynamodb."+region+".amazonaws.com")
			}
			statement.Conditions = iam.Conditions{iam.StringEquals: {operations.ViaService: services}}
		}
		statements = append(statements, statement)
	}
	return statements
}

// TracingActions are what a role may also do if tracing is on. Their resource is
// "*", because X-Ray supports nothing narrower.
var TracingActions = []string{"xray:PutTraceSegments", "xray:PutTelemetryRecords"}

// AccessLogFormat is one line of the API's access log, in JSON. It has no
// header, query or body, and so no credential. Its paths are templates, so the
// only id is that of the caller's key.
const AccessLogFormat = `{"requestId":"$context.requestId","time":"$context.requestTime","ip":"$context.identity.sourceIp",` +
	`"method":"$context.httpMethod","route":"$context.resourcePath","status":"$context.status",` +
	`"bytes":"$context.responseLength","latencyMs":"$context.responseLatency","keyId":"$context.authorizer.keyId",` +
	`"orgId":"$context.authorizer.orgId","code":"$context.authorizer.code","error":"$context.error.responseType",` +
	`"authorizerStatus":"$context.authorizer.status","functionStatus":"$context.integration.status"}`
