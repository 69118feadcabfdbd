package wiring

import (
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/operations"
	"github.com/keyward/keyward/shared/permission"
	"github.com/keyward/keyward/shared/routing"
)

// scales is a proxy in front of DynamoDB that records the requests and the sizes
// of the answers.
type scales struct {
	mu    sync.Mutex
	calls []string
}

func (s *scales) before(t *testing.T, behind string) (address string) {
	t.Helper()
	target, err := url.Parse(behind)
	if err != nil {
		t.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(target)
	proxy.ModifyResponse = func(r *http.Response) error {
		body, err := io.ReadAll(r.Body)
		r.Body = io.NopCloser(strings.NewReader(string(body)))
		s.mu.Lock()
		defer s.mu.Unlock()
		s.calls = append(s.calls, fmt.Sprint(r.Request.Header.Get("X-Amz-Target"), " answered ", len(body), " bytes"))
		return err
	}
	server := httptest.NewServer(proxy)
	t.Cleanup(server.Close)
	return server.URL
}

// take returns everything recorded since the last take.
func (s *scales) take() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	taken := strings.Join(s.calls, "\n")
	s.calls = nil
	return taken
}

// A decision makes the same requests, byte for byte, in an organization with
// thousands of permissions, policies and users as in a new one: for a service
// key and an OWNER's key, at first use and later.
func TestDecisionsAreFlat(t *testing.T) {
	costs := func(grow bool) (costs []string) {
		house := furnish(t)
		if grow {
			house.grow(t)
		}
		var on scales
		house.values[operations.EnvCacheTTL], house.values["AWS_ENDPOINT_URL_DYNAMODB"] = "0", on.before(t, house.values["AWS_ENDPOINT_URL_DYNAMODB"])
		a, err := New(lookup(house.values), slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		a.Prime()
		on.take()
		const arn = "arn:aws:execute-api:eu-central-1:123456789012:abc/v1/GET/v1/whoami"
		for _, key := range []string{house.service, house.admin} {
			for range 2 {
				answer, err := a.Invoke(t.Context(), []byte(`{"type":"TOKEN","authorizationToken":"Bearer `+key+`","methodArn":"`+arn+`"}`))
				if err != nil || !strings.Contains(string(answer), `"Allow"`) {
					t.Fatalf("%s, %v", answer, err)
				}
				costs = append(costs, on.take())
			}
		}
		return costs
	}
	small, large := costs(false), costs(true)
	for n := range small {
		if small[n] != large[n] || small[n] == "" {
			t.Errorf("decision %d costs, in a small organization:\n%s\nin a large one:\n%s", n, small[n], large[n])
		}
	}
}

// grow registers thousands of permissions, and adds policies and users with
// them.
func (h house) grow(t *testing.T) {
	t.Helper()
	permissions := 0
	for service := range 18 {
		draft := apikey.ServiceDraft{Name: "Large", APIs: []routing.API{{Account: "123456789012", ID: fmt.Sprint("api-", service)}}}
		for n := range apikey.MaxServicePermissions {
			draft.Permissions = append(draft.Permissions, apikey.Permission{Name: fmt.Sprintf("P%d.%d", service, n)})
		}
		if _, _, err := h.rules.PutService(t.Context(), h.by, fmt.Sprint("service-", service), 0, draft, false); err != nil {
			t.Logf("%d services were registered: %v", service, err)
			break
		}
		permissions += len(draft.Permissions)
	}
	if permissions < 3000 {
		t.Fatalf("only %d permissions could be registered", permissions)
	}
	for n := range 20 {
		policy, err := h.rules.CreatePolicy(t.Context(), h.by, apikey.PolicyDraft{Name: fmt.Sprint("Policy ", n), Permissions: permission.NewSet("P0.1", "P1.1")})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := h.rules.CreateUser(t.Context(), h.by, apikey.UserDraft{
			Email: fmt.Sprintf("user-%d@example.com", n), Name: "User", Role: apikey.RoleMember, Policy: policy.ID,
		}); err != nil {
			t.Fatal(err)
		}
	}
}
