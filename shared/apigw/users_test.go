package apigw_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"
)

type wireUser struct {
	ID, Email, Name, Role, PolicyID, PolicyName string
	Permissions                                 []string
	KeyCount                                    int
}

// A user is created, listed with the policy's name, changed and deleted. An
// address belongs to one user, in any case.
func TestLifeOfAUser(t *testing.T) {
	s := newStage(t)
	policy := s.policy("Readers").ID.String()
	created := s.call("create-user", s.event("create-user", "", `{"email":"Ann@example.com","name":"Ann","role":"MEMBER","permissions":["ManageFiles"],"policyId":"`+policy+`"}`))
	user := decode[wireUser](t, created.Body)
	if created.StatusCode != 201 || created.Headers["Location"] != "/v1/users/"+user.ID || user.Email != "Ann@example.com" || user.PolicyID != policy {
		t.Fatalf("%d %s", created.StatusCode, created.Body)
	}
	s.refused(s.call("create-user", s.event("create-user", "", `{"email":"ann@example.com","name":"Ann","role":"MEMBER"}`)), 409, "USER_EMAIL_TAKEN")

	list := decode[struct{ Items []wireUser }](t, s.call("list-users", s.event("list-users", "", "")).Body)
	if i := slices.IndexFunc(list.Items, func(u wireUser) bool { return u.ID == user.ID }); len(list.Items) != 2 || i < 0 || list.Items[i].PolicyName != "Readers" {
		t.Errorf("listed as %+v", list)
	}
	key := decode[wireKey](t, s.call("create-apikey", s.event("create-apikey", "", `{"name":"k","type":"personal","onBehalfOf":"`+user.ID+`"}`)).Body)
	if key.Type != "personal" || key.OnBehalfOf != user.ID || key.OnBehalfOfEmail != user.Email || key.Permissions != nil {
		t.Errorf("the user's key %+v", key)
	}
	if shown := decode[wireUser](t, s.call("get-user", s.event("get-user", user.ID, "")).Body); shown.KeyCount != 1 {
		t.Errorf("shown as %+v", shown)
	}
	changed := s.call("update-user", s.event("update-user", user.ID, `{"email":"ann@example.com","name":"Anne","role":"MANAGER","policyName":"x"}`))
	after := decode[wireUser](t, changed.Body)
	if changed.StatusCode != 200 || after.Name != "Anne" || after.Role != "MANAGER" || after.PolicyID != "" || len(after.Permissions) != 0 || changed.Headers["ETag"] != `"2"` {
		t.Errorf("%d %s", changed.StatusCode, changed.Body)
	}
	if deleted := s.call("delete-user", s.event("delete-user", user.ID, "")); deleted.StatusCode != 204 {
		t.Errorf("%d %s", deleted.StatusCode, deleted.Body)
	}
	s.refused(s.call("get-user", s.event("get-user", user.ID, "")), 404, "USER_NOT_FOUND")
	if shown := s.call("get-apikey", s.event("get-apikey", key.ID, "")).Body; !strings.Contains(shown, `"enabled":false`) {
		t.Errorf("the key of a removed user: %s", shown)
	}
}

// The last OWNER can be neither deleted nor demoted.
func TestLastOwner(t *testing.T) {
	s := newStage(t)
	id := s.owner.ID.String()
	s.refused(s.call("delete-user", s.event("delete-user", id, "")), 409, "LAST_OWNER")
	s.refused(s.call("update-user", s.event("update-user", id, `{"email":"owner@example.com","name":"O","role":"ADMIN"}`)), 409, "LAST_OWNER")
}

// The number of a user's personal keys is limited, with another error than the
// organization's quota.
func TestPersonalKeyQuota(t *testing.T) {
	s := newStage(t)
	settings := s.event("update-organization", "", `{"name":"n","keyPrefix":"kw","maxKeys":50}`)
	if response := s.call("update-organization", settings); response.StatusCode != 200 {
		t.Fatalf("%d %s", response.StatusCode, response.Body)
	}
	var response events.APIGatewayProxyResponse
	for n := range 21 {
		response = s.call("create-apikey", s.event("create-apikey", "", `{"name":"k`+strings.Repeat("x", n)+`","type":"personal"}`))
		if response.StatusCode != 201 {
			break
		}
	}
	s.refused(response, 403, "PERSONAL_KEY_LIMIT_EXCEEDED")
}

