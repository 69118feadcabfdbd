package apigw_test

import (
	"strings"
	"testing"
	"time"

	"github.com/keyward/keyward/shared/permission"
)

// changed sends a change, which must succeed. It returns the answer's body
// without the members that every change writes.
func (s *stage) changed(operation, id, body string) string {
	s.t.Helper()
	response := s.call(operation, s.event(operation, id, body))
	if response.StatusCode != 200 {
		s.t.Fatalf("%s %s: %d %s", operation, body, response.StatusCode, response.Body)
	}
	shown, _, _ := strings.Cut(response.Body, `,"createdBy"`)
	return shown
}

// PATCH changes the members that it names of a policy, a user and the
// organization. Null clears a member, and is refused where a value is required.
func TestPatchesOfThings(t *testing.T) {
	s := newStage(t)
	policy, user := s.policy("Viewers"), s.user("uma@example.com")
	for _, test := range []struct{ operation, id, body, want string }{
		{"patch-policy", policy.ID.String(), `{"description":"d"}`, `"name":"Viewers","description":"d","permissions":["ViewTables"]`},
		{"patch-policy", policy.ID.String(), `{"name":"Readers"}`, `"name":"Readers","description":"d","permissions":["ViewTables"]`},
		{"patch-policy", policy.ID.String(), `{"description":null,"permissions":["ManageFiles"]}`, `"name":"Readers","description":"","permissions":["ManageFiles"]`},
		{"patch-policy", policy.ID.String(), `{"name":null}`, "400"}, {"patch-policy", policy.ID.String(), `{"permissions":null}`, "400"},
		{"patch-policy", policy.ID.String(), `{"permissions":[]}`, "400"}, {"patch-policy", policy.ID.String(), `{"permissions":["Nope"]}`, "400"},
		{"patch-user", user.ID.String(), `{"name":"Uma"}`, `"email":"uma@example.com","name":"Uma","role":"MANAGER","permissions":["ViewTables"],"keyCount":0`},
		{"patch-user", user.ID.String(), `{"policyId":"` + policy.ID.String() + `","role":"MEMBER"}`, `"name":"Uma","role":"MEMBER","permissions":["ViewTables"],"policyId":"` + policy.ID.String() + `"`},
		{"patch-user", user.ID.String(), `{"policyId":null,"permissions":null}`, `"name":"Uma","role":"MEMBER","permissions":[],"keyCount":0`},
		{"patch-user", user.ID.String(), `{"email":null}`, "400"}, {"patch-user", user.ID.String(), `{"role":null}`, "400"}, {"patch-user", user.ID.String(), `{"role":"KING"}`, "400"},
		{"patch-organization", "", `{"maxKeyLifetimeSeconds":60}`, `"name":"","keyPrefix":"kw","maxKeys":20,"keyCount":1,"recoverable":true,"maxKeyLifetimeSeconds":60`},
		{"patch-organization", "", `{"name":"Demo","recoverable":null}`, `"name":"Demo","keyPrefix":"kw","maxKeys":20,"keyCount":1,"recoverable":false,"maxKeyLifetimeSeconds":60`},
		{"patch-organization", "", `{"name":null,"maxKeyLifetimeSeconds":null}`, `"name":"","keyPrefix":"kw","maxKeys":20,"keyCount":1,"recoverable":false,"maxKeyLifetimeSeconds":0`},
		{"patch-organization", "", `{"keyPrefix":null}`, "400"}, {"patch-organization", "", `{"maxKeys":null}`, "400"}, {"patch-organization", "", `{"maxKeys":0}`, "400"},
	} {
		if test.want == "400" {
			s.refused(s.call(test.operation, s.event(test.operation, test.id, test.body)), 400, "INVALID_REQUEST")
		} else if got := s.changed(test.operation, test.id, test.body); !strings.Contains(got, test.want) {
			t.Errorf("%s %s gave %s, want %s", test.operation, test.body, got, test.want)
		}
	}
}

