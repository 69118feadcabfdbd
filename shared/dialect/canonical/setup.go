package canonical

import "github.com/keyward/keyward/shared/apikey"

// AdminKeyExists is the note of a [SetupResult] without an admin key.
const AdminKeyExists = "A key of this name exists, and its text cannot be shown again. " +
	"For another admin key, invoke bootstrap with another adminKey."

// Setup is the event of the bootstrap function.
type Setup struct {
	Organization SetupOrganization `json:"organization" wire:"required"`
	Permissions  []Permission      `json:"permissions"`
	Services     []SetupService    `json:"services"`
	// AdminKey is the name of the first key.
	AdminKey string `json:"adminKey" wire:"required"`
}

// SetupOrganization is the organization to make. KeyPrefix and MaxKeys have
// defaults.
type SetupOrganization struct {
	ID        string `json:"id" wire:"required"`
	Name      string `json:"name"`
	KeyPrefix string `json:"keyPrefix"`
	MaxKeys   int    `json:"maxKeys"`
}

// SetupService is a service to register.
type SetupService struct {
	ID     string       `json:"id" wire:"required"`
	Name   string       `json:"name"`
	APIs   []SetupAPI   `json:"apis" wire:"required"`
	Routes []SetupRoute `json:"routes"`
}

// SetupAPI names an API of Amazon API Gateway.
type SetupAPI struct {
	Account string `json:"account" wire:"required"`
	ID      string `json:"id" wire:"required"`
}

// SetupRoute is a route of a service, and what opens it.
type SetupRoute struct {
	Method      string   `json:"method" wire:"required"`
	Path        string   `json:"path" wire:"required"`
	Permissions []string `json:"permissions"`
}

// SetupResult is the answer of the bootstrap function.
type SetupResult struct {
	Organization  SetupOrganization `json:"organization"`
	PepperVersion int               `json:"pepperVersion"`
	// AdminKey is nil where a key of that name existed; Note then says what to
	// do.
	AdminKey *APIKey `json:"adminKey"`
	Note     string  `json:"note,omitzero"`
}

// Setup is the event in the rules' terms.
func (s Setup) Setup() apikey.Setup {
	setup := apikey.Setup{
		Organization: apikey.OrgID(s.Organization.ID), Name: s.Organization.Name,
		KeyPrefix: s.Organization.KeyPrefix, MaxKeys: s.Organization.MaxKeys,
		AdminKey: s.AdminKey,
	}
	for _, p := range s.Permissions {
		setup.Permissions = append(setup.Permissions, apikey.Permission(p))
	}
	for _, service := range s.Services {
		setup.Services = append(setup.Services, service.service())
	}
	return setup
}

func (s SetupService) service() apikey.Service {
	service := apikey.Service{ID: s.ID, Name: s.Name}
	for _, api := range s.APIs {
		service.APIs = append(service.APIs, apikey.API(api))
	}
	for _, route := range s.Routes {
		service.Routes = append(service.Routes, apikey.Route(route))
	}
	return service
}

// FromSetup is the form of a set-up's result, the admin key's secret included.
func FromSetup(result apikey.SetupResult) SetupResult {
	org := result.Organization
	wire := SetupResult{
		Organization:  SetupOrganization{string(org.ID), org.Name, org.KeyPrefix, org.MaxKeys},
		PepperVersion: result.Pepper,
	}
	if result.Admin == nil {
		wire.Note = AdminKeyExists
		return wire
	}
	admin := FromMinted(*result.Admin)
	wire.AdminKey = &admin
	return wire
}
