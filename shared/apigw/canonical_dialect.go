package apigw

import (
	"github.com/keyward/keyward/shared/keytext"
)

// canonicalDialect is Keyward's own: bodies stand alone, and errors are RFC 9457
// problems.
var canonicalDialect = dialect{
	id: keytext.ParseID,
	refuse: func(requestID string, err error) refused {
		f := explain(err)
		problem := f.Problem(requestID, f.detail, f.fields, f.use)
		return refused{f.Status, f.Code, "application/problem+json", problem}
	},
	tagged: true,
}

// canonicalEndpoints are what serves the routes below /v1.
var canonicalEndpoints = map[string]endpoint{
	"create-apikey":       createAPIKey,
	"list-apikeys":        listAPIKeys,
	"get-apikey":          getAPIKey,
	"update-apikey":       updateAPIKey,
	"patch-apikey":        patchAPIKey,
	"delete-apikey":       deleteAPIKey,
	"reveal-apikey":       revealAPIKey,
	"create-policy":       createPolicy,
	"list-policies":       listPolicies,
	"get-policy":          getPolicy,
	"update-policy":       updatePolicy,
	"patch-policy":        patchPolicy,
	"delete-policy":       deletePolicy,
	"list-permissions":    listPermissions,
	"put-service":         putService,
	"list-services":       listServices,
	"get-service":         getService,
	"delete-service":      deleteService,
	"create-user":         createUser,
	"list-users":          listUsers,
	"get-user":            getUser,
	"update-user":         updateUser,
	"patch-user":          patchUser,
	"delete-user":         deleteUser,
	"list-audit-events":   listAuditEvents,
	"get-organization":    getOrganization,
	"update-organization": updateOrganization,
	"patch-organization":  patchOrganization,
	"whoami":              whoAmI,
	"get-openapi":         getOpenAPI,
	"unknown-route":       unknownRoute,
}
