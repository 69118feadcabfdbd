package cfntest

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/keyward/keyward/infra/iam"
	"github.com/keyward/keyward/infra/plan"
	"github.com/keyward/keyward/shared/operations"
)

// Prove evaluates the roles of a template of a whole deployment as IAM would,
// and returns their faults. Every recorded call must be allowed by the caller's
// role, even if AWS authorizes the operations of a transaction together. Every
// request of the universe must be decided as the operation table says. The
// universe combines every action that functions need, and some that none may do,
// with every resource and some foreign ones, every kind of items, and correct
// and wrong encryption contexts.
func Prove(template *Template, settings plan.Settings, calls []iam.Call) []string {
	c := whole(template, settings)
	c.prove(calls)
	return c.faults
}

// ProveStacks does what Prove does, for a deployment of several stacks by their names.
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
		for _, call := range append(pooled(calls, op.Name), calls...) {
			if call.Function != op.Name || len(c.names.arns(operations.Resource(call.Resource), op)) == 0 {
				continue
			}
			if request := c.deployed(call, op); !policy.Allows(request) {
				c.fault("the role of %s denies a call that it makes: %s on %s %v", op.Name, call.Action, call.Resource, request.Context)
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

// named maps the names in a function's role to resources.
func (c *checker) named(op operations.Operation) map[string]operations.Resource {
	named := map[string]operations.Resource{}
	for _, resource := range resources {
		for _, arn := range c.names.arns(resource, op) {
			if _, known := named[arn]; !known {
				named[arn] = resource
			}
		}
	}
	return named
}

// policies returns the policies of the functions' roles. It reports a fault for
// a statement that it cannot evaluate or that has a wildcard.
func (c *checker) policies() map[string]iam.Policy {
	policies := map[string]iam.Policy{}
	for _, function := range c.ofType(functionTypes...) {
		name := strings.TrimPrefix(text(function.get("FunctionName")), c.settings.Name+"-")
		role := c.Resources[idIn(function.get("Role"))]
		for _, document := range iam.OneOrMany(role.get("Policies")) {
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

// wild reports whether a statement names more than single resources or actions.
// The exceptions are X-Ray's two actions, if tracing is on, because X-Ray has no
// resources, and the streams of a table, whose names are times.
func (c *checker) wild(s iam.Statement) bool {
	if c.settings.Tracing && slices.Equal(s.Actions, plan.TracingActions) && slices.Equal(s.Resources, []string{"*"}) {
		return false
	}
	return slices.ContainsFunc(slices.Concat(s.Actions, s.Resources), func(name string) bool {
		return strings.ContainsAny(strings.TrimSuffix(name, "/stream/*"), "*?")
	})
}

// deployed returns a recorded call as this template's deployment would make it.
func (c *checker) deployed(call iam.Call, op operations.Operation) iam.Request {
	request := iam.Request{Action: call.Action, Resource: c.names.arn(operations.Resource(call.Resource), op), Context: map[string][]string{}}
	for key, values := range call.Context {
		for _, value := range values {
			switch key {
			case "kms:ViaService":
				value = strings.Replace(value, "*", c.names.keysIn(op)[0], 1)
			case "kms:EncryptionContext:table":
				value = strings.Replace(value, "*", c.settings.Name, 1)
			}
			request.Context[key] = append(request.Context[key], value)
		}
	}
	return request
}

// pooled returns a function's transaction operations as AWS might combine them:
// for each action and table, with the partitions of all operations of that
// action. No transaction of the function needs more, however AWS combines its
// operations.
func pooled(calls []iam.Call, function string) []iam.Call {
	keys := map[string][]string{} // by action
	for _, call := range calls {
		if call.Function == function && call.Context[operations.EnclosingOperation] != nil {
			keys[call.Action] = slices.Compact(slices.Sorted(slices.Values(slices.Concat(keys[call.Action], call.Context[operations.LeadingKeys]))))
		}
	}
	var all []iam.Call
	for _, call := range calls {
		if call.Function == function && call.Context[operations.EnclosingOperation] != nil {
			context := maps.Clone(call.Context)
			context[operations.LeadingKeys] = keys[call.Action]
			call.Context = context
			all = append(all, call)
		}
	}
	return all
}

// meant reports whether the operation table allows a request on a resource.
func (c *checker) meant(op operations.Operation, resource operations.Resource, request iam.Request) bool {
	allowing := slices.IndexFunc(op.Access, func(access operations.Access) bool {
		return access.Resource == resource && slices.Contains(access.Actions, request.Action)
	})
	if allowing < 0 {
		return false
	}
	switch resource {
	case operations.PepperKey, operations.SecretsKey, operations.TableKey:
		return c.inContext(op.Access[allowing], op, request)
	case operations.AuditTable:
		if request.Action == operations.PutItem && !slices.Equal(request.Context[operations.EnclosingOperation], []string{"TransactWriteItems"}) {
			return false
		}
	}
	if !itemized(resource) {
		return true
	}
	kinds, keys := partitions(op, resource, request.Action), request.Context[operations.LeadingKeys]
	outside := slices.ContainsFunc(keys, func(key string) bool { return !slices.Contains(kinds, any(partitionOf(key))) })
	return len(keys) > 0 && !outside
}

// inContext reports whether a request for a key has exactly the required
// encryption context.
func (c *checker) inContext(access operations.Access, op operations.Operation, request iam.Request) bool {
	wanted := c.conditions(op, access, request.Action)
	equal, _ := wanted["StringEquals"].(map[string]any)
	for key, want := range equal {
		if got := request.Context[key]; len(got) != 1 || !slices.Contains(iam.OneOrMany(want), any(got[0])) {
			return false
		}
	}
	names := iam.OneOrMany(at(wanted["ForAllValues:StringEquals"], operations.ContextKeys))
	return access.Resource == operations.TableKey || fmt.Sprint(names) == fmt.Sprint(request.Context[operations.ContextKeys])
}

// partitionOf returns the kind of items that a partition key belongs to.
func partitionOf(key string) string {
	if name, _, several := strings.Cut(key, "#"); several {
		return name + "#*"
	}
	return key
}
