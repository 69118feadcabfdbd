package apigw_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/dialect/canonical"
	"github.com/keyward/keyward/shared/dialect/catena"
	"github.com/keyward/keyward/shared/dialect/supermetrics"
	"github.com/keyward/keyward/shared/dialect/wire"
	"github.com/keyward/keyward/shared/operations"
	"github.com/keyward/keyward/shared/permission"
	"github.com/keyward/keyward/shared/uuid"
)

// On creation, null in an optional member means absent, in every format and for
// every kind of resource.
func TestNullIsAbsenceInACreate(t *testing.T) {
	type body struct {
		operation string
		dialect   operations.Dialect
		form      reflect.Type
	}
	for _, b := range []body{
		{"create-apikey", operations.Canonical, reflect.TypeFor[canonical.KeyBody]()},
		{"create-apikey", operations.Catena, reflect.TypeFor[catena.KeyBody]()},
		{"create-apikey", operations.Supermetrics, reflect.TypeFor[supermetrics.KeyBody]()},
		{"create-policy", operations.Canonical, reflect.TypeFor[canonical.PolicyBody]()},
		{"create-policy", operations.Catena, reflect.TypeFor[catena.PolicyBody]()},
		{"create-user", operations.Canonical, reflect.TypeFor[canonical.UserBody]()},
		{"put-service", operations.Canonical, reflect.TypeFor[canonical.ServiceBody]()},
	} {
		// The two stages are identical to the bit, so their answers must be equal.
		made := func(null string) string {
			s := newStage(t)
			body := bodies(s.target())[b.dialect][b.operation]
			if null != "" {
				body = strings.TrimSuffix(body, "}") + `,"` + null + `":null}`
			}
			route := routeOf(t, b.operation, b.dialect)
			response := s.call(b.operation, s.eventAt(route, map[bool]string{true: "new"}[b.operation == "put-service"], body))
			if response.StatusCode != 201 {
				t.Errorf("%s %s: %d %s", route.Path, body, response.StatusCode, response.Body)
			}
			return response.Body
		}
		want, tried := made(""), 0
		for _, f := range wire.Fields(b.form) {
			if sample := bodies(target{})[b.dialect][b.operation]; f.Ignored || strings.Contains(sample, `"`+f.Name+`":`) {
				continue
			}
			if tried++; made(f.Name) != want {
				t.Errorf("%s: null in %s makes another thing", b.form, f.Name)
			}
		}
		if tried == 0 {
			t.Errorf("%s: no member was tried", b.form)
		}
	}
}

// An empty limit is refused, and the answer says what to send. Null removes the
// limit. Only for a key without a limit may a request say that it has none.
func TestEmptyLimits(t *testing.T) {
	s := newStage(t)
	limited := s.make(apikey.Draft{Name: "limited", Permissions: permission.NewSet("ViewTables"), Services: []string{"demo"}, AllowIPs: []string{"192.0.2.1"}}).Key
	id := limited.ID.String()
	for _, member := range []string{"allowIps", "services"} {
		for operation, body := range map[string]string{
			"create-apikey": `{"name":"n","permissions":[],"%s":[]}`, "update-apikey": `{"name":"limited","permissions":["ViewTables"],"%s":[]}`, "patch-apikey": `{"%s":[]}`,
		} {
			path := map[bool]string{false: id}[operation == "create-apikey"]
			problem := s.refused(s.call(operation, s.event(operation, path, fmt.Sprintf(body, member))), 400, "INVALID_REQUEST")
			want := map[bool]string{true: "leave it out", false: "send null"}[operation == "create-apikey"]
			if len(problem.Errors) != 1 || problem.Errors[0].Field != member || !strings.Contains(problem.Errors[0].Detail, want) {
				t.Errorf("%s: %v", operation, problem.Errors)
			}
		}
	}
	post, patch := routeOf(t, "create-apikey", operations.Supermetrics), routeOf(t, "patch-apikey", operations.Supermetrics)
	for _, empty := range []string{`[]`, `""`, `[""]`} {
		s.refusedAt(post, s.call("create-apikey", s.eventAt(post, "", `{"allow_ips":`+empty+`}`)), 400, "API_KEY_ALLOW_IP_INVALID")
		s.refusedAt(patch, s.call("patch-apikey", s.eventAt(patch, supermetrics.KeyID(limited.ID), `{"allow_ips":`+empty+`}`)), 400, "API_KEY_ALLOW_IP_INVALID")
	}
	if key := s.kept(limited.ID); key.Version != 1 {
		t.Errorf("changed: %+v", key)
	}
	s.call("patch-apikey", s.event("patch-apikey", id, `{"allowIps":null,"services":null}`))
	if key := s.kept(limited.ID); len(key.AllowIPs)+len(key.Services) > 0 || key.Version != 2 {
		t.Errorf("null leaves the limits: %+v", key)
	}
	if response := s.call("patch-apikey", s.eventAt(patch, supermetrics.KeyID(limited.ID), `{"allow_ips":[]}`)); response.StatusCode != 200 {
		t.Errorf("a key without a limit: %d %s", response.StatusCode, response.Body)
	}
}

