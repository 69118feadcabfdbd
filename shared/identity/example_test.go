package identity_test

import (
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/keyward/keyward/shared/identity"
)

// A function behind a REST API. It refuses whom the authorizer says nothing of,
// answers by what the caller may do, and keeps to the caller's organization.
func Example() {
	handle := func(event []byte) (status int, body string) {
		var request struct {
			RequestContext struct{ Authorizer map[string]any }
		}
		if err := json.Unmarshal(event, &request); err != nil {
			return http.StatusBadRequest, "no event"
		}
		caller, err := identity.From(request.RequestContext.Authorizer)
		if err != nil {
			return http.StatusUnauthorized, "not guarded" // and log err
		}
		if !caller.Has("ViewTables") {
			return http.StatusForbidden, "not permitted"
		}
		return http.StatusOK, "the tables of " + caller.OrgID
	}

	fmt.Println(handle([]byte(`{"requestContext": {"authorizer": {
		"principalId": "94d470ba-700e-4034-ad17-4326aa3493a2",
		"orgId": "demo", "keyId": "94d470ba-700e-4034-ad17-4326aa3493a2", "keyType": "service", "userId": "",
		"permissions": "ManageFiles ViewTables"}}}`)))
	fmt.Println(handle([]byte(`{"requestContext": {"authorizer": {
		"principalId": "94d470ba-700e-4034-ad17-4326aa3493a2",
		"orgId": "demo", "keyId": "94d470ba-700e-4034-ad17-4326aa3493a2", "keyType": "service", "userId": "",
		"permissions": "ManageFiles"}}}`)))
	fmt.Println(handle([]byte(`{"requestContext": {}}`)))
	// Output:
	// 200 the tables of demo
	// 403 not permitted
	// 401 not guarded
}
