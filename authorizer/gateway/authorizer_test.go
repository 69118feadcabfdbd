package gateway

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/apikeytest"
	"github.com/keyward/keyward/shared/verify"
)

const account = "123456789012"

// house is the authorizer over the real verifier and rules, with a store in
// memory that the event files' APIs are registered in.
type house struct {
	handler *Handler
	store   *apikeytest.Store
	peppers *apikeytest.Peppers
	log     *strings.Builder
	admin   apikey.Minted
	owner   apikey.User
}

func newHouse(t *testing.T) *house {
	t.Helper()
	h := &house{store: apikeytest.NewStore(), peppers: &apikeytest.Peppers{}, log: &strings.Builder{}}
	clock := apikeytest.NewClock()
	keys := &apikey.Keys{Store: h.store, Digester: h.peppers, PepperMaker: h.peppers, Now: clock.Now, Entropy: apikeytest.Entropy(1),
		NFC: func(name string) string { return name }}
	files := apikey.ServiceDraft{
		Name: "Files", Permissions: []apikey.Permission{{Name: "ManageFiles"}, {Name: "AccessQueries"}},
		APIs: []apikey.API{{Account: account, ID: "demo"}, {Account: account, ID: "demo-http", Region: "us-east-1", Stage: "$default"}},
		Routes: []apikey.Route{
			{Method: "POST", Path: "/v1/files", Permissions: []string{"ManageFiles"}}, {Method: "POST", Path: "/api"},
		},
	}
	own := apikey.Service{ID: "keyward", APIs: []apikey.API{{Account: account, ID: "keyward"}},
		Permissions: []apikey.Permission{{Name: apikey.AdministerAPIKeys}, {Name: apikey.ManageAPIKeys}},
		Routes:      []apikey.Route{{Method: "GET", Path: "/v1/apikeys", Permissions: []string{apikey.AdministerAPIKeys}}},
	}
	setup, err := keys.Bootstrap(t.Context(), apikey.Setup{
		Organization: "acme", Name: "Acme", OwnerEmail: "owner@example.com", OwnerName: "Owner",
		Services: []apikey.SetupService{{ID: "files", ServiceDraft: files}}, AdminKey: "Admin",
	})
	if err != nil {
		t.Fatal(err)
	}
	h.admin, h.owner = *setup.Admin, setup.Owner
	verifier := verify.New(verify.Config{
		Keys: h.store, Services: h.store, Grants: h.store, Digester: h.peppers, Builtin: []apikey.Service{own}, CacheTTL: time.Minute, Now: clock.Now,
	})
	h.handler = New(verifier, slog.New(slog.NewJSONHandler(h.log, nil)))
	return h
}

// withCredential puts a whole header value into an event file.
func withCredential(t *testing.T, name, value string) []byte {
	t.Helper()
	encoded, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return []byte(strings.ReplaceAll(string(load(t, name)), `"Bearer `+canary+`"`, string(encoded)))
}

// permissionsOf is what the admin's key holds of those that the event files'
// services declare.
var permissionsOf = map[string]string{
	"rest-token": "AccessQueries ManageFiles", "rest-request": "AdministerApiKeys ManageApiKeys", "http-simple": "AccessQueries ManageFiles",
}

// Every form that carries a key is allowed on every kind of event, and answers
// with whose key it is, as whom it acts, and what it holds of the called
// service.
func TestGoodCredentials(t *testing.T) {
	h := newHouse(t)
	key := h.admin.Text.Reveal()
	for _, s := range shapes {
		for _, value := range []string{"Bearer " + key, "bEaReR " + key, "Basic " + key, "Basic " + base64.StdEncoding.EncodeToString([]byte(key+":"))} {
			answer, err := h.handler.Invoke(t.Context(), withCredential(t, s.name, value))
			if err != nil {
				t.Fatalf("%s, %s...: %v", s.name, value[:8], err)
			}
			text := string(answer)
			if !strings.Contains(text, `"Allow"`) && !strings.Contains(text, `"isAuthorized":true`) {
				t.Errorf("%s, %s...: %s", s.name, value[:8], text)
			}
			if !strings.HasSuffix(strings.TrimRight(text, "}"), `"keyId":"`+h.admin.Key.ID.String()+`","keyType":"personal","userId":"`+
				h.owner.ID.String()+`","permissions":"`+permissionsOf[s.name]+`"`) {
				t.Errorf("%s: %s", s.name, text)
			}
			if strings.Contains(text, key) {
				t.Errorf("%s: the answer holds the key", s.name)
			}
		}
	}
	if h.log.Len() > 0 {
		t.Errorf("logged %s", h.log)
	}
}

// Bad credentials are refused alike on every kind of event, without a read or a
// digest, and leave no trace of themselves in the log.
func TestBadCredentials(t *testing.T) {
	h := newHouse(t)
	key := h.admin.Text.Reveal()
	reads, digests := h.store.Reads(), h.peppers.Calls()
	for _, s := range shapes {
		for _, value := range []string{
			"", key, "Bearer", "Bearer  " + key, "Bearer " + key + " ", "Bearer\t" + key, "Digest " + key,
			"Bearer " + key + ", Bearer " + key, "Bearer " + key + ",Bearer " + key, "Bearer " + key[:20] + "\u200b" + key[20:],
			"Basic " + base64.StdEncoding.EncodeToString([]byte(key)), "Basic " + base64.StdEncoding.EncodeToString([]byte(key+":x")),
			"Bearer " + h.admin.Text.Redacted(), "Bearer " + strings.Repeat("A", 1<<20),
		} {
			answer, err := h.handler.Invoke(t.Context(), withCredential(t, s.name, value))
			if !errors.Is(err, ErrUnauthorized) || answer != nil {
				t.Errorf("%s, %.12q...: %s, %v", s.name, value, answer, err)
			}
		}
	}
	if h.store.Reads() != reads || h.peppers.Calls() != digests {
		t.Errorf("%d reads and %d digests", h.store.Reads()-reads, h.peppers.Calls()-digests)
	}
	if strings.Contains(h.log.String(), key[20:40]) || h.log.Len() > 100_000 {
		t.Error("the log holds a credential")
	}
}

// A key anywhere but in the header is no key: not in the query, not beside
// another spelling of the header.
func TestMisplacedCredentials(t *testing.T) {
	h := newHouse(t)
	value := "Bearer " + h.admin.Text.Reveal()
	for name, payload := range map[string][]byte{
		"query alone": []byte(`{"type":"REQUEST","methodArn":"arn:aws:execute-api:us-east-1:123456789012:keyward/v1/GET/v1/apikeys",` +
			`"queryStringParameters":{"Authorization":"` + value + `"},"headers":null,"multiValueHeaders":null,` +
			`"requestContext":{"accountId":"123456789012","apiId":"keyward","httpMethod":"GET","resourcePath":"/v1/apikeys"}}`),
		"two spellings": []byte(`{"type":"REQUEST","methodArn":"arn:aws:execute-api:us-east-1:123456789012:keyward/v1/GET/v1/apikeys",` +
			`"multiValueHeaders":{"Authorization":["` + value + `"],"authorization":["` + value + `"]},` +
			`"requestContext":{"accountId":"123456789012","apiId":"keyward","httpMethod":"GET","resourcePath":"/v1/apikeys"}}`),
	} {
		if answer, err := h.handler.Invoke(t.Context(), payload); !errors.Is(err, ErrUnauthorized) || answer != nil {
			t.Errorf("%s: %s, %v", name, answer, err)
		}
	}
}

// While the store or the peppers fail, a good key gets a failure, never a 401
// and never an allowance; afterwards it is allowed again.
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
