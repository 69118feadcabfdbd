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
