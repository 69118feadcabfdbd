package cfntest

import (
	"regexp"
	"strings"

	"github.com/keyward/keyward/infra/plan"
	"github.com/keyward/keyward/shared/operations"
)

// route is one method of one path, as a template has it.
type route struct{ function, authorization string }

// front is what a template says about the API, independent of its syntax.
type front struct {
	// routes are by "METHOD path", preflights by path. A route names its function's
	// resource.
	routes     map[string]route
	preflights map[string]preflight
	responses  map[string]operations.GatewayResponse
	// authorizer is REQUEST or TOKEN; function is the logical id of its function.
	authorizer, function, identity, ttl string
	stage                               any
}

type preflight struct{ origin, headers, methods string }

// apiID returns the logical id of the template's only API.
func (c *checker) apiID() string {
	apis := c.ofType("AWS::ApiGateway::RestApi", "AWS::Serverless::Api")
	if len(apis) != 1 {
		c.fault("the template has %d APIs, want 1", len(apis))
		return ""
	}
	return apis[0].ID
}

func (c *checker) api() {
	f := c.plainFront()
	if serverless := c.ofType("AWS::Serverless::Api"); len(serverless) == 1 {
		f = c.serverlessFront(serverless[0])
	}
	c.routes(f)
	c.responses(f)
	c.equal("the authorizer's type", f.authorizer, "REQUEST")
	c.equal("the authorizer's identity source", f.identity, "Authorization")
	c.equal("the authorizer's cache, in seconds,", f.ttl, "0")
	c.equal("the authorizer's function", f.function, c.idOf(operations.Authorizer.Name))
	c.equal("the compression, from as many bytes on,", c.Resources[c.apiID()].get("MinimumCompressionSize"), plan.CompressionBytes)
	c.stage(f)
}

// routes checks that the routes are the table's, each with its function and
// behind the authorizer, and that each path answers preflights.
func (c *checker) routes(f front) {
	want := map[string]route{}
	methods := map[string]map[string]bool{}
	for _, op := range operations.All() {
		if op.Name == operations.Console && !c.settings.Console {
			continue
		}
		authorization := "CUSTOM"
		if op.Public {
			authorization = "NONE"
		}
		for _, r := range op.Served() {
			want[r.Method+" "+r.Path] = route{c.idOf(op.Name), authorization}
			if methods[r.Path] == nil {
				methods[r.Path] = map[string]bool{}
			}
			methods[r.Path][r.Method] = true
		}
	}
	sameNames(c, "routes", f.routes, want)
	for name, expected := range want {
		c.equal(name, f.routes[name], expected)
	}
	sameNames(c, "preflights", f.preflights, methods)
	for path, allowed := range methods {
		got := f.preflights[path]
		c.equal(path+"'s allowed origin", got.origin, "'"+operations.CORSHeaders["Access-Control-Allow-Origin"]+"'")
		c.equal(path+"'s allowed headers", got.headers, "'"+operations.PreflightHeaders+"'")
		if allowed[operations.Any] {
			allowed = everyMethod
		}
		if got.methods != "" {
			listed := map[string]bool{}
			for method := range strings.SplitSeq(strings.Trim(got.methods, "'"), ",") {
				listed[method] = true
			}
			sameNames(c, path+"'s allowed methods", listed, allowed)
		}
	}
}

// everyMethod is what a preflight allows for a route that takes any method.
var everyMethod = map[string]bool{
	"OPTIONS": true, "GET": true, "PUT": true, "POST": true, "DELETE": true, "PATCH": true, "HEAD": true,
}

func (c *checker) responses(f front) {
	want := map[string]operations.GatewayResponse{}
	for _, response := range operations.ManagementResponses(c.settings.Base()) {
		response.Code = "" // the template has it in the body only
		want[response.Type] = response
	}
	sameNames(c, "gateway responses", f.responses, want)
	for name, expected := range want {
		c.equal("the gateway response "+name, f.responses[name], expected)
	}
}

func (c *checker) stage(f front) {
	c.equal("the stage's name", at(f.stage, "StageName"), plan.Stage)
	c.equal("the access log's format", at(f.stage, "AccessLogSetting", "Format"), plan.AccessLogFormat)
	group := idIn(at(f.stage, "AccessLogSetting", "DestinationArn"))
	c.equal("the access log's retention", c.Resources[group].get("RetentionInDays"), c.settings.LogRetentionDays)
	settings := at(f.stage, "MethodSettings", 0)
	c.equal("the methods' rate", at(settings, "ThrottlingRateLimit"), c.settings.RequestsPerSecond)
	c.equal("the methods' burst", at(settings, "ThrottlingBurstLimit"), c.settings.Burst)
	c.equal("the methods' data tracing", at(settings, "DataTraceEnabled"), false)
	c.equal("the methods' log", at(settings, "LoggingLevel"), "OFF")
}

// idOf returns the logical id of an operation's function.
func (c *checker) idOf(name string) string {
	for _, function := range c.ofType(functionTypes...) {
		if text(function.get("FunctionName")) == c.settings.Name+"-"+name {
			return function.ID
		}
	}
	return ""
}

var functionARN = regexp.MustCompile(`/functions/\$\{([A-Za-z0-9]+)\.Arn\}/invocations$`)

// calledBy returns the logical id of the function in the URI of an integration
// or authorizer.
func calledBy(uri any) string {
	if found := functionARN.FindStringSubmatch(text(uri)); found != nil {
		return found[1]
	}
	return text(uri)
}
