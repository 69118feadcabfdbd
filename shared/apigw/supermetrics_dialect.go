package apigw

import "github.com/keyward/keyward/shared/keytext"

// supermetricsDialect is the wire format of the Supermetrics document.
var supermetricsDialect = dialect{
	id: keytext.ParseID,
	wrap: func(requestID string, body any) any {
		return map[string]any{"meta": map[string]string{"request_id": requestID}, "data": body}
	},
	refuse: func(requestID string, err error) refused {
		f := explain(err)
		return refused{f.Status, f.Code, "application/json", map[string]any{
			"meta":  map[string]string{"request_id": requestID},
			"error": map[string]string{"code": f.Code, "message": f.Title, "description": f.detail},
		}}
	},
}

// supermetricsEndpoints are what serves the routes below /enterprise/v2.
var supermetricsEndpoints = map[string]endpoint{
	"unknown-route": unknownRoute,
}
