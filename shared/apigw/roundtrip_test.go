package apigw_test

import (
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/dialect/supermetrics"
	"github.com/keyward/keyward/shared/operations"
	"github.com/keyward/keyward/shared/permission"
	"github.com/keyward/keyward/shared/routing"
	"github.com/keyward/keyward/shared/uuid"
)

// everyKey creates a key of every kind, named by what is unusual about it.
// Together they set every member of the answers.
func (s *stage) everyKey() map[string]apikey.Key {
	s.t.Helper()
	policy, user, gone := s.policy("Viewers"), s.user("uma@example.com"), s.user("gone@example.com")
	until := s.clock.Now().Add(time.Hour)
	drafts := map[string]apikey.Draft{
		"plain":        {Name: "plain", Description: "Of no interest", Permissions: permission.NewSet("ViewTables")},
		"powerless":    {Name: "powerless"},
		"policy":       {Name: "policy", Policy: policy.ID},
		"limited":      {Name: "limited", Services: []string{"demo"}, AllowIPs: []string{"192.0.2.1", "2001:db8::/32"}, NotBefore: s.clock.Now(), ExpiresOn: until},
		"disabled":     {Name: "disabled", Disabled: true},
		"recoverable":  {Name: "recoverable", Recoverable: true},
		"personal":     {Name: "personal", Type: apikey.TypePersonal, OnBehalfOf: user.ID},
		"narrowed":     {Name: "narrowed", Type: apikey.TypePersonal, OnBehalfOf: user.ID, Narrowed: true, Permissions: permission.NewSet("ViewTables")},
		"orphan":       {Name: "orphan", Type: apikey.TypePersonal, OnBehalfOf: gone.ID},
		"shared":       {Name: "shared", Type: apikey.TypeShared, Permissions: permission.NewSet("ViewTables")},
		"known":        {Name: "known", Type: apikey.TypeShared, OnBehalfOf: user.ID},
		"shared gone":  {Name: "shared gone", Type: apikey.TypeShared, OnBehalfOf: gone.ID},
		"nameless":     {Nameless: true, Type: apikey.TypeShared, Listed: true, Permissions: permission.NewSet("ViewTables")},
		"nameless own": {Nameless: true, Description: "d", Type: apikey.TypePersonal, OnBehalfOf: user.ID, Narrowed: true},
	}
	keys := map[string]apikey.Key{"admin": s.admin.Key}
	for sort, draft := range drafts {
		keys[sort] = s.make(draft).Key
	}
	if err := s.api.Rules.DeleteUser(s.t.Context(), s.by(), gone.ID, 0); err != nil {
		s.t.Fatal(err)
	}
	return keys
}

// sentBack gets a resource and sends the answer back unchanged. It must be
// accepted, and leave the resource as it was, with its version and last change.
func (s *stage) sentBack(thing, get, change string, dialect operations.Dialect, id string) {
	s.t.Helper()
	before := s.call(get, s.eventAt(routeOf(s.t, get, dialect), id, ""))
	body := before.Body
	if dialect == operations.Supermetrics {
		_, data, _ := strings.Cut(body, `"data":`)
		body = strings.TrimSuffix(data, "}")
	}
	event := s.eventAt(routeOf(s.t, change, dialect), id, body)
	event.Headers["If-Match"] = "*"
	changed := s.call(change, event)
	if changed.StatusCode != 200 {
		s.t.Errorf("%s: %s of %s gave %d %s", thing, change, body, changed.StatusCode, changed.Body)
	}
	after := s.call(get, s.eventAt(routeOf(s.t, get, dialect), id, ""))
	if before.StatusCode != 200 || after.Body != before.Body || !maps.Equal(after.Headers, before.Headers) {
		s.t.Errorf("%s: after %s it is %v %s, and was %v %s", thing, change, after.Headers, after.Body, before.Headers, before.Body)
	}
}

// routeOf returns the operation's route in a dialect.
func routeOf(t *testing.T, name string, dialect operations.Dialect) operations.Route {
	t.Helper()
	op, _ := operations.Find(name)
	for _, route := range op.Routes {
		if route.Dialect == dialect && !strings.HasSuffix(route.Path, "/reveal") {
			return route
		}
	}
	t.Fatalf("%s has no route in the dialect %s", name, dialect)
	return operations.Route{}
}

