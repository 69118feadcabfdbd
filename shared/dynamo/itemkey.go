package dynamo

import (
	"fmt"
	"strings"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/dynamo/schema"
	"github.com/keyward/keyward/shared/keytext"
	"github.com/keyward/keyward/shared/routing"
)

// place is where an item is: its table and its primary key.
type itemKey struct{ table, partition, sort string }

func (k itemKey) key() item {
	return item{schema.PartitionKey: text(k.partition), schema.SortKey: text(k.sort)}
}

const (
	keyPartition    = "KEY#"
	pepperPartition = "PEPPER"
	taskPartition   = "PENDING"

	policySort  = "POLICY#"
	userSort    = "USER#"
	serviceSort = "SERVICE#"
)

// of is where the record of a ref is.
func (n Names) recordKey(ref apikey.Ref) itemKey {
	switch ref.Subject {
	case apikey.SubjectKey:
		return n.key(ref.ID)
	case apikey.SubjectStatus:
		return n.status(ref.Org)
	case apikey.SubjectPolicy:
		return n.policy(ref.Org, ref.ID)
	case apikey.SubjectUser:
		return n.user(ref.Org, ref.ID)
	case apikey.SubjectService:
		if ref.API != (routing.API{}) {
			return n.api(ref.API)
		}
		return n.service(ref.Org, ref.Service)
	default:
		return n.org(ref.Org)
	}
}

// at is where an item of the main table was read.
func (n Names) keyOf(encoded item) itemKey {
	r := &reader{item: encoded}
	return itemKey{n.Table, r.text(schema.PartitionKey), r.text(schema.SortKey)}
}

func orgPartition(id apikey.OrgID) string { return "ORG#" + string(id) }

func (n Names) key(id keytext.ID) itemKey { return itemKey{n.Table, keyPartition + id.String(), "KEY"} }

func (n Names) sealed(id keytext.ID) itemKey {
	return itemKey{n.Secrets, keyPartition + id.String(), "KEY"}
}

func (n Names) org(id apikey.OrgID) itemKey { return itemKey{n.Table, orgPartition(id), "ORG"} }

func (n Names) status(id apikey.OrgID) itemKey { return itemKey{n.Table, orgPartition(id), "STATUS"} }

func (n Names) policy(org apikey.OrgID, id keytext.ID) itemKey {
	return itemKey{n.Table, orgPartition(org), policySort + id.String()}
}

func (n Names) user(org apikey.OrgID, id keytext.ID) itemKey {
	return itemKey{n.Table, orgPartition(org), userSort + id.String()}
}

func (n Names) service(org apikey.OrgID, id string) itemKey {
	return itemKey{n.Table, orgPartition(org), serviceSort + id}
}

func (n Names) api(api routing.API) itemKey {
	return itemKey{n.Table, "API#" + api.Account + "#" + api.ID, "SERVICE"}
}

func (n Names) pepper(version int) itemKey {
	return itemKey{n.Table, pepperPartition, fmt.Sprintf("%010d", version)}
}

func (n Names) task(task apikey.Task) itemKey {
	return itemKey{n.Table, taskPartition, string(task.Org) + "#" + string(task.Kind) + "#" + task.Target}
}

// audit sorts records by time.
func (n Names) audit(record apikey.AuditRecord) itemKey {
	return itemKey{n.Audit, orgPartition(record.Org), listingPosition(record.At, record.ID)}
}

// The places of the items whose existence makes a name taken. One without a
// name is nowhere.

func (n Names) keyName(key apikey.Key) itemKey { return n.claim(key.Org, "NAME#", key.Claim) }

// policyName is nowhere for a tombstone, which has given up its name.
func (n Names) policyName(policy apikey.Policy) itemKey {
	if policy.Deleted {
		return itemKey{}
	}
	return n.claim(policy.Org, "POLICY-NAME#", policy.Claim)
}

func (n Names) email(org apikey.OrgID, claim string) itemKey { return n.claim(org, "EMAIL#", claim) }

func (n Names) claim(org apikey.OrgID, sort, claim string) itemKey {
	if claim == "" {
		return itemKey{}
	}
	return itemKey{n.Table, orgPartition(org), sort + claim}
}

// is reports whether the sort key begins so.
func (k itemKey) hasSort(sort string) bool { return strings.HasPrefix(k.sort, sort) }
