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

// role checks that a function's role belongs to it alone, can be assumed only by
// Lambda, and allows exactly what the table says plus writing the function's own
// log.
func (c *checker) role(function Resource, op operations.Operation, logs string) {
	id := idIn(function.get("Role"))
	role, ok := c.Resources[id]
	if !ok {
		c.fault("%s has no role in the template", op.Name)
		return
	}
	c.shared(function, op.Name, "role", "Role")
	if role.get("ManagedPolicyArns") != nil {
		c.fault("%s's role has managed policies", op.Name)
	}
	trust := iam.OneOrMany(role.get("AssumeRolePolicyDocument", "Statement"))
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

// wanted returns what the operation table allows, in the form of granted.
func (c *checker) wanted(op operations.Operation) map[string]bool {
	grants := map[string]bool{}
	for _, access := range op.Access {
		if len(c.names.arns(access.Resource, op)) == 0 {
			continue // one region has no replicas
		}
		for _, action := range access.Actions {
			grants[action+" on "+string(access.Resource)+condense(c.conditions(op, access, action))] = true
		}
	}
	return grants
}

// conditions returns the conditions under which a function may use a resource.
func (c *checker) conditions(op operations.Operation, access operations.Access, action string) map[string]any {
	inContext := func(other string, keys []any, values map[string]any) map[string]any {
		return map[string]any{
			"StringEquals": values, "Null": map[string]any{"kms:EncryptionContext:" + other: "false"},
			"ForAllValues:StringEquals": map[string]any{"kms:EncryptionContextKeys": keys},
		}
	}
	switch access.Resource {
	case operations.PepperKey:
		return inContext("version", []any{"service", "table", "version"}, map[string]any{
			"kms:EncryptionContext:service": "keyward", "kms:EncryptionContext:table": c.settings.Name})
	case operations.SecretsKey:
		var purposes []any
		for _, purpose := range access.Purposes {
			purposes = append(purposes, string(purpose))
		}
		return inContext("key", []any{"key", "purpose", "service"}, map[string]any{
			"kms:EncryptionContext:service": "keyward", "kms:EncryptionContext:purpose": purposes})
	case operations.TableKey:
		return map[string]any{"StringEquals": map[string]any{"kms:ViaService": c.viaServices(op)}}
	}
	if !itemized(access.Resource) {
		return nil
	}
	conditions := map[string]any{
		"ForAllValues:StringLike": map[string]any{"dynamodb:LeadingKeys": partitions(op, access.Resource, action)},
		"Null":                    map[string]any{"dynamodb:LeadingKeys": "false"},
	}
	if access.Resource == operations.AuditTable && action == operations.PutItem {
		conditions["ForAnyValue:StringEquals"] = map[string]any{"dynamodb:EnclosingOperation": "TransactWriteItems"}
	}
	return conditions
}

// itemized reports whether a resource consists of items: a table or its index.
func itemized(resource operations.Resource) bool {
	return slices.Contains([]operations.Resource{operations.Table, operations.Listing, operations.AuditTable, operations.SecretsTable, operations.UsageTable, operations.UsageIndex, operations.Replicas}, resource)
}

// viaServices returns the services through which a function may use the tables'
// key.
func (c *checker) viaServices(op operations.Operation) (services []any) {
	for _, region := range c.names.keysIn(op) {
		services = append(services, "dynamodb."+region+".amazonaws.com")
	}
	return services
}

// partitions returns the kinds of items for which a function may do an action on
// a resource. For an action that can be in a transaction, these are the kinds of
// all tables.
func partitions(op operations.Operation, resource operations.Resource, action string) (kinds []any) {
	for _, access := range op.Access {
		if !slices.Contains(access.Actions, action) || access.Resource != resource && !transacts(action) {
			continue
		}
		if kind := string(access.Partition); kind != "" && !slices.Contains(kinds, any(kind)) {
			kinds = append(kinds, kind)
		}
	}
	return kinds
}

// transacts reports whether an action can be in a transaction. A function's
// GetItem never is.
func transacts(action string) bool {
	return slices.Contains([]string{operations.PutItem, operations.UpdateItem, operations.DeleteItem, operations.CheckItem}, action)
}

var resources = []operations.Resource{
	operations.Table, operations.Listing, operations.AuditTable, operations.SecretsTable,
	operations.UsageTable, operations.UsageIndex,
	operations.TableKey, operations.PepperKey, operations.SecretsKey,
	operations.StreamOf(operations.Table), operations.StreamOf(operations.AuditTable), operations.StreamOf(operations.SecretsTable),
	operations.StreamOf(operations.UsageTable),
	operations.DeadLetters, operations.EventBus,
	operations.Replicas, // last: an authorizer's own table may be one
}

// granted returns every pair of action and resource in a role's statements, with
// its conditions. An unknown name stays as it is, and so differs from everything
// in wanted.
func (c *checker) granted(role Resource, op operations.Operation, logs string) map[string]bool {
	named := c.named(op)
	named[logs] = "own log"
	grants := map[string]bool{}
	for _, policy := range iam.OneOrMany(role.get("Policies")) {
		for _, statement := range iam.OneOrMany(at(policy, "PolicyDocument", "Statement")) {
			if at(statement, "Effect") != "Allow" || at(statement, "NotAction") != nil || at(statement, "NotResource") != nil {
				c.fault("%s has a statement that is not a plain Allow", role.ID)
			}
			for _, action := range iam.OneOrMany(at(statement, "Action")) {
				for _, resource := range iam.OneOrMany(at(statement, "Resource")) {
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

// condense returns conditions in a canonical form, whatever the order of their
// names and values.
func condense(conditions any) string {
	operators, _ := conditions.(map[string]any)
	var all []string
	for _, operator := range slices.Sorted(maps.Keys(operators)) {
		keys, _ := operators[operator].(map[string]any)
		for _, key := range slices.Sorted(maps.Keys(keys)) {
			var values []string
			for _, value := range iam.OneOrMany(keys[key]) {
				values = append(values, text(value))
			}
			slices.Sort(values)
			all = append(all, fmt.Sprintf(" if %s %s %s", key, operator, strings.Join(values, " or ")))
		}
	}
	return strings.Join(all, "")
}
