package cfntest

import (
	"maps"
	"regexp"
	"strings"

	"github.com/keyward/keyward/infra/iam"
	"github.com/keyward/keyward/infra/plan"
	"github.com/keyward/keyward/shared/operations"
)

// invocation checks who may invoke functions. Only these may: this API, for its
// routes and its authorizer; the rules of scheduled functions; and, for the
// authorizer, the foreign APIs in the settings.
func (c *checker) invocation() {
	scheduled, guarded := c.rules(), c.guarded()
	callable := map[string]map[string]bool{}
	for _, permission := range c.ofType("AWS::Lambda::Permission") {
		called := idIn(permission.get("FunctionName"))
		source := text(permission.get("SourceArn"))
		principal := text(permission.get("Principal"))
		switch {
		case guarded[principal+" "+source]:
			source = principal + " " + source
		case principal == "events.amazonaws.com":
			if scheduled[idIn(source)] != called {
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
	for _, function := range c.names.functions {
		want := c.callers(function.Operation)
		if function.Name == operations.Authorizer.Name {
			maps.Copy(want, guarded)
		}
		sameNames(c, "who may call "+function.Name, callable[c.idOf(function.Name)], want)
	}
}

// guarded returns the callers of the authorizer for foreign APIs: the service
// and its source ARN.
func (c *checker) guarded() map[string]bool {
	callers := map[string]bool{}
	for _, api := range c.names.guarded {
		principal, source := api.Caller(c.names.partition, c.names.region)
		callers[principal+" "+source] = true
	}
	return callers
}

// callers returns the callers of an operation's function, each as the last part
// of a source ARN.
func (c *checker) callers(op operations.Operation) map[string]bool {
	callers := map[string]bool{}
	if op.Name == operations.Authorizer.Name {
		callers["authorizers/*"] = true
	}
	if c.settings.ScheduleOf(op) != (plan.Schedule{}) {
		callers["schedule"] = true
	}
	// SAM adds the permissions of routes itself, but not the others.
	if c.Resources[c.idOf(op.Name)].Type != "AWS::Serverless::Function" {
		for _, route := range op.Served() {
			method := strings.Replace(route.Method, operations.Any, "*", 1)
			callers[method+parameter.ReplaceAllString(route.Path, "*")] = true
		}
	}
	return callers
}

var parameter = regexp.MustCompile(`\{[^}]*\}`)

// withoutStage removes the stage, which is a reference, from a route's source
// ARN. CDK names an authorizer by its id, which is already as narrow as
// possible.
func withoutStage(source string) string {
	if strings.HasPrefix(source, "authorizers/") {
		return "authorizers/*"
	}
	if _, route, ok := strings.Cut(source, "}/"); ok && strings.HasPrefix(source, "${") {
		return route
	}
	return source
}

// rules checks that each scheduled operation has one rule, and returns the
// function that each rule invokes.
func (c *checker) rules() map[string]string {
	invoked, want, got := map[string]string{}, map[string]plan.Schedule{}, map[string]string{}
	for _, function := range c.names.functions {
		if schedule := c.settings.ScheduleOf(function.Operation); schedule != (plan.Schedule{}) {
			want[c.idOf(function.Name)] = schedule
		}
	}
	for _, rule := range c.ofType("AWS::Events::Rule", "AWS::Scheduler::Schedule") {
		c.equal(rule.ID+"'s number of targets", len(iam.OneOrMany(rule.get("Targets"))), 1)
		c.equal(rule.ID+"'s state", rule.get("State"), "ENABLED")
		function := idIn(rule.get("Targets", 0, "Arn"))
		if schedule, wanted := want[function]; wanted {
			c.equal(rule.ID+"'s event", rule.get("Targets", 0, "Input"), schedule.Event)
		}
		invoked[rule.ID] = function
		got[function] = text(rule.get("ScheduleExpression"))
	}
	sameNames(c, "functions on a schedule", got, want)
	for function, schedule := range want {
		c.equal("the schedule of "+function, got[function], schedule.Expression)
	}
	return invoked
}
