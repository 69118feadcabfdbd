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
	// arn returns the ARN of a resource in an operation's role. tablesIn returns
	// the region of the tables that the operation uses.
	arn      func(operations.Resource, operations.Operation) string
	tablesIn func(operations.Operation) string
}

// localNames returns the names of a template that contains everything. Keys, by
// purpose, and tables are its own resources, known by their logical ids.
// Functions use a key's alias, which starts with name.
func localNames(name string, keys map[string]string, tables map[operations.Resource]string) names {
	const region = "${AWS::Region}"
	n := names{
		account: "${AWS::AccountId}", partition: "${AWS::Partition}", region: region, home: region,
		functions: plan.Functions(),
		tablesIn:  func(operations.Operation) string { return region },
	}
	arns := map[operations.Resource]string{}
	for resource, id := range tables {
		arns[resource] = "${" + id + ".Arn}"
	}
	arns[operations.Listing] = arns[operations.Table] + "/index/" + schema.Listing
	arns[operations.UsageIndex] = arns[operations.UsageTable] + "/index/" + schema.Used
	aliases := map[operations.Resource]string{}
	for _, key := range plan.Keys {
		arns[key.Resource], aliases[key.Resource] = keys[key.Purpose], "alias/"+name+"/"+key.Purpose
	}
	n.keyID = func(resource operations.Resource) string { return aliases[resource] }
	n.arn = func(resource operations.Resource, _ operations.Operation) string { return arns[resource] }
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
	return names{
		account: o.account(), partition: o.partition(), region: o.region(region), home: o.region(s.HomeRegion()),
		functions: s.FunctionsIn(region), guarded: s.GuardedIn(region),
		keyID:    func(resource operations.Resource) string { return o.key(resource, region) },
		tablesIn: func(op operations.Operation) string { return o.region(s.TableRegion(op, region)) },
		arn: func(resource operations.Resource, op operations.Operation) string {
			in := s.TableRegion(op, region)
			switch resource {
			case operations.PepperKey, operations.SecretsKey:
				return o.key(resource, region)
			case operations.TableKey:
				return o.key(resource, in)
			case operations.Listing:
				return o.arn("dynamodb", in, "table/"+s.Name+"/index/"+schema.Listing)
			case operations.UsageIndex:
				return o.arn("dynamodb", in, "table/"+s.UsageTable()+"/index/"+schema.Used)
			}
			return o.arn("dynamodb", in, "table/"+tables[resource])
		},
	}
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
