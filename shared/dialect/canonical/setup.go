package canonical

import (
	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/uuid"
)

// AdminKeyExists is the note of a [SetupResult] without an admin key.
const AdminKeyExists = "A key of this name exists, and its text cannot be shown again. " +
	"For another admin key, invoke bootstrap with another adminKey."

// Setup is the event of the bootstrap function.
type Setup struct {
	Organization SetupOrganization `json:"organization" wire:"required"`
	// Owner is the organization's first user. The first key acts as this user.
	Owner    SetupOwner     `json:"owner" wire:"required"`
	Services []SetupService `json:"services"`
	// AdminKey is the name of the first key.
	AdminKey string `json:"adminKey" wire:"required"`
}

// SetupOrganization is the organization to create. A new one needs a KeyPrefix;
// MaxKeys has a default.
type SetupOrganization struct {
	ID          string `json:"id" wire:"required"`
	Name        string `json:"name"`
	KeyPrefix   string `json:"keyPrefix"`
	MaxKeys     int    `json:"maxKeys"`
	Recoverable bool   `json:"recoverable"`
	// Accounts lists AWS accounts whose APIs the organization may register, besides
	// the accounts of the services below.
	Accounts []string `json:"accounts,omitzero"`
}

// SetupOwner is a person.
type SetupOwner struct {
	Email string `json:"email" wire:"required"`
	Name  string `json:"name" wire:"required"`
}

// SetupService is a service to register.
type SetupService struct {
	ID string `json:"id" wire:"required"`
	ServiceParts
}

// SetupResult is the answer of the bootstrap function.
type SetupResult struct {
	Organization  SetupOrganization `json:"organization"`
	Owner         SetupOwner        `json:"owner"`
	PepperVersion int               `json:"pepperVersion"`
	// AdminKey is nil if a key of that name existed; Note then says what to do.
	AdminKey *APIKey `json:"adminKey"`
	Note     string  `json:"note,omitzero"`
}

// Swept is the answer of the sweep function.
type Swept struct {
	Tasks int `json:"tasks" doc:"How many tasks were finished."`
	Keys  int `json:"keys" doc:"How many keys were deleted."`
}

// NoticesSent is the answer of the send-notices function.
type NoticesSent struct {
	Keys     int  `json:"keys" doc:"How many keys were looked at."`
	Notices  int  `json:"notices" doc:"How many notices were recorded."`
	Complete bool `json:"complete" doc:"Whether all keys were looked at. If not, the next invocation continues."`
}

// Setup returns the event in the rules' terms.
func (s Setup) Setup() apikey.Setup {
	setup := apikey.Setup{
		Organization: apikey.OrgID(s.Organization.ID), Name: s.Organization.Name,
		KeyPrefix: s.Organization.KeyPrefix, MaxKeys: s.Organization.MaxKeys, Recoverable: s.Organization.Recoverable, Accounts: s.Organization.Accounts,
		OwnerEmail: s.Owner.Email, OwnerName: s.Owner.Name,
		AdminKey: s.AdminKey,
	}
	for _, service := range s.Services {
		setup.Services = append(setup.Services, apikey.SetupService{ID: service.ID, ServiceDraft: service.Draft()})
	}
	return setup
}

// FromSetup returns a setup's result in wire form, with the admin key's secret.
func FromSetup(result apikey.SetupResult) SetupResult {
	org := result.Organization
	form := SetupResult{
		Organization:  SetupOrganization{string(org.ID), org.Name, org.KeyPrefix, org.MaxKeys, org.Recoverable, org.Accounts},
		Owner:         SetupOwner{result.Owner.Email, result.Owner.Name},
		PepperVersion: result.Pepper,
	}
	if result.Admin == nil {
		form.Note = AdminKeyExists
		return form
	}
	minted := *result.Admin
	minted.Names.Users = map[uuid.UUID]string{result.Owner.ID: result.Owner.Email}
	admin := FromMinted(minted)
	form.AdminKey = &admin
	return form
}
