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
type place struct{ table, partition, sort string }

func (p place) key() item {
	return item{schema.PartitionKey: text(p.partition), schema.SortKey: text(p.sort)}
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
func (n Names) of(ref apikey.Ref) place {
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
func (n Names) at(encoded item) place {
	r := &reader{item: encoded}
	return place{n.Table, r.text(schema.PartitionKey), r.text(schema.SortKey)}
}

func orgPartition(id apikey.OrgID) string { return "ORG#" + string(id) }

func (n Names) key(id keytext.ID) place { return place{n.Table, keyPartition + id.String(), "KEY"} }

func (n Names) sealed(id keytext.ID) place {
	return place{n.Secrets, keyPartition + id.String(), "KEY"}
}

func (n Names) org(id apikey.OrgID) place { return place{n.Table, orgPartition(id), "ORG"} }

func (n Names) status(id apikey.OrgID) place { return place{n.Table, orgPartition(id), "STATUS"} }

func (n Names) policy(org apikey.OrgID, id keytext.ID) place {
	return place{n.Table, orgPartition(org), policySort + id.String()}
}

func (n Names) user(org apikey.OrgID, id keytext.ID) place {
	return place{n.Table, orgPartition(org), userSort + id.String()}
}

func (n Names) service(org apikey.OrgID, id string) place {
	return place{n.Table, orgPartition(org), serviceSort + id}
}

func (n Names) api(api routing.API) place {
	return place{n.Table, "API#" + api.Account + "#" + api.ID, "SERVICE"}
}

func (n Names) pepper(version int) place {
	return place{n.Table, pepperPartition, fmt.Sprintf("%010d", version)}
}

func (n Names) task(task apikey.Task) place {
	return place{n.Table, taskPartition, string(task.Org) + "#" + string(task.Kind) + "#" + task.Target}
}

// audit sorts records by time.
func (n Names) audit(record apikey.AuditRecord) place {
	return place{n.Audit, orgPartition(record.Org), listingPosition(record.At, record.ID)}
}

// The places of the items whose existence makes a name taken. One without a
// name is nowhere.

func (n Names) keyName(key apikey.Key) place { return n.claim(key.Org, "NAME#", key.Claim) }

// policyName is nowhere for a tombstone, which has given up its name.
func (n Names) policyName(policy apikey.Policy) place {
	if policy.Deleted {
		return place{}
	}
	return n.claim(policy.Org, "POLICY-NAME#", policy.Claim)
}

func (n Names) email(org apikey.OrgID, claim string) place { return n.claim(org, "EMAIL#", claim) }

func (n Names) claim(org apikey.OrgID, sort, claim string) place {
	if claim == "" {
		return place{}
	}
	return place{n.Table, orgPartition(org), sort + claim}
}

// is reports whether the sort key begins so.
func (p place) is(sort string) bool { return strings.HasPrefix(p.sort, sort) }