// kept returns the key as stored.
func (s *stage) kept(id uuid.UUID) apikey.Key {
	s.t.Helper()
	key, _, err := s.api.Rules.Get(s.t.Context(), s.by(), id)
	if err != nil {
		s.t.Fatal(err)
	}
	return key
}

// A replacement keeps a key's protections that it does not name: its state,
// expiry, addresses and services, the narrowing of a personal key, and the user
// of a shared one. Null removes each.
func TestReplacementKeepsProtections(t *testing.T) {
	s := newStage(t)
	uma, later := s.user("uma@example.com"), s.clock.Now().Add(time.Hour).UTC().Truncate(time.Second)
	limited := apikey.Draft{
		Name: "a", Disabled: true, NotBefore: later, ExpiresOn: later.Add(time.Hour), AllowIPs: []string{"192.0.2.0/24"}, Services: []string{"demo"},
		Permissions: permission.NewSet("ViewTables"),
	}
	narrowed, shared := limited, limited
	narrowed.Name, narrowed.Type, narrowed.OnBehalfOf, narrowed.Narrowed = "b", apikey.TypePersonal, uma.ID, true
	shared.Name, shared.Type, shared.OnBehalfOf = "c", apikey.TypeShared, uma.ID
	policy := s.policy("Viewers").ID.String()
	for _, draft := range []apikey.Draft{limited, narrowed, shared} {
		before := s.make(draft).Key
		body := map[apikey.KeyType]string{"": `{"name":"N","permissions":["ViewTables"]}`, apikey.TypePersonal: `{"name":"N","type":"personal"}`, apikey.TypeShared: `{"name":"N","policyId":"` + policy + `"}`}[draft.Type]
		body = strings.Replace(body, "N", draft.Name+"2", 1)
		if response := s.call("update-apikey", s.event("update-apikey", before.ID.String(), body)); response.StatusCode != 200 {
			t.Fatalf("%s: %d %s", body, response.StatusCode, response.Body)
		}
		after := s.kept(before.ID)
		if !after.Disabled || !after.NotBefore.Equal(before.NotBefore) || !after.ExpiresOn.Equal(before.ExpiresOn) || len(after.AllowIPs) != 1 ||
			len(after.Services) != 1 || after.OnBehalfOf != before.OnBehalfOf || after.Narrowed != before.Narrowed || after.Name != draft.Name+"2" {
			t.Errorf("%s: %+v", body, after)
		}
		nulls := strings.TrimSuffix(body, "}") + `,"enabled":null,"notBefore":null,"expiresOn":null,"allowIps":null,"services":null}`
		s.call("update-apikey", s.event("update-apikey", before.ID.String(), nulls))
		if after := s.kept(before.ID); after.Disabled || !after.NotBefore.IsZero() || !after.ExpiresOn.IsZero() || len(after.AllowIPs)+len(after.Services) > 0 {
			t.Errorf("%s: %+v", nulls, after)
		}
	}
}

// Changes in the other formats keep what those formats do not define.
func TestOtherFormatsKeepProtections(t *testing.T) {
	s := newStage(t)
	policy := s.policy("Viewers").ID
	before := s.make(apikey.Draft{Name: "a", Policy: policy, Disabled: true, ExpiresOn: s.clock.Now().Add(time.Hour), AllowIPs: []string{"192.0.2.1"}, Services: []string{"demo"}}).Key
	put, patch := routeOf(t, "update-apikey", operations.Catena), routeOf(t, "patch-apikey", operations.Supermetrics)
	s.call("update-apikey", s.eventAt(put, before.ID.String(), `{"name":"b","policy_id":"`+policy.String()+`"}`))
	s.call("patch-apikey", s.eventAt(patch, supermetrics.KeyID(before.ID), `{"description":"d"}`))
	after := s.kept(before.ID)
	if after.Version != 3 || !after.Disabled || after.ExpiresOn.IsZero() || len(after.AllowIPs) != 1 || len(after.Services) != 1 || after.Policy != policy {
		t.Errorf("%+v", after)
	}
}