// Faults of a user, a policy, a service or settings are reported by field.
func TestBadThings(t *testing.T) {
	s := newStage(t)
	at := s.target()
	s.service("files")
	for _, test := range []struct{ operation, id, body, want string }{
		{"create-user", "", `{}`, "email REQUIRED, name REQUIRED, role REQUIRED"},
		{"create-user", "", `{"email":"x","name":"n","role":"KING"}`, "email INVALID_VALUE, role INVALID_VALUE"},
		{"update-user", at.user, `{"email":"x@example.com","name":"n","role":"MEMBER","policyId":"` + unknownID + `"}`, "policyId UNKNOWN_POLICY"},
		{"create-user", "", `{"email":"x@example.com","name":"n","role":"MEMBER","permissions":["Nope"]}`, "permissions UNKNOWN_PERMISSION"},
		{"create-policy", "", `{"permissions":[]}`, "name REQUIRED"},
		{"create-policy", "", `{"name":"n","permissions":["Nope"]}`, "permissions UNKNOWN_PERMISSION"},
		{"put-service", "files", `{"name":"n","apis":[{"account":"1"}]}`, "apis[0].id REQUIRED"},
		{"put-service", "files", `{"name":"n","apis":[],"routes":[{"method":1}]}`, "routes[0].method WRONG_TYPE, routes[0].path REQUIRED"},
		{"update-organization", "", `{"name":"n","keyPrefix":"kw","maxKeys":20,"maxKeyLifetimeSeconds":-1}`, "maxKeyLifetimeSeconds INVALID_VALUE"},
		{"update-organization", "", `{"name":"n","keyPrefix":"KW","maxKeys":20}`, "keyPrefix INVALID_VALUE"},
		{"create-apikey", "", `{"name":"n","permissions":[],"policyId":"` + at.policy + `"}`, "policyId CONFLICT, permissions CONFLICT"},
		{"update-apikey", at.key, `{"name":"n"}`, "permissions REQUIRED"},
		{"create-apikey", "", `{"name":"n","type":"personal","onBehalfOf":"` + unknownID + `"}`, "onBehalfOf UNKNOWN_USER"},
		{"create-apikey", "", `{"name":"n","policyId":"x"}`, "policyId INVALID_VALUE"},
		{"create-apikey", "", `{"name":"n","permissions":[],"services":["nope"]}`, "services UNKNOWN_SERVICE"},
		{"create-apikey", "", `{"name":"n","permissions":[],"enabled":"true"}`, "enabled WRONG_TYPE"},
		{"create-apikey", "", `{"name":"n","permissions":[],"expiresOn":"tomorrow"}`, "expiresOn INVALID_VALUE"},
		{"create-apikey", "", `{"name":"n","permissions":[],"expiresOn":7}`, "expiresOn WRONG_TYPE"},
		{"create-apikey", "", `{"name":"n","permissions":[],"allowIps":["10.0.0.1/8"]}`, "allowIps[0] INVALID_ADDRESS"},
		{"patch-apikey", at.key, `{"name":null}`, "name WRONG_TYPE"},
		{"update-apikey", at.key, `{"name":"n","permissions":null}`, "permissions REQUIRED"},
		{"update-apikey", at.key, `{"name":"n","policyId":null,"permissions":null}`, "permissions REQUIRED"},
		{"update-apikey", at.key, `{"name":"n","type":"personal","permissions":[]}`, "type CONFLICT"},
		{"patch-apikey", at.key, `{"expiresOn":""}`, "expiresOn INVALID_VALUE"},
	} {
		problem := s.refused(s.call(test.operation, s.event(test.operation, test.id, test.body)), 400, "INVALID_REQUEST")
		var got []string
		for _, fault := range problem.Errors {
			got = append(got, fault.Field+" "+fault.Code)
		}
		if strings.Join(got, ", ") != test.want {
			t.Errorf("%s %s gave %v, want %s", test.operation, test.body, got, test.want)
		}
	}
}
