package apigw_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/operations"
	"github.com/keyward/keyward/shared/uuid"
)

// endless is a store with a page after every page. It counts them.
type endless struct {
	apikey.Store
	pages *int
}

func (e endless) Keys(context.Context, apikey.OrgID, apikey.KeyFilter, apikey.Position, int) (apikey.Listed[apikey.Key, apikey.Position], error) {
	*e.pages++
	keys := make([]apikey.Key, 1000)
	for i := range keys {
		keys[i].Description = strings.Repeat("k", 100)
	}
	return apikey.Listed[apikey.Key, apikey.Position]{Records: keys, Next: &apikey.Position{}}, nil
}

func (e endless) Policies(context.Context, apikey.OrgID, uuid.UUID, int) (apikey.Listed[apikey.Policy, uuid.UUID], error) {
	*e.pages++
	large := apikey.Policy{Description: strings.Repeat("p", 300_000)}
	return apikey.Listed[apikey.Policy, uuid.UUID]{Records: []apikey.Policy{large, large, large}, Next: &uuid.UUID{}}, nil
}

// An unpaged list that does not fit into an answer is refused, and the error
// says where it has pages. If it were cut, readers would take missing keys for
// deleted ones. Reading stops at the limit.
func TestWholeListsAreRefusedNotCut(t *testing.T) {
	s := newStage(t)
	pages := 0
	s.api.Rules.Store = endless{s.store, &pages}
	for _, test := range []struct {
		dialect         operations.Dialect
		operation, path string
	}{
		{operations.Catena, "list-apikeys", "/v1/apikeys"},
		{operations.Supermetrics, "list-apikeys", "/v1/apikeys"},
		{operations.Catena, "list-policies", "/v1/policies"},
	} {
		pages = 0
		response := s.call(test.operation, s.at(test.dialect, test.operation, "", ""))
		if response.StatusCode != http.StatusBadRequest || !strings.Contains(response.Body, "in pages, at "+test.path) || pages > 25 {
			t.Errorf("%s %s: %d after %d pages: %.300s", test.dialect, test.operation, response.StatusCode, pages, response.Body)
		}
	}
}

// An unpaged list that fits is complete, up to the limit: 12 policies of 100 kB
// that are escaped twice fit, 14 do not.
func TestWholeListsFitIntoAnswers(t *testing.T) {
	s := newStage(t)
	large := strings.Repeat(`"\`, 50_000)
	for n := range 14 {
		id, _ := uuid.New(s.api.Rules.Entropy)
		s.commit(apikey.AuditRecord{}, apikey.CreatePolicy{Policy: apikey.Policy{ID: id, Org: "demo", Name: fmt.Sprint(n), Description: large, CreatedOn: s.clock.Now(), Version: 1}})
		if n != 11 && n != 13 {
			continue
		}
		response := s.call("list-policies", s.at(operations.Catena, "list-policies", "", ""))
		listed := decode[struct{ Policies []struct{ ID string } }](t, response.Body)
		if size := given(t, response); size > lambdaTakes || n == 11 && len(listed.Policies) != 12 || n == 13 && response.StatusCode != http.StatusBadRequest {
			t.Errorf("of %d policies, %d are listed in %d bytes: %d %.200s", n+1, len(listed.Policies), size, response.StatusCode, response.Body)
		}
	}
}

// The names in a list are read together, however many keys it has: a page of 1
// MB takes two reads for the caller, and two for the keys and their names. The
// canonical format adds one for their last uses.
func TestNamesOfAListAreReadTogether(t *testing.T) {
	s := newStage(t)
	for n := range 9 {
		policy, user := s.policy(fmt.Sprint("policy ", n)), s.user(fmt.Sprintf("user%d@example.com", n))
		s.make(apikey.Draft{Name: fmt.Sprint("key ", n), Policy: policy.ID})
		s.make(apikey.Draft{Name: fmt.Sprint("own ", n), Type: apikey.TypePersonal, OnBehalfOf: user.ID})
	}
	op, _ := operations.Find("list-apikeys")
	for _, route := range op.Routes {
		before := s.store.Reads()
		response := s.call(op.Name, s.eventAt(route, "", ""))
		if reads := s.store.Reads() - before; response.StatusCode != http.StatusOK || reads > 5 || reads > 4 && route.Dialect != operations.Canonical {
			t.Errorf("%s: %d after %d reads", route.Path, response.StatusCode, reads)
		}
		named := map[operations.Dialect]string{operations.Canonical: `"policyName":"policy 8"`, operations.Catena: `"policy_name":"policy 8"`, operations.Supermetrics: `"email":"user8@example.com"`}
		if !strings.Contains(response.Body, named[route.Dialect]) {
			t.Errorf("%s names nothing: %s", route.Path, response.Body)
		}
	}
}
