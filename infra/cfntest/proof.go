package cfntest

import (
	"fmt"
	"slices"
	"strings"

	"github.com/keyward/keyward/infra/iam"
	"github.com/keyward/keyward/infra/plan"
	"github.com/keyward/keyward/shared/operations"
)

// Prove evaluates the roles of a template that holds a whole deployment as IAM
// would, and returns what is wrong with them: each recorded call that the
// caller's role denies, and each request of the universe that a role decides
// otherwise than the operation table says. The universe is every action that
// functions need, and some that none may do, on every resource and some strange
// ones, for every kind of items and every encryption context, right and wrong.
func Prove(template *Template, settings plan.Settings, calls []iam.Call) []string {
	c := &checker{Template: template, settings: settings}
	keys := c.keys("AWS::KMS::Key")
	c.names = localNames(settings.Name, keys, c.tables(map[string]string{"${AWS::Region}": keys["tables"]}))
	c.prove(calls)
	return c.faults
}

// ProveStacks is Prove for a deployment of several stacks, by their names.
func ProveStacks(templates map[string]*Template, settings plan.Settings, calls []iam.Call) (faults []string) {
	for _, region := range settings.Places() {
		name := settings.RegionalStack(region)
		if templates[name] == nil {
			return append(faults, name+" is missing")
		}
		c := &checker{Template: templates[name], settings: settings, names: stackNames(outer{settings}, region)}
		c.prove(calls)
		for _, fault := range c.faults {
			faults = append(faults, name+": "+fault)
		}
	}
	return faults
}

func (c *checker) prove(calls []iam.Call) {
	policies := c.policies()
	for _, function := range c.names.functions {
		op, policy := function.Operation, policies[function.Name]
		for _, call := range calls {
			if request := c.deployed(call, op); call.Function == op.Name && !policy.Allows(request) {
				c.fault("%s is denied what it does: %s on %s %v", op.Name, call.Action, call.Resource, request.Context)
			}
		}
		named := c.named(op)
		for _, request := range c.universe(op, named) {
			if got, want := policy.Allows(request), c.meant(op, named[request.Resource], request); got != want {
				c.fault("%s may %s on %s %v: %v, want %v", op.Name, request.Action, request.Resource, request.Context, got, want)
			}
		}
	}
}

// named are the resources by what a function's role calls them.
func (c *checker) named(op operations.Operation) map[string]operations.Resource {
	named := map[string]operations.Resource{}
	for _, resource := range resources {
		named[c.names.arn(resource, op)] = resource
	}
	return named
}

// policies are the policies of the functions' roles. A statement that cannot be
// evaluated, or that has a wildcard, is a fault.
func (c *checker) policies() map[string]iam.Policy {
	policies := map[string]iam.Policy{}
	for _, function := range c.ofType(functionTypes...) {
		name := strings.TrimPrefix(text(function.get("FunctionName")), c.settings.Name+"-")
		role := c.Resources[idIn(function.get("Role"))]
		for _, document := range list(role.get("Policies")) {
			policy, err := iam.Read(at(document, "PolicyDocument"))
			if err != nil {
				c.fault("%s's role: %v", name, err)
			}
			policies[name] = append(policies[name], policy...)
		}
		for _, statement := range policies[name] {
			if c.wild(statement) {
				c.fault("%s's role has a wildcard: %v on %v", name, statement.Actions, statement.Resources)
			}
		}
	}
	return policies
}

// wild reports whether a statement names more than single things. X-Ray knows no
// resources, so its two actions are the exception, where tracing is on.
func (c *checker) wild(s iam.Statement) bool {
	if c.settings.Tracing && slices.Equal(s.Actions, plan.TracingActions) && slices.Equal(s.Resources, []string{"*"}) {
		return false
	}
	return slices.ContainsFunc(slices.Concat(s.Actions, s.Resources), func(name string) bool { return strings.ContainsAny(name, "*?") })
}

// deployed is a recorded call as this template's deployment would make it.
func (c *checker) deployed(call iam.Call, op operations.Operation) iam.Request {
	request := iam.Request{Action: call.Action, Resource: c.names.arn(operations.Resource(call.Resource), op), Context: map[string][]string{}}
	for key, values := range call.Context {
		for _, value := range values {
			switch key {
			case "kms:ViaService":
				value = strings.Replace(value, "*", c.names.tablesIn(op), 1)
			case "kms:EncryptionContext:table":
				value = strings.Replace(value, "*", c.settings.Name, 1)
			}
			request.Context[key] = append(request.Context[key], value)
		}
	}
	return request
}

// meant reports whether the operation table allows a request on a resource.
func (c *checker) meant(op operations.Operation, resource operations.Resource, request iam.Request) bool {
	var partitions []operations.Partition
	for _, access := range op.Access {
		if access.Resource != resource || !slices.Contains(access.Actions, request.Action) {
			continue
		}
		if resource != operations.Table {
			return c.inContext(resource, op, request.Context)
		}
		partitions = append(partitions, access.Partition)
	}
	keys := request.Context[operations.LeadingKeys]
	outside := slices.ContainsFunc(keys, func(key string) bool { return !slices.Contains(partitions, partitionOf(key)) })
	return len(partitions) > 0 && len(keys) > 0 && !outside
}

func (c *checker) inContext(resource operations.Resource, op operations.Operation, context map[string][]string) bool {
	for key, want := range c.wantedContext(resource, op) {
		if fmt.Sprint(context[key]) != fmt.Sprintf("[%v]", want) {
			return false
		}
	}
	return true
}

// partitionOf is the kind of item that a partition key is of.
func partitionOf(key string) operations.Partition {
	if name, _, several := strings.Cut(key, "#"); several {
		return operations.Partition(name + "#*")
	}
	return operations.Partition(key)
}
