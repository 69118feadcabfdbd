package gateway

import (
	"encoding/json"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/apikeytest"
	"github.com/keyward/keyward/shared/permission"
	"github.com/keyward/keyward/shared/routing"
	"github.com/keyward/keyward/shared/verify"
)

const account = "123456789012"

// house is the authorizer on the real verifier and rules, with an in-memory
// store in which the event files' APIs are registered.
type house struct {
	handler *Handler
	store   *apikeytest.Store
	peppers *apikeytest.Peppers
	log     *strings.Builder
	admin   apikey.Minted
	owner   apikey.User
}

func newHouse(t testing.TB) *house {
	t.Helper()
	h := &house{store: apikeytest.NewStore(), peppers: &apikeytest.Peppers{}, log: &strings.Builder{}}
	clock := apikeytest.NewClock()
	keys := &apikey.Rules{Store: h.store, Digester: h.peppers, PepperMaker: h.peppers, Now: clock.Now, Entropy: apikeytest.Entropy(1),
		NFC: func(name string) string { return name }}
	files := apikey.ServiceDraft{
		Name: "Files", Permissions: []apikey.Permission{{Name: "ManageFiles"}, {Name: "AccessQueries"}},
		APIs: []routing.API{{Account: account, ID: "demo"}, {Account: account, ID: "demo-http", Region: "us-east-1", Stage: "$default"},
			{Account: account, ID: "demo-ws", Stage: "live"}, {Account: account, ID: "demo-graphql"}},
		Routes: []routing.Route{
			{Method: "POST", Path: "/v1/files", Permissions: []string{"ManageFiles"}}, {Method: "POST", Path: "/api"},
			{Method: "GET", Path: "$connect"}, {Method: "POST", Path: "/graphql"},
		},
	}
	own := apikey.Service{ID: "keyward", APIs: []routing.API{{Account: account, ID: "keyward"}},
		Permissions: []apikey.Permission{{Name: permission.AdministerAPIKeys}, {Name: permission.ManageAPIKeys}},
		Routes:      []routing.Route{{Method: "GET", Path: "/v1/apikeys", Permissions: []string{permission.AdministerAPIKeys}}},
	}
	setup, err := keys.Bootstrap(t.Context(), apikey.Setup{
		Organization: "acme", KeyPrefix: "kw", Name: "Acme", OwnerEmail: "owner@example.com", OwnerName: "Owner",
		Services: []apikey.SetupService{{ID: "files", ServiceDraft: files}}, AdminKey: "Admin",
	})
	if err != nil {
		t.Fatal(err)
	}
	h.admin, h.owner = *setup.Admin, setup.Owner
	verifier := verify.New(verify.Config{
		Reader: h.store, Digester: h.peppers, Builtin: func() []apikey.Service { return []apikey.Service{own} }, CacheTTL: time.Minute, Now: clock.Now,
	})
	h.handler = New(verifier, slog.New(slog.NewJSONHandler(h.log, nil)))
	return h
}

// withCredential puts a whole header value into an event file.
func withCredential(t testing.TB, name, value string) []byte {
	t.Helper()
	encoded, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	bearer := strings.ReplaceAll(string(load(t, name)), `"Basic `+canary, `"Bearer `+canary)
	return []byte(strings.ReplaceAll(bearer, `"Bearer `+canary+`"`, string(encoded)))
}

// permissionsOf returns the admin key's permissions that an event file's service
// declares.
func permissionsOf(shape string) string {
	if shape == "rest-request" {
		return "AdministerApiKeys ManageApiKeys"
	}
	return "AccessQueries ManageFiles"
}

// While the store or the peppers fail, a good key gets a failure, never a 401
// and never an allowance. Afterwards it is allowed again.
func TestOutages(t *testing.T) {
	for name, breakIt := range map[string]func(*house, error){
		"store":   func(h *house, err error) { h.store.Break(err) },
		"peppers": func(h *house, err error) { h.peppers.Break(err) },
	} {
		h := newHouse(t)
		payload := withCredential(t, "rest-token", "Bearer "+h.admin.Text.Reveal())
		breakIt(h, errors.New("connection refused"))
		if answer, err := h.handler.Invoke(t.Context(), payload); !errors.Is(err, ErrNoDecision) || answer != nil {
			t.Errorf("%s: %s, %v", name, answer, err)
		}
		if !strings.Contains(h.log.String(), "connection refused") {
			t.Errorf("%s: the log lacks the cause: %s", name, h.log)
		}
		breakIt(h, nil)
		if _, err := h.handler.Invoke(t.Context(), payload); err != nil {
			t.Errorf("%s, mended: %v", name, err)
		}
	}
}
