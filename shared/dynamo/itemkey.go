package dynamo

import (
	"fmt"
	"strings"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/dynamo/schema"
	"github.com/keyward/keyward/shared/routing"
	"github.com/keyward/keyward/shared/uuid"
)

// itemKey is an item's table and primary key.
type itemKey struct{ table, partition, sort string }

func (k itemKey) key() item {
	return item{schema.PartitionKey: text(k.partition), schema.SortKey: text(k.sort)}
}

const (
	keyPartition    = "KEY#"
	pepperPartition = "PEPPER"
	taskPartition   = "PENDING"
	duePartition    = "PURGE"
	orgsPartition   = "ORGS"
	roundPartition  = "ROUND"

	policySort  = "POLICY#"
	userSort    = "USER#"
	serviceSort = "SERVICE#"
	outcomeSort = "IDEMPOTENT#"
)

// recordKey returns the item key of a ref's record.
func (n Names) recordKey(ref apikey.Ref) itemKey {
	switch ref.Subject {
	case apikey.SubjectKey:
		return n.key(ref.ID)
	case apikey.SubjectLastUse:
		return n.lastUse(ref.ID)
	case apikey.SubjectStatus:
		return n.status(ref.Org)
	case apikey.SubjectPolicy:
		return n.policy(ref.Org, ref.ID)
	case apikey.SubjectUser:
		return n.user(ref.Org, ref.ID)
	case apikey.SubjectService:
		if ref.Account != "" {
			return n.api(routing.API{Account: ref.Account, ID: ref.Service})
		}
		return n.service(ref.Org, ref.Service)
	case apikey.SubjectNoticeRound:
		return itemKey{n.Usage, roundPartition, "NOTICES"}
	case apikey.SubjectOutcome:
		return itemKey{n.Table, orgPartition(ref.Org), outcomeSort + ref.ID.String() + "#" + ref.Service}
	default:
		return n.org(ref.Org)
	}
}

// keyOf returns the item key of an item that was read from a table.
func keyOf(table string, encoded item) itemKey {
	r := &reader{item: encoded}
	return itemKey{table, r.text(schema.PartitionKey), r.text(schema.SortKey)}
}

func orgPartition(id apikey.OrgID) string { return "ORG#" + string(id) }

// deletedPartition holds an organization's tombstones in the listing.
func deletedPartition(id apikey.OrgID) string { return orgPartition(id) + "#DELETED" }

func (n Names) key(id uuid.UUID) itemKey { return itemKey{n.Table, keyPartition + id.String(), "KEY"} }

func (n Names) sealed(id uuid.UUID) itemKey {
	return itemKey{n.Secrets, keyPartition + id.String(), "KEY"}
}

func (n Names) org(id apikey.OrgID) itemKey { return itemKey{n.Table, orgPartition(id), "ORG"} }

func (n Names) status(id apikey.OrgID) itemKey { return itemKey{n.Table, orgPartition(id), "STATUS"} }

func (n Names) policy(org apikey.OrgID, id uuid.UUID) itemKey {
	return itemKey{n.Table, orgPartition(org), policySort + id.String()}
}

func (n Names) user(org apikey.OrgID, id uuid.UUID) itemKey {
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

// due returns the item key of a tombstone among those that are due; the zero key
// for a key that is not deleted.
func (n Names) due(key apikey.Key) itemKey {
	if !key.Deleted() {
		return itemKey{}
	}
	return itemKey{n.Table, duePartition, listingPosition(key.PurgeOn, key.ID)}
}

// entered returns the item key of an organization's entry in the directory.
func (n Names) entered(id apikey.OrgID) itemKey {
	return itemKey{n.Table, orgsPartition, string(id)}
}

// audit returns the item key of an audit record, which sorts by time.
func (n Names) audit(record apikey.AuditRecord) itemKey {
	return itemKey{n.Audit, orgPartition(record.Org), listingPosition(record.At, record.ID)}
}

// A name is taken if the item with the following key exists. The key is zero if
// there is no name.

// keyName returns the zero key for a tombstone, which has given up its name.
func (n Names) keyName(key apikey.Key) itemKey {
	if key.Deleted() {
		return itemKey{}
	}
	return n.claim(key.Org, "NAME#", key.Claim)
}

// policyName returns the zero key for a tombstone, which has given up its name.
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

// hasSort reports whether the sort key begins with sort.
func (k itemKey) hasSort(sort string) bool { return strings.HasPrefix(k.sort, sort) }
