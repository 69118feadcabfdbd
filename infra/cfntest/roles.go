package cfntest

import (
	"fmt"
	"maps"
	"slices"
	"strings"

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
	sameNames(c, op.Name+"'s role", c.granted(role, op, logs), want)
}

// wanted is what the operation table says, in the form of granted.
func (c *checker) wanted(op operations.Operation) map[string]bool {
	grants := map[string]bool{}
	for _, access := range op.Access {
		condition := ""
		switch access.Resource {
		case operations.PepperKey:
			condition = condense(map[string]any{"StringEquals": map[string]any{
				"kms:EncryptionContext:service": "keyward", "kms:EncryptionContext:table": c.settings.Name,
			}})
		case operations.SecretsKey:
			condition = condense(map[string]any{"StringEquals": map[string]any{
				"kms:EncryptionContext:service": "keyward", "kms:EncryptionContext:purpose": "recoverable-key",
			}})
		case operations.TableKey:
			condition = condense(map[string]any{"StringEquals": map[string]any{
				"kms:ViaService": "dynamodb." + c.names.tablesIn(op) + ".amazonaws.com",
			}})
		}
		for _, action := range access.Actions {
			grants[action+" on "+string(access.Resource)+condition] = true
		}
	}
	return grants
}

var resources = []operations.Resource{
	operations.Table, operations.Listing, operations.AuditTable, operations.SecretsTable,
	operations.TableKey, operations.PepperKey, operations.SecretsKey,
}

// granted is every pair of an action and a resource that a role's statements
// make, with their conditions. A text that names nothing known stays as it is,
// and so differs from all that is wanted.
func (c *checker) granted(role Resource, op operations.Operation, logs string) map[string]bool {
	named := map[string]string{logs: "own log"}
	for _, resource := range resources {
		named[c.names.arn(resource, op)] = string(resource)
	}
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
						name = known
					}
					grants[text(action)+" on "+name+condense(at(statement, "Condition"))] = true
				}
			}
		}
	}
	return grants
}

// condense writes conditions in one way, whatever the order of their names.
func condense(conditions any) string {
	operators, _ := conditions.(map[string]any)
	var all []string
	for _, operator := range slices.Sorted(maps.Keys(operators)) {
		keys, _ := operators[operator].(map[string]any)
		for _, key := range slices.Sorted(maps.Keys(keys)) {
			all = append(all, fmt.Sprintf(" if %s %s %v", key, operator, keys[key]))
		}
	}
	return strings.Join(all, "")
}