// PATCH obeys the same checks as other changes: version, permission, and
// existence.
func TestPatchesAreGuarded(t *testing.T) {
	s := newStage(t)
	at, reader := s.target(), s.key("reader", "ViewTables").Key
	for operation, id := range map[string]string{"patch-policy": at.policy, "patch-user": at.user, "patch-organization": ""} {
		stale := s.event(operation, id, `{"name":"x"}`)
		stale.Headers["If-Match"] = `"77"`
		s.refused(s.call(operation, stale), 412, "PRECONDITION_FAILED")
		stranger := s.event(operation, id, `{"name":"x"}`)
		s.as(&stranger, reader)
		s.refused(s.call(operation, stranger), 403, "FORBIDDEN")
	}
	manager := s.key("manager", permission.AdministerUsers).Key
	promote := s.event("patch-user", at.user, `{"role":"ADMIN"}`)
	s.as(&promote, manager)
	s.refused(s.call("patch-user", promote), 403, "PERMISSION_NOT_HELD")
	s.refused(s.call("patch-user", s.event("patch-user", s.owner.ID.String(), `{"role":"ADMIN"}`)), 409, "LAST_OWNER")
}

// Omission removes no protection: a setting that a replacement leaves out stays,
// and null clears it.
func TestSilenceOfSettings(t *testing.T) {
	s := newStage(t)
	s.changed("patch-organization", "", `{"maxKeyLifetimeSeconds":60}`)
	const silent = `{"name":"n","keyPrefix":"kw","maxKeys":20}`
	if got := s.changed("update-organization", "", silent); !strings.Contains(got, `"recoverable":true,"maxKeyLifetimeSeconds":60`) {
		t.Errorf("left out: %s", got)
	}
	null := strings.TrimSuffix(silent, "}") + `,"recoverable":null,"maxKeyLifetimeSeconds":null}`
	if got := s.changed("update-organization", "", null); !strings.Contains(got, `"recoverable":false,"maxKeyLifetimeSeconds":0`) {
		t.Errorf("null: %s", got)
	}
}

// A grant that a replacement leaves out is removed, so an omission never gives
// more. A service of which only the name is given has no open routes.
func TestSilenceOfGrants(t *testing.T) {
	s := newStage(t)
	policy, user := s.policy("Viewers"), s.user("uma@example.com")
	s.changed("patch-user", user.ID.String(), `{"policyId":"`+policy.ID.String()+`"}`)
	got := s.changed("update-user", user.ID.String(), `{"email":"uma@example.com","name":"Uma","role":"MEMBER"}`)
	if !strings.Contains(got, `"permissions":[],"keyCount"`) {
		t.Errorf("a user: %s", got)
	}
	if created := s.call("put-service", s.event("put-service", "bare", `{"name":"Bare"}`)); created.StatusCode != 201 || !strings.Contains(created.Body, `"permissions":[],"apis":[],"routes":[],"unlistedRoutes":"refuse"`) {
		t.Errorf("a new service: %d %s", created.StatusCode, created.Body)
	}
	s.service("files")
	event := s.event("put-service", "files", `{"name":"Files"}`)
	event.QueryStringParameters = map[string]string{"force": "true"}
	if closed := s.call("put-service", event); closed.StatusCode != 200 || !strings.Contains(closed.Body, `"permissions":[],"apis":[],"routes":[],"unlistedRoutes":"refuse"`) {
		t.Errorf("a service: %d %s", closed.StatusCode, closed.Body)
	}
}

// A change that changes nothing writes nothing, for users as for keys.
func TestPatchOfNothing(t *testing.T) {
	s := newStage(t)
	at := s.target()
	s.clock.Advance(time.Minute)
	before := len(s.auditLog())
	for operation, id := range map[string]string{"patch-policy": at.policy, "patch-user": at.user, "patch-organization": "", "patch-apikey": at.key} {
		s.changed(operation, id, `{}`)
	}
	if after := len(s.auditLog()); after != before {
		t.Errorf("%d audit events of nothing", after-before)
	}
}
