package apigw_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/operations"
)

// at returns a request to an operation's route in a dialect.
func (s *stage) at(dialect operations.Dialect, name, id, body string) events.APIGatewayProxyRequest {
	s.t.Helper()
	op, _ := operations.Find(name)
	for _, route := range op.Routes {
		if route.Dialect == dialect {
			return s.eventAt(route, id, body)
		}
	}
	s.t.Fatalf("%s has no route in the dialect %s", name, dialect)
	return events.APIGatewayProxyRequest{}
}

// A change in the Catena format sets a key's name and policy, and keeps what the
// format cannot express: a disabled key stays disabled, and address limits stay.
func TestCatenaChangeKeepsTheRest(t *testing.T) {
	s := newStage(t)
	first, second := s.policy("first"), s.policy("second")
	key := s.make(apikey.Draft{Name: "bound", Policy: first.ID, AllowIPs: []string{"10.0.0.0/8"}, Disabled: true, ExpiresOn: s.clock.Now().AddDate(1, 0, 0)}).Key
	response := s.call("update-apikey", s.at(operations.Catena, "update-apikey", key.ID.String(), `{"name":"renamed","policy_id":"`+second.ID.String()+`"}`))
	if response.StatusCode != http.StatusOK {
		t.Fatalf("%d %s", response.StatusCode, response.Body)
	}
	after, err := s.store.Key(t.Context(), key.ID)
	if err != nil {
		t.Fatal(err)
	}
	if after.Name != "renamed" || after.Policy != second.ID {
		t.Errorf("not changed: %+v", after)
	}
	if !after.Disabled || len(after.AllowIPs) != 1 || !after.ExpiresOn.Equal(key.ExpiresOn) {
		t.Errorf("changed what the format does not know: %+v", after)
	}
}

// A key with permissions of its own gets a policy instead of them.
func TestCatenaGivesAPolicyToAnyKey(t *testing.T) {
	s := newStage(t)
	policy, key := s.policy("first"), s.key("direct", "ManageFiles").Key
	response := s.call("update-apikey", s.at(operations.Catena, "update-apikey", key.ID.String(), `{"name":"direct","policy_id":"`+policy.ID.String()+`"}`))
	after, err := s.store.Key(t.Context(), key.ID)
	if err != nil || response.StatusCode != http.StatusOK || after.Policy != policy.ID || len(after.Permissions) > 0 {
		t.Errorf("%d %s: %+v, %v", response.StatusCode, response.Body, after, err)
	}
}

// Deleting a policy needs no confirmation, even if keys or users have it.
func TestCatenaDeletePolicyAsksNothing(t *testing.T) {
	s := newStage(t)
	policy := s.policy("goes")
	for n := range 3 {
		s.make(apikey.Draft{Name: fmt.Sprint("goes ", n), Policy: policy.ID})
	}
	kept := s.key("stays", "ManageFiles").Key
	response := s.call("delete-policy", s.at(operations.Catena, "delete-policy", policy.ID.String(), ""))
	if response.StatusCode != http.StatusNoContent || response.Body != "" {
		t.Fatalf("%d %s", response.StatusCode, response.Body)
	}
	keys, err := s.store.Keys(t.Context(), "demo", apikey.KeyFilter{}, apikey.Position{}, apikey.MaxPage)
	if err != nil || len(keys.Records) != 2 || !slices.ContainsFunc(keys.Records, func(k apikey.Key) bool { return k.ID == kept.ID }) {
		t.Errorf("left are %d keys, %v", len(keys.Records), err)
	}
}

// changing is a store that returns a new version of the policy at every read.
type changing struct {
	apikey.Store
	reads *int64
}

func (c changing) Read(ctx context.Context, refs ...apikey.Ref) (apikey.Found, error) {
	found, err := c.Store.Read(ctx, refs...)
	for ref, finding := range found {
		if policy, ok := finding.Record.(apikey.Policy); ok {
			*c.reads++
			policy.Version += *c.reads
			found[ref] = apikey.Finding{Record: policy}
		}
	}
	return found, err
}

// Deleting a policy that keeps changing fails and leaves it unchanged.
func TestCatenaDeletePolicyGivesUp(t *testing.T) {
	s := newStage(t)
	policy := s.policy("busy")
	s.make(apikey.Draft{Name: "busy", Policy: policy.ID})
	s.api.Rules.Store = changing{s.store, new(int64)}
	response := s.call("delete-policy", s.at(operations.Catena, "delete-policy", policy.ID.String(), ""))
	if response.StatusCode != http.StatusServiceUnavailable || !strings.Contains(response.Body, `"UNAVAILABLE"`) {
		t.Errorf("%d %s", response.StatusCode, response.Body)
	}
	if after, err := s.store.Policy(t.Context(), "demo", policy.ID); err != nil || after.Deleted {
		t.Errorf("%+v, %v", after, err)
	}
}
