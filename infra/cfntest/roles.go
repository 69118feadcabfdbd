package cfntest

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/keyward/keyward/infra/plan"
	"github.com/keyward/keyward/shared/operations"
)

// role checks that a function's role is its own, can be used by Lambda alone,
// and allows exactly what the table says and the function's own log.
func (c *checker) role(function Resource, op operations.Operation, logs string) {
	id := idIn(function.get("Role"))
	role, ok := c.Resources[id]
	if !ok {
		c.fault("%s has no role in the template", op.Name)
		return
	}
	for _, other := range c.ofType(functionTypes...) {
		if other.ID != function.ID && other.get("Role") == function.get("Role") {
			c.fault("%s shares its role with %s", op.Name, other.ID)
		}
	}
	if role.get("ManagedPolicyArns") != nil {
		c.fault("%s's role has managed policies", op.Name)
	}
	trust := list(role.get("AssumeRolePolicyDocument", "Statement"))
	c.equal(op.Name+"'s number of trusted parties", len(trust), 1)
	c.equal(op.Name+"'s trusted party", at(trust, 0, "Principal"), "map[Service:lambda.amazonaws.com]")
	want := c.wanted(op)
	want["logs:CreateLogStream on own log"], want["logs:PutLogEvents on own log"] = true, true
	if c.settings.Tracing {
		for _, action := range plan.TracingActions {
			want[action+" on *"] = true
		}
	}
	sameNames(c, op.Name+"'s role", c.granted(role, op, logs), want)
}

// wanted is what the operation table says, in the form of granted.
func (c *checker) wanted(op operations.Operation) map[string]bool {
	partitions := map[string][]any{} // of the main table, by action
	for _, access := range op.Access {
		for _, action := range access.Actions {
			if access.Resource == operations.Table {
				partitions[action] = append(partitions[action], string(access.Partition))
			}
		}
	}
	grants := map[string]bool{}
	for _, access := range op.Access {
		for _, action := range access.Actions {
			conditions := map[string]any{}
			if access.Resource == operations.Table {
				conditions["ForAllValues:StringLike"] = map[string]any{"dynamodb:LeadingKeys": partitions[action]}
				conditions["Null"] = map[string]any{"dynamodb:LeadingKeys": "false"}
			} else if equal := c.wantedContext(access.Resource, op); equal != nil {
				conditions["StringEquals"] = equal
			}
			grants[action+" on "+string(access.Resource)+condense(conditions)] = true
		}
	}
	return grants
}

// wantedContext is what a function's request for a key must come with; nil for
// the tables.
func (c *checker) wantedContext(resource operations.Resource, op operations.Operation) map[string]any {
	switch resource {
	case operations.PepperKey:
		return map[string]any{"kms:EncryptionContext:service": "keyward", "kms:EncryptionContext:table": c.settings.Name}
	case operations.SecretsKey:
		return map[string]any{"kms:EncryptionContext:service": "keyward", "kms:EncryptionContext:purpose": "recoverable-key"}
	case operations.TableKey:
		return map[string]any{"kms:ViaService": "dynamodb." + c.names.tablesIn(op) + ".amazonaws.com"}
	}
	return nil
}

var resources = []operations.Resource{
	operations.Table, operations.Listing, operations.AuditTable, operations.SecretsTable,
	operations.TableKey, operations.PepperKey, operations.SecretsKey,
}

// granted is every pair of an action and a resource that a role's statements
// make, with their conditions. A text that names nothing known stays as it is,
// and so differs from all that is wanted.
func (c *checker) granted(role Resource, op operations.Operation, logs string) map[string]bool {
	named := c.named(op)
	named[logs] = "own log"
	grants := map[string]bool{}
	for _, policy := range list(role.get("Policies")) {
		for _, statement := range list(at(policy, "PolicyDocument", "Statement")) {
			if at(statement, "Effect") != "Allow" || at(statement, "NotAction") != nil || at(statement, "NotResource") != nil {
				c.fault("%s has a statement that is not a plain Allow", role.ID)
			}
			for _, action := range list(at(statement, "Action")) {
				for _, resource := range list(at(statement, "Resource")) {
					name := text(resource)
					if known, ok := named[name]; ok {
						name = string(known)
					}
					grants[text(action)+" on "+name+condense(at(statement, "Condition"))] = true
				}
			}
		}
	}
	return grants
}

// condense writes conditions in one way, whatever the order of their names and
// values.
func condense(conditions any) string {
	operators, _ := conditions.(map[string]any)
	var all []string
	for _, operator := range slices.Sorted(maps.Keys(operators)) {
		keys, _ := operators[operator].(map[string]any)
		for _, key := range slices.Sorted(maps.Keys(keys)) {
			var values []string
			for _, value := range list(keys[key]) {
				values = append(values, text(value))
			}
			slices.Sort(values)
			all = append(all, fmt.Sprintf(" if %s %s %s", key, operator, strings.Join(values, " or ")))
		}
	}
	return strings.Join(all, "")
}
