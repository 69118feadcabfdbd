package verify

import (
	"strings"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/routing"
	"github.com/keyward/keyward/shared/uuid"
)

// kind is a kind of record.
type kind uint8

const (
	keyKind kind = iota
	statusKind
	policyKind
	userKind
	// serviceKind is a service, named by one of its APIs.
	serviceKind
	// claimKind is the user who has a claim: see [UserReader].
	claimKind
	kindCount
)

// name names a record like an [apikey.Ref], in half the size: every cached
// record has two names. The zero name is that of a key that does not exist.
type name struct {
	// org is the organization, or the account of an API. text is an API's id,
	// or a claim.
	org, text string
	id        uuid.UUID
	kind      kind
}

func keyName(id uuid.UUID) name { return name{kind: keyKind, id: id} }

func statusName(org apikey.OrgID) name { return name{kind: statusKind, org: string(org)} }

func policyName(org apikey.OrgID, id uuid.UUID) name {
	return name{kind: policyKind, org: string(org), id: id}
}

func userName(org apikey.OrgID, id uuid.UUID) name {
	return name{kind: userKind, org: string(org), id: id}
}

// serviceName leaves out region and stage. They are checked against the
// registration, and a flood of invented ones must not cost a read each.
func serviceName(api routing.API) name {
	return name{kind: serviceKind, org: api.Account, text: api.ID}
}

func claimName(org apikey.OrgID, claim string) name {
	return name{kind: claimKind, org: string(org), text: claim}
}

// ref returns the store's ref of the record. A claim has none.
func (n name) ref() apikey.Ref {
	switch n.kind {
	case keyKind:
		return apikey.KeyRef(n.id)
	case statusKind:
		return apikey.StatusRef(apikey.OrgID(n.org))
	case policyKind:
		return apikey.PolicyRef(apikey.OrgID(n.org), n.id)
	case userKind:
		return apikey.UserRef(apikey.OrgID(n.org), n.id)
	}
	return apikey.APIRef(routing.API{Account: n.org, ID: n.text})
}

// clone returns a copy of the name that shares no memory with it.
func (n name) clone() *name {
	return &name{org: strings.Clone(n.org), text: strings.Clone(n.text), id: n.id, kind: n.kind}
}
