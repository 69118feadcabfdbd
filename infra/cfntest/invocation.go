package cfntest

import (
	"regexp"
	"strings"

	"github.com/keyward/keyward/shared/operations"
)

// invocation checks who may invoke functions: this API, for its routes and its
// authorizer, and the rules of those that run on a schedule; and nobody else.
func (c *checker) invocation() {
	scheduled := c.rules()
	callable := map[string]map[string]bool{}
	for _, permission := range c.ofType("AWS::Lambda::Permission") {
		called := strings.TrimSuffix(strings.Trim(text(permission.get("FunctionName")), "${}"), ".Arn")
		source := text(permission.get("SourceArn"))
		switch principal := text(permission.get("Principal")); principal {
		case "events.amazonaws.com":
			if rule := strings.TrimSuffix(strings.Trim(source, "${}"), ".Arn"); scheduled[rule] != called {
				c.fault("%s is not for the rule that invokes %s", permission.ID, called)
			}
			source = "schedule"
		default:
			c.equal(permission.ID+"'s principal", principal, "apigateway.amazonaws.com")
			_, within, ok := strings.Cut(source, ":${"+c.apiID()+"}/")
			if !ok {
				c.fault("%s is not for this API alone", permission.ID)
			}
			source = within
		}
		if callable[called] == nil {
			callable[called] = map[string]bool{}
		}
		callable[called][withoutStage(source)] = true
	}
	for _, op := range operations.Functions() {
		want := c.callers(op)
		sameNames(c, "who may call "+op.Name, callable[c.idOf(op.Name)], want)
	}
}

// callers are those who call an operation's function, in the form of a source's
// last part.
func (c *checker) callers(op operations.Operation) map[string]bool {
	callers := map[string]bool{}
	if op.Name == operations.Authorizer.Name {
		callers["authorizers/*"] = true
	}
	if op.Schedule != "" {
		callers["schedule"] = true
	}
	// SAM adds the permissions of routes, but not the others.
	if c.Resources[c.idOf(op.Name)].Type != "AWS::Serverless::Function" {
		for _, route := range op.Routes {
			method := strings.Replace(route.Method, operations.Any, "*", 1)
			callers[method+parameter.ReplaceAllString(route.Path, "*")] = true
		}
	}
	return callers
}

var parameter = regexp.MustCompile(`\{[^}]*\}`)

// withoutStage takes the stage, which is a reference, off a route's source. CDK
// names an authorizer by its id, which is as narrow as it can be.
func withoutStage(source string) string {
	if strings.HasPrefix(source, "authorizers/") {
		return "authorizers/*"
	}
	if _, route, ok := strings.Cut(source, "}/"); ok && strings.HasPrefix(source, "${") {
		return route
	}
	return source
}

// rules checks that there is one rule an operation with a schedule, and returns
// which function each invokes.
func (c *checker) rules() map[string]string {
	invoked, want, got := map[string]string{}, map[string]string{}, map[string]string{}
	for _, op := range operations.Functions() {
		if op.Schedule != "" {
			want[c.idOf(op.Name)] = op.Schedule
		}
	}
	for _, rule := range c.ofType("AWS::Events::Rule", "AWS::Scheduler::Schedule") {
		c.equal(rule.ID+"'s number of targets", len(list(rule.get("Targets"))), 1)
		c.equal(rule.ID+"'s event", rule.get("Targets", 0, "Input"), "{}")
		c.equal(rule.ID+"'s state", rule.get("State"), "ENABLED")
		function := strings.TrimSuffix(strings.Trim(text(rule.get("Targets", 0, "Arn")), "${}"), ".Arn")
		invoked[rule.ID] = function
		got[function] = text(rule.get("ScheduleExpression"))
	}
	sameNames(c, "functions on a schedule", got, want)
	for function, schedule := range want {
		c.equal("the schedule of "+function, got[function], schedule)
	}
	return invoked
}
