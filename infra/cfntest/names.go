package cfntest

import (
	"cmp"
	"strings"

	"github.com/keyward/keyward/infra/plan"
	"github.com/keyward/keyward/shared/dynamo/schema"
	"github.com/keyward/keyward/shared/operations"
)

// names holds the names that a region's template uses for its functions'
// resources, as far as they are known before deployment.
type names struct {
	account, partition string
	// region is the functions' region, home the region that writes.
	region, home string
	functions    []plan.Function
	guarded      []plan.GuardedAPI
	// keyID returns the id with which functions use a key.
	keyID func(operations.Resource) string
	// arns returns the ARNs of a resource in an operation's role, of which only the
	// tables' key can have two. keysIn returns the regions of that key. stream
	// returns the ARN of a table's stream that invokes a function.
	arns   func(operations.Resource, operations.Operation) []string
	keysIn func(operations.Operation) []string
	stream func(operations.Resource) string
}

// arn returns the ARN of a resource, or the first of two.
func (n names) arn(resource operations.Resource, op operations.Operation) string {
	return n.arns(resource, op)[0]
}

// localNames returns the names of a template that contains everything. Keys, by
// purpose, and tables are its own resources, known by their logical ids.
// Functions use a key's alias, which starts with name.
func localNames(name string, keys map[string]string, tables map[operations.Resource]string) names {
	const region = "${AWS::Region}"
	n := names{
		account: "${AWS::AccountId}", partition: "${AWS::Partition}", region: region, home: region,
		functions: plan.Functions(),
		keysIn:    func(operations.Operation) []string { return []string{region} },
		stream:    func(table operations.Resource) string { return "${" + tables[table] + ".StreamArn}" },
	}
	arns := map[operations.Resource]string{
		operations.EventBus: "arn:" + n.partition + ":events:" + region + ":" + n.account + ":event-bus/default",
	}
	for resource, id := range tables {
		arns[resource], arns[operations.StreamOf(resource)] = "${"+id+".Arn}", "${"+id+".Arn}/stream/*"
	}
	arns[operations.Listing] = arns[operations.Table] + "/index/" + schema.Listing
	arns[operations.UsageIndex] = arns[operations.UsageTable] + "/index/" + schema.Used
	aliases := map[operations.Resource]string{}
	for _, key := range plan.Keys {
		arns[key.Resource], aliases[key.Resource] = keys[key.Purpose], "alias/"+name+"/"+key.Purpose
	}
	n.keyID = func(resource operations.Resource) string { return aliases[resource] }
	n.arns = func(resource operations.Resource, op operations.Operation) []string {
		if resource == operations.Replicas {
			return nil
		}
		if resource == operations.DeadLetters {
			return []string{"${" + plan.LogicalID(op.Name) + "DeadLetters.Arn}"}
		}
		return []string{arns[resource]}
	}
	return n
}

// stackNames returns the names of a region's stack, whose keys and tables are in
// other stacks.
func stackNames(o outer, region string) names {
	s := &o.settings
	tables := map[operations.Resource]string{
		operations.Table: s.Name, operations.AuditTable: s.AuditTable(), operations.SecretsTable: s.SecretsTable(),
		operations.UsageTable: s.UsageTable(),
	}
	n := names{
		account: o.account(), partition: o.partition(), region: o.region(region), home: o.region(s.HomeRegion()),
		functions: s.FunctionsIn(region), guarded: s.GuardedIn(region),
		keyID:  func(resource operations.Resource) string { return o.key(resource, region) },
		stream: func(table operations.Resource) string { return "${import " + s.StreamExport(table) + "}" },
		keysIn: func(op operations.Operation) (regions []string) {
			for _, in := range s.KeyRegions(op, region) {
				regions = append(regions, o.region(in))
			}
			return regions
		},
	}
	n.arns = func(resource operations.Resource, op operations.Operation) (arns []string) {
		if resource == operations.Replicas {
			for _, other := range s.Replicas() {
				arns = append(arns, o.arn("dynamodb", other, "table/"+s.Name))
			}
			return arns
		}
		if resource != operations.TableKey {
			return []string{o.resource(resource, op, region, tables)}
		}
		for _, in := range n.keysIn(op) {
			arns = append(arns, o.key(resource, in))
		}
		return arns
	}
	return n
}

// resource returns the ARN of a resource that is not the tables' key, for a
// function in a region.
func (o outer) resource(resource operations.Resource, op operations.Operation, region string, tables map[operations.Resource]string) string {
	in := o.settings.TableRegion(op, region)
	switch resource {
	case operations.PepperKey, operations.SecretsKey:
		return o.key(resource, region)
	case operations.Listing:
		return o.arn("dynamodb", in, "table/"+o.settings.Name+"/index/"+schema.Listing)
	case operations.UsageIndex:
		return o.arn("dynamodb", in, "table/"+o.settings.UsageTable()+"/index/"+schema.Used)
	case operations.EventBus:
		if strings.HasPrefix(o.settings.EventBus, "arn:") {
			return o.settings.EventBus
		}
		return o.arn("events", region, "event-bus/"+o.settings.EventBus)
	case operations.DeadLetters:
		return o.arn("sqs", region, o.settings.DeadLetters(op))
	}
	if table, ok := strings.CutSuffix(string(resource), string(operations.StreamOf(""))); ok {
		return o.arn("dynamodb", region, "table/"+tables[operations.Resource(table)]+"/stream/*")
	}
	return o.arn("dynamodb", in, "table/"+tables[resource])
}

// outer names resources of other stacks, using only the settings.
type outer struct{ settings plan.Settings }

func (o outer) account() string             { return cmp.Or(o.settings.Account, "${AWS::AccountId}") }
func (o outer) region(region string) string { return cmp.Or(region, "${AWS::Region}") }

func (o outer) partition() string {
	if o.settings.Account == "" {
		return "${AWS::Partition}"
	}
	return plan.Partition(o.settings.Primary())
}

func (o outer) arn(service, region, resource string) string {
	return strings.Join([]string{"arn", o.partition(), service, o.region(region), o.account(), resource}, ":")
}

func (o outer) key(resource operations.Resource, region string) string {
	for _, key := range plan.Keys {
		if key.Resource == resource {
			id := cmp.Or(o.settings.KeyIDs[key.Purpose], "${import "+o.settings.KeysStack()+"-"+key.Purpose+"}")
			return o.arn("kms", region, "key/"+id)
		}
	}
	return "no key"
}

// replicas returns the tables' regions, each with the key that encrypts its
// replica.
func (o outer) replicas() map[string]string {
	replicas := map[string]string{}
	for _, region := range o.settings.Places() {
		replicas[o.region(region)] = o.key(operations.TableKey, region)
	}
	return replicas
}
