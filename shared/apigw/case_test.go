package apigw_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/dialect/supermetrics"
	"github.com/keyward/keyward/shared/operations"
)

// ids matches the hexadecimal ids in a text: UUIDs, and the prefixed ids of the
// Supermetrics format.
var ids = regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|_[0-9a-f]{32}`)

func capitals(text string) string { return ids.ReplaceAllStringFunc(text, strings.ToUpper) }

// An id in capitals names the same as in small letters, wherever a request can
// have one, in every format. Answers have small letters (RFC 9562).
func TestIDsInCapitals(t *testing.T) {
	s := newStage(t)
	policy, user := s.policy("Viewers"), s.user("uma@example.com")
	key := s.make(apikey.Draft{Name: "a", Policy: policy.ID}).Key
	personal := s.make(apikey.Draft{Name: "b", Type: apikey.TypePersonal, OnBehalfOf: user.ID}).Key
	at := target{key: key.ID.String(), policy: policy.ID.String(), user: user.ID.String()}
	eachRoute(func(op operations.Operation, route operations.Route) {
		if id := at.idFor(route); strings.Contains(id, "-") || strings.HasPrefix(id, "apk_") {
			if route.Method == "GET" {
				s.alike(op.Name, route, id, "")
			}
		}
	})
	s.alike("patch-apikey", routeOf(t, "patch-apikey", operations.Canonical), at.key, `{"policyId":"`+at.policy+`"}`)
	s.alike("patch-apikey", routeOf(t, "patch-apikey", operations.Canonical), personal.ID.String(), `{"onBehalfOf":"`+at.user+`"}`)
	s.alike("update-apikey", routeOf(t, "update-apikey", operations.Catena), at.key, `{"name":"a","policy_id":"`+at.policy+`"}`)
	s.alike("update-user", routeOf(t, "update-user", operations.Canonical), at.user,
		`{"email":"uma@example.com","name":"Uma","role":"MEMBER","policyId":"`+at.policy+`"}`)
	s.alike("patch-apikey", routeOf(t, "patch-apikey", operations.Supermetrics), supermetrics.KeyID(personal.ID), `{"behalf_of_user_id":"`+supermetrics.UserID(user.ID)+`"}`)
	for query, want := range map[string]int{
		"list-apikeys policyId=" + at.policy: 1, "list-apikeys onBehalfOf=" + at.user: 1, "list-apikeys createdBy=" + s.owner.ID.String(): 2,
		"list-audit-events target=" + at.policy: 1, "list-audit-events keyId=" + s.admin.Key.ID.String(): 5, "list-audit-events actor=" + s.owner.ID.String(): 5,
	} {
		operation, parameter, _ := strings.Cut(query, " ")
		if status, items := s.asked(operation, parameter); status != 200 || items != want {
			t.Errorf("%s: %d, %d items, want %d", query, status, items, want)
		}
		if status, items := s.asked(operation, capitals(parameter)); status != 200 || items != want {
			t.Errorf("%s in capitals: %d, %d items, want %d", query, status, items, want)
		}
	}
}

// alike checks that a request gets the same answer in capitals as in small
// letters.
func (s *stage) alike(name string, route operations.Route, id, body string) {
	s.t.Helper()
	small := s.call(name, s.eventAt(route, id, body))
	large := s.call(name, s.eventAt(route, capitals(id), capitals(body)))
	if small.StatusCode != 200 || large.StatusCode != 200 || large.Body != small.Body {
		s.t.Errorf("%s %s of %s: %d %s, in capitals %d %s", route.Method, route.Path, id, small.StatusCode, small.Body, large.StatusCode, large.Body)
	}
}
