package canonical

import (
	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/dialect/wire"
	"github.com/keyward/keyward/shared/permission"
	"github.com/keyward/keyward/shared/uuid"
)

// Policy is a policy as every answer shows it.
type Policy struct {
	ID          string   `json:"id" format:"uuid"`
	Name        string   `json:"name"`
	Description string   `json:"description"`
	Permissions []string `json:"permissions" doc:"The names of the policy's permissions, in no particular order."`
	KeyCount    int      `json:"keyCount" doc:"How many keys have the policy."`
	History
}

// PolicyList is one page of policies. It may have fewer items than were asked
// for and still have a next page.
type PolicyList struct {
	Items []Policy `json:"items"`
	Paging
}

// PolicyBody is the body of POST and PUT: everything a caller can write about a
// policy.
type PolicyBody struct {
	Name        string   `json:"name" wire:"required" doc:"Unique in the organization. Together with description at most 191 bytes of UTF-8."`
	Description string   `json:"description"`
	Permissions []string `json:"permissions" wire:"required" doc:"Names of permissions that the caller holds. At least one."`
	ID          struct{} `json:"id" wire:"ignored"`
	KeyCount    struct{} `json:"keyCount" wire:"ignored"`
	Record
}

// PolicyPatch is the body of PATCH. An absent member keeps its value; null
// clears it.
type PolicyPatch struct {
	Name        *string   `json:"name" wire:"set"`
	Description *string   `json:"description" wire:"nullable"`
	Permissions *[]string `json:"permissions" wire:"set"`
	ID          struct{}  `json:"id" wire:"ignored"`
	KeyCount    struct{}  `json:"keyCount" wire:"ignored"`
	Record
}

// Edit returns the body as an edit for the rules.
func (p PolicyPatch) Edit() apikey.PolicyEdit {
	return apikey.PolicyEdit{Name: p.Name, Description: p.Description, Permissions: permissionSet(p.Permissions)}
}

// permissionSet returns a list of permissions as a set, or nil if there is no
// list.
func permissionSet(names *[]string) *permission.Set {
	if names == nil {
		return nil
	}
	set := permission.NewSet(*names...)
	return &set
}

// Draft returns the body as a draft for the rules.
func (b PolicyBody) Draft() apikey.PolicyDraft {
	return apikey.PolicyDraft{Name: b.Name, Description: b.Description, Permissions: permission.NewSet(b.Permissions...)}
}

// FromPolicy returns a policy in wire form.
func FromPolicy(p apikey.Policy) Policy {
	return Policy{
		ID: p.ID.String(), Name: p.Name, Description: p.Description,
		Permissions: append([]string{}, p.Permissions...), KeyCount: p.KeyCount,
		History: History{Creator(p.CreatedBy), Modifier(p.LastModifiedBy), Time(p.CreatedOn), Time(p.LastModifiedOn)},
	}
}

// FromPolicies returns a page of policies in wire form.
func FromPolicies(page apikey.Listed[apikey.Policy, uuid.UUID]) PolicyList {
	return PolicyList{wire.List(page.Records, FromPolicy), paging(page.Next, IDCursor, page.Damaged)}
}
