package apigw

import (
	"github.com/keyward/keyward/shared/dialect/catena"
	"github.com/keyward/keyward/shared/keytext"
)

// catenaDialect is the wire format of the Catena document: bodies stand alone,
// and errors are small objects with the canonical codes.
var catenaDialect = dialect{
	id: keytext.ParseID,
	refuse: func(requestID string, err error) refused {
		f := explain(err)
		return refused{f.Status, f.Code, "application/json", catena.NewError(f.Code, f.detail, requestID, f.fields)}
	},
}

// catenaEndpoints are what serves the routes below /api/v1/api_keys.
var catenaEndpoints = map[string]endpoint{
	"create-apikey":    catenaCreateKey,
	"list-apikeys":     catenaListKeys,
	"get-apikey":       catenaGetKey,
	"update-apikey":    catenaUpdateKey,
	"delete-apikey":    catenaDeleteKey,
	"create-policy":    catenaCreatePolicy,
	"list-policies":    catenaListPolicies,
	"get-policy":       catenaGetPolicy,
	"update-policy":    catenaUpdatePolicy,
	"delete-policy":    catenaDeletePolicy,
	"list-permissions": catenaListPermissions,
	"unknown-route":    unknownRoute,
}
