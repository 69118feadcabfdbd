// Package plan is what every template of a deployment says, in whatever
// language the template is written: the owner's settings, the functions' sizes
// and names, and how a row of the operation table becomes a policy. It knows
// neither CDK nor SAM.
package plan

import (
	"strings"
	"unicode"

	"github.com/keyward/keyward/infra/iam"
	"github.com/keyward/keyward/shared/operations"
)

// Stage is the one stage of the REST API.
const Stage = "live"

// Concurrency is the environment of every function besides what it reads
// itself. All functions have far less than one core, so a second scheduler
// thread only costs hand-offs: about a quarter of a short call's CPU. It must go
// where a process serves several invocations at once.
var Concurrency = map[string]string{"GOMAXPROCS": "1"}

// Function is one Lambda function of a deployment.
type Function struct {
	operations.Operation
	// LogicalID begins the names of the function's resources in a template,
	// such as "CreateApikey".
	LogicalID string
	// MemoryMB is its memory, by which Lambda also portions its CPU.
	MemoryMB int
	// TimeoutSeconds ends an invocation that hangs. Calls to AWS have their
	// own, shorter deadlines.
	TimeoutSeconds int
}

// ScheduleTimeoutSeconds is the time of a function that runs on a schedule: all
// that is left to do, yet less than until it runs again.
const ScheduleTimeoutSeconds = 270

// Functions are all functions, in the order of the operation table.
func Functions() []Function {
	var functions []Function
	for _, op := range operations.Functions() {
		function := Function{Operation: op, LogicalID: LogicalID(op.Name), MemoryMB: 256, TimeoutSeconds: 10}
		switch {
		case op.Schedule != "":
			function.TimeoutSeconds = ScheduleTimeoutSeconds
		case op.Name == operations.Authorizer.Name:
			// Every guarded request waits for it, and most of what it does
			// on a miss is TLS: the CPU of 512 MB halves that wait, while a
			// hit is too short to cost more. Past 5 s a caller is better
			// served by the gateway's 503.
			function.MemoryMB, function.TimeoutSeconds = 512, 5
		}
		functions = append(functions, function)
	}
	return functions
}

// LogicalID names what has that name in a template: in capitals and small letters,
// since nothing else may stand there, such as "CreateApikey" for create-apikey.
func LogicalID(name string) string {
	var id strings.Builder
	for word := range strings.FieldsFuncSeq(name, func(c rune) bool { return !unicode.IsLetter(c) && !unicode.IsDigit(c) }) {
		id.WriteString(strings.ToUpper(word[:1]) + word[1:])
	}
	return id.String()
}

// RouteID names a route in a template, such as "GetV1ApikeysId".
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

// Statements are an operation's access as the statements of a policy, where the
// main table has that name and the deployment is in that region. They allow what
// the operation table says and nothing else. An action on a resource stands in
// one of them alone.
func Statements(op operations.Operation, table, region string) []Statement {
	statements := itemStatements(op.Access)
	for _, access := range op.Access {
		if access.Partition != "" {
			continue
		}
		statement := Statement{Sid: LogicalID(string(access.Resource)), Resource: access.Resource, Actions: access.Actions}
		switch access.Resource {
		case operations.PepperKey:
			// Without a pepper's own context the key decrypts nothing, so a
			// role cannot be used on other secrets that the key may wrap.
			statement.Conditions = inContext(map[string]string{"service": "keyward", "table": table}, "version")
		case operations.SecretsKey:
			statement.Conditions = inContext(map[string]string{"service": "keyward", "purpose": "recoverable-key"}, "key")
		case operations.TableKey:
			statement.Conditions = iam.Conditions{iam.StringEquals: {operations.ViaService: {"dynamodb." + region + ".amazonaws.com"}}}
		}
		statements = append(statements, statement)
	}
	return statements
}

// TracingActions are what a role may do besides where tracing is on, on the
// resource "*", since X-Ray knows no narrower one.
var TracingActions = []string{"xray:PutTraceSegments", "xray:PutTelemetryRecords"}

// AccessLogFormat is one line of the API's access log: JSON, and neither a
// header nor a query nor a body, so no credential. Its paths are templates, so
// no id either but the caller's key's.
const AccessLogFormat = `{"requestId":"$context.requestId","time":"$context.requestTime","ip":"$context.identity.sourceIp",` +
	`"method":"$context.httpMethod","route":"$context.resourcePath","status":"$context.status",` +
	`"bytes":"$context.responseLength","latencyMs":"$context.responseLatency","keyId":"$context.authorizer.keyId",` +
	`"orgId":"$context.authorizer.orgId","code":"$context.authorizer.code","error":"$context.error.responseType",` +
	`"authorizerStatus":"$context.authorizer.status","functionStatus":"$context.integration.status"}`
