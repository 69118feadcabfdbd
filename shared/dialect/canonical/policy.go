package canonical

import "github.com/keyward/keyward/shared/apikey"

// Policy is a policy as every answer shows it.
type Policy struct {
	ID             string   `json:"id" format:"uuid"`
	Name           string   `json:"name"`
	Description    string   `json:"description"`
	Permissions    []string `json:"permissions" doc:"A set, in no particular order."`
	KeyCount       int      `json:"keyCount" doc:"How many keys have the policy."`
	CreatedBy      Creator  `json:"createdBy"`
	LastModifiedBy Modifier `json:"lastModifiedBy" doc:"Empty until the first change."`
	CreatedOn      string   `json:"createdOn" format:"date-time"`
	LastModifiedOn string   `json:"lastModifiedOn,omitzero" format:"date-time" doc:"Absent until the first change."`
}

// PolicyList is one page of policies. It may have fewer items than were asked
// for, and another page all the same.
type PolicyList struct {
	Items []Policy `json:"items"`
	Paging
}

// PolicyBody is what POST and PUT take: all that a caller can write of a policy.
type PolicyBody struct {
	Name        string   `json:"name" wire:"required" doc:"Unique in the organization. Together with description at most 191 bytes of UTF-8."`
	Description string   `json:"description"`
	Permissions []string `json:"permissions" wire:"required" doc:"Names of permissions that the caller holds, at least one."`
	ID          struct{} `json:"id" wire:"ignored"`
	KeyCount    struct{} `json:"keyCount" wire:"ignored"`
	Record
}

// PolicyPatch is what PATCH takes. A member that is absent stays as it is; null
// clears it.
type PolicyPatch struct {
	Name        *string   `json:"name" wire:"set"`
	Description *string   `json:"description" wire:"nullable"`
	Permissions *[]string `json:"permissions" wire:"set"`
	ID          struct{}  `json:"id" wire:"ignored"`
	KeyCount    struct{}  `json:"keyCount" wire:"ignored"`
	Record
}

// Edit is the body in the rules' terms.
func (p PolicyPatch) Edit() apikey.PolicyEdit {
	return apikey.PolicyEdit{Name: p.Name, Description: p.Description, Permissions: permissionSet(p.Permissions)}
}

// permissionSet is a list of permissions as a set; nil where there is no list.
func permissionSet(names *[]string) *apikey.Permissions {
	if names == nil {
		return nil
	}
	set := apikey.NewPermissions(*names...)
	return &set
}

// Draft is the body in the rules' terms.
func (b PolicyBody) Draft() apikey.PolicyDraft {
	return apikey.PolicyDraft{Name: b.Name, Description: b.Description, Permissions: apikey.NewPermissions(b.Permissions...)}
}

// FromPolicy is the form of a policy.
func FromPolicy(p apikey.Policy) Policy {
	return Policy{
		ID: p.ID.String(), Name: p.Name, Description: p.Description,
		Permissions: append([]string{}, p.Permissions...), KeyCount: p.KeyCount,
		CreatedBy: Creator(p.CreatedBy), LastModifiedBy: Modifier(p.LastModifiedBy),
		CreatedOn: Time(p.CreatedOn), LastModifiedOn: Time(p.LastModifiedOn),
	}
}

// FromPolicies is the form of a page of policies.
func FromPolicies(page apikey.PolicyPage) PolicyList {
	list := PolicyList{make([]Policy, 0, len(page.Policies)), paging(page.Next, IDCursor, page.Damaged)}
	for _, p := range page.Policies {
		list.Items = append(list.Items, FromPolicy(p))
	}
	return list
}
