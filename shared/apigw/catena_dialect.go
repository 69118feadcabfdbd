package apigw

import "github.com/keyward/keyward/shared/keytext"

// catenaDialect is the wire format of the Catena document.
var catenaDialect = dialect{
	id: keytext.ParseID,
	refuse: func(_ string, err error) refused {
		f := explain(err)
		return refused{f.Status, f.Code, "application/json", map[string]any{
			"error": map[string]string{"code": f.Code, "message": f.detail},
		}}
	},
}

// catenaEndpoints are what serves the routes below /api/v1/api_keys.
var catenaEndpoints = map[string]endpoint{
	"unknown-route": unknownRoute,
}
