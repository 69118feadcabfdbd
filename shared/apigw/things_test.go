package apigw_test

import (
	"strings"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/dialect/supermetrics"
	"github.com/keyward/keyward/shared/operations"
	"github.com/keyward/keyward/shared/permission"
	"github.com/keyward/keyward/shared/routing"
	"github.com/keyward/keyward/shared/uuid"
)

// policy creates a policy as the admin.
func (s *stage) policy(name string) apikey.Policy {
	s.t.Helper()
	draft := apikey.PolicyDraft{Name: name, Permissions: permission.NewSet("ViewTables")}
	policy, err := s.api.Rules.CreatePolicy(s.t.Context(), s.by(), draft)
	if err != nil {
		s.t.Fatal(err)
	}
	return policy
}

// user creates a user who may manage keys, as the admin.
func (s *stage) user(email string) apikey.User {
	s.t.Helper()
	draft := apikey.UserDraft{Email: email, Name: "Uma User", Role: apikey.RoleManager, Permissions: permission.NewSet("ViewTables")}
	user, err := s.api.Rules.CreateUser(s.t.Context(), s.by(), draft)
	if err != nil {
		s.t.Fatal(err)
	}
	return user
}

// service registers a service of that id as the admin. It declares a permission
// that no other does.
func (s *stage) service(id string) {
	s.t.Helper()
	draft := apikey.ServiceDraft{
		Name: id, Permissions: []apikey.Permission{{Name: "Only." + id}},
		APIs: []routing.API{{Account: "123456789012", ID: id + "api"}},
	}
	if _, _, err := s.api.Rules.PutService(s.t.Context(), s.by(), id, 0, draft, false); err != nil {
		s.t.Fatal(err)
	}
}

// bodies returns request bodies that succeed, by dialect and operation, with a
// test's own ids.
func bodies(at target) map[operations.Dialect]map[string]string {
	policy := strings.NewReplacer("POLICY", at.policy)
	return map[operations.Dialect]map[string]string{
		operations.Canonical: {
			"create-apikey":       `{"name":"n","permissions":[]}`,
			"update-apikey":       `{"name":"m","permissions":["ViewTables"]}`,
			"patch-apikey":        `{}`,
			"rotate-apikey":       `{"overlapSeconds":60}`,
			"create-policy":       `{"name":"n","permissions":["ViewTables"]}`,
			"update-policy":       `{"name":"m","permissions":["ViewTables"]}`,
			"patch-policy":        `{"description":"d"}`,
			"patch-user":          `{"name":"m"}`,
			"patch-organization":  `{"name":"n"}`,
			"put-service":         `{"name":"n","apis":[{"account":"123456789012","id":"filesapi"}]}`,
			"create-user":         `{"email":"n@example.com","name":"n","role":"MEMBER"}`,
			"update-user":         `{"email":"m@example.com","name":"m","role":"MEMBER"}`,
			"report-exposure":     `{"key":"junk"}`,
			"verify-apikey":       `{"key":"junk"}`,
			"introspect":          `token=junk`,
			"update-organization": `{"name":"n","keyPrefix":"kw","maxKeys":20}`,
		},
		operations.Catena: {
			"create-apikey": policy.Replace(`{"name":"n","policy_id":"POLICY"}`),
			"update-apikey": policy.Replace(`{"name":"m","policy_id":"POLICY"}`),
			"create-policy": `{"name":"n","permissions":["ViewTables"]}`,
			"update-policy": `{"name":"m","permissions":["ViewTables"]}`,
		},
		operations.Supermetrics: {
			"create-apikey": `{"description":"n"}`,
			"patch-apikey":  `{"description":"m"}`,
		},
	}
}

// idFor returns the id for a route's path, in its dialect's form, or "" if it
// has none.
func (at target) idFor(route operations.Route) string {
	switch {
	case !strings.Contains(route.Path, "{id}"):
		return ""
	case strings.Contains(route.Path, "/policies/"):
		return at.policy
	case strings.Contains(route.Path, "/users/"):
		return at.user
	case strings.Contains(route.Path, "/services/"):
		return "files"
	case strings.HasSuffix(route.Path, "/restore"):
		return at.deleted
	case strings.Contains(route.Path, "/secrets/"):
		return at.rotated
	case route.Dialect == operations.Supermetrics:
		id, _ := uuid.Parse(at.key)
		return supermetrics.KeyID(id)
	default:
		return at.key
	}
}

// eachRoute calls do for all routes of operations that the authorizer guards.
func eachRoute(do func(op operations.Operation, route operations.Route)) {
	for _, op := range operations.All() {
		for _, route := range op.Routes {
			if !op.Public {
				do(op, route)
			}
		}
	}
}
