package wire_test

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/keyward/keyward/shared/client/wire"
)

// No way to print, log or encode a secret shows it, wherever it is in a value.
func TestSecretIsNeverShown(t *testing.T) {
	const text = "kw_topsecret"
	secret := wire.NewSecret(text)
	type outer struct {
		Exported   wire.Secret
		unexported wire.Secret
		pointer    *wire.Secret
	}
	var shown strings.Builder
	for _, value := range []any{secret, &secret, outer{secret, secret, &secret}, []wire.Secret{secret}, map[string]wire.Secret{"a": secret}} {
		for _, verb := range "vsqxXdgbcepotTUw" {
			for _, flag := range []string{"", "+", "#", "-20"} {
				_, _ = fmt.Fprintf(&shown, "%"+flag+string(verb)+"\n", value)
			}
		}
		encoded, err := json.Marshal(value)
		if err != nil {
			t.Error(err)
		}
		_, _ = fmt.Fprintf(&shown, "%s\n", encoded)
		slog.New(slog.NewJSONHandler(&shown, nil)).Info("m", "value", value)
		slog.New(slog.NewTextHandler(&shown, nil)).Info("m", "value", value)
	}
	hexed := fmt.Sprintf("%x", text)
	if s := shown.String(); strings.Contains(s, text) || strings.Contains(s, hexed) || strings.Contains(s, strings.ToUpper(hexed)) || !strings.Contains(s, "[redacted]") {
		t.Errorf("%s", s)
	}
	if secret.Reveal() != text || secret.String() != "[redacted]" || secret.GoString() != "[redacted]" {
		t.Error("a secret does not reveal its text, or something else does")
	}
	if zero := (wire.Secret{}); !zero.IsZero() || zero.Reveal() != "" || !wire.NewSecret("").IsZero() {
		t.Error("an empty secret is not empty")
	}
}

// A key is read with its secret, and written without.
func TestSecretInAnswers(t *testing.T) {
	var key wire.APIKey
	if err := json.Unmarshal([]byte(`{"id": "i", "apiKey": "kw_x"}`), &key); err != nil || key.APIKey.Reveal() != "kw_x" {
		t.Errorf("%v", err)
	}
	if text, err := json.Marshal(key); err != nil || !strings.Contains(string(text), `"apiKey":"[redacted]"`) {
		t.Errorf("%s, %v", text, err)
	}
}

// A patch has three states for each member: as it is, a value, and none.
func TestChange(t *testing.T) {
	patch := wire.KeyPatch{Name: wire.Set(""), Enabled: wire.Set(false), ExpiresOn: wire.Clear[time.Time](), Permissions: wire.Set([]string{})}
	text, err := json.Marshal(patch)
	if want := `{"name":"","permissions":[],"enabled":false,"expiresOn":null}`; err != nil || string(text) != want {
		t.Errorf("%s, %v", text, err)
	}
	var read wire.KeyPatch
	if err := json.Unmarshal(text, &read); err != nil || !reflect.DeepEqual(read, patch) {
		t.Errorf("%+v, %v", read, err)
	}
	if err := json.Unmarshal([]byte(`{"enabled": "no"}`), &read); err == nil {
		t.Error("a text was taken for a flag")
	}
}

// An empty list is sent, an absent one is not.
func TestEmptyLists(t *testing.T) {
	for want, body := range map[string]wire.KeyBody{`{"name":"n"}`: {Name: "n"}, `{"name":"n","permissions":[]}`: {Name: "n", Permissions: []string{}}} {
		if text, err := json.Marshal(body); err != nil || string(text) != want {
			t.Errorf("%s, %v, want %s", text, err, want)
		}
	}
}

// A request has its parameters where the document puts them, keeps the server's own
// path, and never leaves its operation's path.
func TestRequests(t *testing.T) {
	ctx := t.Context()
	r, err := wire.NewListKeysRequest(ctx, "https://example.com/prod/", wire.ListKeysParams{
		Limit: 7, Q: "a b&c", NeverUsed: new(false), ExpiresBefore: time.Date(2027, 1, 2, 3, 4, 5, 6e6, time.UTC), State: wire.KeyStateActive,
	})
	if err != nil || r.URL.String() != "https://example.com/prod/v1/apikeys?expiresBefore=2027-01-02T03%3A04%3A05.006Z&limit=7&neverUsed=false&q=a+b%26c&state=active" {
		t.Errorf("%v, %v", r.URL, err)
	}
	r, err = wire.NewDeletePolicyRequest(ctx, "https://example.com", "a/b?c", wire.DeletePolicyParams{IfMatch: `"1"`, Force: true})
	if err != nil || r.URL.String() != "https://example.com/v1/policies/a%2Fb%3Fc?force=true" || r.Header.Get("If-Match") != `"1"` || r.Method != http.MethodDelete || r.Body != nil {
		t.Errorf("%+v, %v", r, err)
	}
	for _, id := range []string{"", ".", ".."} {
		if _, err := wire.NewGetKeyRequest(ctx, "https://example.com", id); err == nil {
			t.Errorf("the id %q was accepted", id)
		}
	}
	r, err = wire.NewIntrospectRequest(ctx, "https://example.com", wire.IntrospectionFormInput{Token: "a b", Service: "s"})
	if err != nil {
		t.Fatal(err)
	}
	if body, err := io.ReadAll(r.Body); err != nil || string(body) != "service=s&token=a+b" || r.Header.Get("Content-Type") != "application/x-www-form-urlencoded" {
		t.Errorf("%s, %v", body, err)
	}
}

// Every answer with a member that comes in the header reads it.
func TestHeaders(t *testing.T) {
	for _, answer := range []any{&wire.APIKey{}, &wire.WhoAmI{}, &wire.Policy{}, &wire.User{}, &wire.Service{}, &wire.Organization{}} {
		answer.(interface{ ReadHeader(http.Header) }).ReadHeader(http.Header{"Etag": {"e"}, "Idempotent-Replayed": {"true"}})
		v := reflect.ValueOf(answer).Elem()
		if v.FieldByName("ETag").String() != "e" {
			t.Errorf("%T has no ETag", answer)
		}
		if replayed := v.FieldByName("Replayed"); replayed.IsValid() && !replayed.Bool() {
			t.Errorf("%T was not replayed", answer)
		}
	}
}
