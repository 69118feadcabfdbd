package cfntest

import (
	"maps"
	"slices"
	"strings"

	"github.com/keyward/keyward/infra/iam"
	"github.com/keyward/keyward/shared/dynamo/schema"
	"github.com/keyward/keyward/shared/operations"
)

// forbidden lists actions that no function may do on anything.
var forbidden = []string{
	"dynamodb:Scan", "dynamodb:BatchWriteItem", "dynamodb:PartiQLSelect", "dynamodb:PartiQLUpdate",
	"dynamodb:ExportTableToPointInTime", "dynamodb:UpdateTable", "dynamodb:DeleteTable",
	"kms:GenerateDataKey", "kms:ReEncryptFrom", "kms:CreateGrant", "kms:PutKeyPolicy", "kms:DisableKey", "kms:ScheduleKeyDeletion",
	"sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:PurgeQueue", "events:PutRule", "events:PutTargets",
	"iam:PassRole", "sts:AssumeRole", "lambda:InvokeFunction", "secretsmanager:GetSecretValue", "logs:PutLogEvents",
}

// universe returns every request with which to test a function's role, for
// resources with those names.
func (c *checker) universe(op operations.Operation, named map[string]operations.Resource) []iam.Request {
	actions := map[string]bool{}
	for _, op := range operations.Functions() {
		for _, access := range op.Access {
			for _, action := range access.Actions {
				actions[action] = true
			}
		}
	}
	table := c.names.arn(operations.Table, op)
	targets := slices.Concat(slices.Sorted(maps.Keys(named)), []string{
		table + "/index/other", table + "/index/" + schema.Listing + "2", table + "/stream/1", table + "2", "${OtherKey.Arn}", "*", "",
	})
	contexts := map[string][]map[string][]string{"dynamodb": leadingKeys(), "kms": c.encryptionContexts(op)}
	var all []iam.Request
	for _, action := range slices.Concat(slices.Sorted(maps.Keys(actions)), forbidden) {
		service, _, _ := strings.Cut(action, ":")
		for _, resource := range targets {
			for _, context := range append(contexts[service], nil) {
				all = append(all, iam.Request{Action: action, Resource: resource, Context: context})
			}
		}
	}
	return all
}

// leadingKeys returns sets of partition keys: each kind of items alone, each
// pair, as in a batch, all together, and unknown ones. Each set is in a write
// transaction. Single kinds are also in a read transaction, and in none.
func leadingKeys() []map[string][]string {
	var contexts []map[string][]string
	in := func(enclosing string, keys ...string) {
		contexts = append(contexts, map[string][]string{operations.LeadingKeys: keys, operations.EnclosingOperation: {enclosing}})
	}
	add := func(keys ...string) { in("TransactWriteItems", keys...) }
	for _, key := range []string{"OTHER#1", "KEY", "MONKEY#1", "PEPPERS", "pepper", ""} {
		add(key)
	}
	kinds := []string{"KEY#1", "ORG#demo", "API#1#2", "PEPPER", "PENDING", "ORGS", "ROUND"}
	for i, kind := range kinds {
		add(kind)
		in("TransactGetItems", kind)
		contexts = append(contexts, map[string][]string{operations.LeadingKeys: {kind}})
		add(kind, "OTHER#1")
		for _, other := range kinds[i+1:] {
			add(kind, other)
		}
	}
	add(kinds...)
	return contexts
}

// encryptionContexts returns the contexts that the keys require, and similar
// ones.
func (c *checker) encryptionContexts(op operations.Operation) []map[string][]string {
	with := func(pairs ...string) map[string][]string {
		context := map[string][]string{}
		for i := 0; i < len(pairs); i += 2 {
			context[operations.ContextKey+pairs[i]] = []string{pairs[i+1]}
			context[operations.ContextKeys] = append(context[operations.ContextKeys], pairs[i])
		}
		return context
	}
	pepper := func(service, table string) map[string][]string {
		return with("service", service, "table", table, "version", "1")
	}
	secret := func(service, purpose string) map[string][]string {
		return with("key", "1", "purpose", purpose, "service", service)
	}
	via := func(service string) map[string][]string { return map[string][]string{operations.ViaService: {service}} }
	var elsewhere []map[string][]string
	for _, region := range c.names.keysIn(op)[1:] {
		elsewhere = append(elsewhere, via("dynamodb."+region+".amazonaws.com"))
	}
	return append(elsewhere, []map[string][]string{
		pepper("keyward", c.settings.Name), pepper("keyward", c.settings.Name+"2"), pepper("other", c.settings.Name), with("service", "keyward"),
		with("service", "keyward", "table", c.settings.Name), with("service", "keyward", "table", c.settings.Name, "version", "1", "x", "1"),
		secret("keyward", "recoverable-key"), secret("keyward", "idempotent-answer"), secret("keyward", "other"), secret("other", "recoverable-key"),
		with("purpose", "recoverable-key", "service", "keyward"), with("key", "1", "purpose", "recoverable-key", "service", "keyward", "x", "1"),
		via("dynamodb." + c.names.keysIn(op)[0] + ".amazonaws.com"), via("dynamodb.elsewhere.amazonaws.com"), via("s3." + c.names.keysIn(op)[0] + ".amazonaws.com"),
	}...)
}