// The answer to a GET of a key can be sent back, in every format and to every
// operation that changes a key, and changes nothing, however the key was
// created.
func TestKeysCanBeSentBack(t *testing.T) {
	s := newStage(t)
	keys := s.everyKey()
	s.clock.Advance(time.Minute)
	for sort, key := range keys {
		id := key.ID.String()
		s.sentBack(sort, "get-apikey", "update-apikey", operations.Canonical, id)
		s.sentBack(sort, "get-apikey", "patch-apikey", operations.Canonical, id)
		s.sentBack(sort, "get-apikey", "update-apikey", operations.Catena, id)
		s.sentBack(sort, "reveal-apikey", "patch-apikey", operations.Supermetrics, supermetrics.KeyID(key.ID))
	}
}

// The same holds for every other resource.
func TestThingsCanBeSentBack(t *testing.T) {
	s := newStage(t)
	draft := apikey.UserDraft{Email: "Uma@example.com", Name: "Uma", Role: apikey.RoleMember, Policy: s.policy("Viewers").ID}
	member, err := s.api.Rules.CreateUser(t.Context(), s.by(), draft)
	if err != nil {
		t.Fatal(err)
	}
	s.service("files")
	policy := s.policy("Others")
	s.withPolicyEmptied(policy.ID)
	s.clock.Advance(time.Minute)
	for _, user := range []apikey.User{s.owner, s.user("max@example.com"), member} {
		s.sentBack(user.Email, "get-user", "update-user", operations.Canonical, user.ID.String())
	}
	for _, id := range []string{policy.ID.String(), draft.Policy.String()} {
		s.sentBack("policy", "get-policy", "update-policy", operations.Canonical, id)
		s.sentBack("policy", "get-policy", "update-policy", operations.Catena, id)
	}
	for _, id := range []string{"demo", "files"} {
		s.sentBack(id, "get-service", "put-service", operations.Canonical, id)
	}
	s.sentBack("organization", "get-organization", "update-organization", operations.Canonical, "")
}

// withPolicyEmptied removes a policy's only permission, as withdrawing the
// permission does.
func (s *stage) withPolicyEmptied(id uuid.UUID) {
	s.t.Helper()
	draft := apikey.PolicyDraft{Name: "Others", Permissions: permission.NewSet("Only.files")}
	if _, err := s.api.Rules.ReplacePolicy(s.t.Context(), s.by(), id, 0, draft); err != nil {
		s.t.Fatal(err)
	}
	without := apikey.ServiceDraft{Name: "files", APIs: []routing.API{{Account: "123456789012", ID: "filesapi"}}}
	if _, _, err := s.api.Rules.PutService(s.t.Context(), s.by(), "files", 0, without, true); err != nil {
		s.t.Fatal(err)
	}
}

// Times are accepted as browsers and Python write them, in every member that is
// a time, and truncated to the stored precision. A key's own createdOn is one of
// them.
func TestTimesAsOthersWriteThem(t *testing.T) {
	s := newStage(t)
	created := decode[wireKey](t, s.call("create-apikey", s.event("create-apikey", "", `{"name":"a","permissions":[]}`)).Body)
	for sent, kept := range map[string]string{
		"2030-01-02T03:04:05.123Z":            "2030-01-02T03:04:05Z",
		"2030-01-02T03:04:05.123456+00:00":    "2030-01-02T03:04:05Z",
		"2030-01-02T03:04:05.999999999-05:30": "2030-01-02T08:34:05Z",
		"2030-01-02T03:04:05.000000000000Z":   "2030-01-02T03:04:05Z",
		"9999-12-31T23:59:59.999Z":            "9999-12-31T23:59:59Z",
		created.CreatedOn:                     "2026-01-02T03:04:05Z",
		"2030-01-02T03:04:05+00:00":           "2030-01-02T03:04:05Z",
		"0001-01-01T00:00:00Z":                "",
		"1969-12-31T23:59:59.999Z":            "",
		"1970-01-01T00:00:00+01:00":           "",
		"9999-12-31T23:59:59.999-00:01":       "",
		"2030-01-02T03:04:05.Z":               "",
		"2030-01-02T03:04:05":                 "",
	} {
		response := s.call("patch-apikey", s.event("patch-apikey", created.ID, `{"notBefore":"`+sent+`"}`))
		if kept == "" {
			s.refused(response, 400, "INVALID_REQUEST")
		} else if got := decode[struct{ NotBefore string }](t, response.Body).NotBefore; got != kept {
			t.Errorf("notBefore %s: %d, kept as %q, want %q", sent, response.StatusCode, got, kept)
		}
		event := s.event("list-audit-events", "", "")
		event.QueryStringParameters = map[string]string{"from": sent}
		if got := s.call("list-audit-events", event).StatusCode; (got == 200) != (kept != "") {
			t.Errorf("from=%s gave %d", sent, got)
		}
	}
}
