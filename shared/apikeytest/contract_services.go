package apikeytest

import "github.com/keyward/keyward/shared/apikey"

// newService makes a service's record; it stores nothing.
func (s *subject) newService(id string, apis ...apikey.API) apikey.Service {
	return apikey.Service{
		ID: id, Org: acme, Name: "The " + id, APIs: apis,
		Permissions: []apikey.Permission{{Name: "ManageFiles", Description: "für files", Service: id}, {Name: "ViewFiles", Service: id}},
		Routes: []apikey.Route{
			{Method: "POST", Path: "/v1/files", Permissions: []string{"ManageFiles", "Admin"}}, {Method: "ANY", Path: "/{all+}"},
		},
		CreatedBy: apikey.Actor{Username: "person@example.com", UserID: "42"}, CreatedOn: s.clock.Now(), Version: 1,
	}
}
