package canonical

import (
	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/dialect/wire"
	"github.com/keyward/keyward/shared/permission"
	"github.com/keyward/keyward/shared/uuid"
)

// User is a user as every answer shows it.
type User struct {
	ID          string   `json:"id" format:"uuid"`
	Email       string   `json:"email"`
	Name        string   `json:"name"`
	Role        string   `json:"role" enum:"OWNER,ADMIN,MANAGER,MEMBER"`
	Permissions []string `json:"permissions" doc:"The user's own permissions, besides those of the role and the policy."`
	PolicyID    string   `json:"policyId,omitzero" format:"uuid" doc:"The id of the policy whose permissions the user also has. Absent if none."`
	PolicyName  string   `json:"policyName,omitzero" doc:"The name of that policy. Only in lists."`
	KeyCount    int      `json:"keyCount" doc:"How many personal keys the user has."`
	History
}

// UserList is one page of users.
type UserList struct {
	Items []User `json:"items"`
	Paging
}

// UserBody is the body of POST and PUT: everything a caller can write about a
// user.
type UserBody struct {
	Email       string     `json:"email" wire:"required" doc:"The user's e-mail address. Unique in the organization; upper and lower case count as the same."`
	Name        string     `json:"name" wire:"required"`
	Role        string     `json:"role" wire:"required" enum:"OWNER,ADMIN,MANAGER,MEMBER"`
	Permissions []string   `json:"permissions" doc:"Names of permissions that the caller holds. Default: none."`
	PolicyID    *Reference `json:"policyId" format:"uuid" doc:"The id of a policy whose permissions the user has. Default: none."`
	ID          struct{}   `json:"id" wire:"ignored"`
	PolicyName  struct{}   `json:"policyName" wire:"ignored"`
	KeyCount    struct{}   `json:"keyCount" wire:"ignored"`
	Record
}

// UserPatch is the body of PATCH. An absent member keeps its value; null clears
// it.
type UserPatch struct {
	Email       *string    `json:"email" wire:"set"`
	Name        *string    `json:"name" wire:"set"`
	Role        *string    `json:"role" wire:"set" enum:"OWNER,ADMIN,MANAGER,MEMBER"`
	Permissions *[]string  `json:"permissions" wire:"nullable"`
	PolicyID    *Reference `json:"policyId" format:"uuid" wire:"nullable"`
	ID          struct{}   `json:"id" wire:"ignored"`
	PolicyName  struct{}   `json:"policyName" wire:"ignored"`
	KeyCount    struct{}   `json:"keyCount" wire:"ignored"`
	Record
}

// Edit returns the body as an edit for the rules.
func (p UserPatch) Edit() apikey.UserEdit {
	return apikey.UserEdit{
		Email: p.Email, Name: p.Name, Role: (*apikey.Role)(p.Role), Permissions: permissionSet(p.Permissions), Policy: (*uuid.UUID)(p.PolicyID),
	}
}

// Draft returns the body as a draft for the rules.
func (b UserBody) Draft() apikey.UserDraft {
	return apikey.UserDraft{
		Email: b.Email, Name: b.Name, Role: apikey.Role(b.Role),
		Permissions: permission.NewSet(b.Permissions...), Policy: orZero(b.PolicyID).id(),
	}
}

// FromUser returns a user in wire form.
func FromUser(u apikey.User, names apikey.Names) User {
	return User{
		ID: u.ID.String(), Email: u.Email, Name: u.Name, Role: string(u.Role),
		Permissions: append([]string{}, u.Permissions...), PolicyID: u.Policy.String(), PolicyName: names.Policies[u.Policy],
		KeyCount: u.KeyCount, History: History{Creator(u.CreatedBy), Modifier(u.LastModifiedBy), Time(u.CreatedOn), Time(u.LastModifiedOn)},
	}
}

// FromUsers returns a page of users in wire form.
func FromUsers(page apikey.UserPage) UserList {
	user := func(u apikey.User) User { return FromUser(u, page.Names) }
	return UserList{wire.List(page.Records, user), paging(page.Next, IDCursor, page.Damaged)}
}

// WhoAmI is the caller: the members of its key, if it has one, the user as whom
// it acts, and its permissions.
type WhoAmI struct {
	*APIKey
	// Permissions replaces the key's own.
	Permissions []string `json:"permissions" doc:"The names of all permissions that the caller holds now."`
	OrgID       string   `json:"orgId" doc:"The id of the caller's organization."`
	User        *Self    `json:"user,omitzero" doc:"The user that the caller acts as. Absent for a key that acts as itself."`
}

// Self is the user as whom the caller acts.
type Self struct {
	ID    string `json:"id" format:"uuid"`
	Email string `json:"email"`
	Name  string `json:"name"`
	Role  string `json:"role" enum:"OWNER,ADMIN,MANAGER,MEMBER"`
}

// FromSelf returns the caller in wire form.
func FromSelf(self apikey.Self) WhoAmI {
	form := WhoAmI{Permissions: append([]string{}, self.Permissions...), OrgID: string(self.Organization)}
	if u := self.User; u != nil {
		form.User = &Self{u.ID.String(), u.Email, u.Name, string(u.Role)}
	}
	if self.Key != nil {
		key := FromKey(*self.Key, apikey.Names{})
		if form.User != nil {
			key.OnBehalfOfEmail = form.User.Email
		}
		form.APIKey = &key
	}
	return form
}
