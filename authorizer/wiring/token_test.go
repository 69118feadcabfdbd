package wiring

import (
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"github.com/keyward/keyward/authorizer/gateway"
	"github.com/keyward/keyward/shared/operations"
)

// issuer starts an OpenID Connect issuer on the loopback interface. It returns
// its URL and the number of requests to it.
func issuer(t *testing.T, public ed25519.PublicKey) (url string, asked *atomic.Int32) {
	t.Helper()
	asked = new(atomic.Int32)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		var answer any = map[string]string{"issuer": url, "jwks_uri": url + "/keys"}
		if r.URL.Path == "/keys" {
			answer = jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: public, KeyID: "1"}}}
		}
		_ = json.NewEncoder(w).Encode(answer)
	}))
	t.Cleanup(server.Close)
	url = server.URL
	return url, asked
}

func tokenOf(t *testing.T, url string, private ed25519.PrivateKey, verified bool) string {
	t.Helper()
	claims := map[string]any{"iss": url, "aud": "keyward", "email": "ann@example.com", "exp": time.Now().Unix() + 60}
	if verified {
		claims["email_verified"] = true
	}
	return signed(t, private, claims)
}

func signed(t *testing.T, private ed25519.PrivateKey, claims map[string]any) string {
	t.Helper()
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.EdDSA, Key: jose.JSONWebKey{Key: private, KeyID: "1"}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	text, err := jwt.Signed(signer).Claims(claims).Serialize()
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// Access tokens are accepted only if an issuer is set. The issuer is asked only
// when a token comes, and never for a key. A good token whose user cannot be
// read is not a 401.
func TestAccessTokens(t *testing.T) {
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	_, another, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	url, asked := issuer(t, public)
	ofClient := signed(t, private, map[string]any{
		"iss": url, "client_id": "keyward", "token_use": "access", "email": "ann@example.com", "email_verified": true, "exp": time.Now().Unix() + 60,
	})
	for _, step := range []struct {
		name, issuer, credential string
		want                     error
		asked                    int32
		setting                  string
	}{
		{"good token, no issuer", "", tokenOf(t, url, private, true), gateway.ErrUnauthorized, 0, ""},
		{"key", url, goodText, gateway.ErrNoDecision, 0, ""},
		{"forged token", url, tokenOf(t, url, another, true), gateway.ErrUnauthorized, 2, ""},
		{"good token, no store", url, tokenOf(t, url, private, true), gateway.ErrNoDecision, 2, ""},
		{"address not verified", url, tokenOf(t, url, private, false), gateway.ErrUnauthorized, 0, ""},
		{"address that the issuer verifies, no store", url, tokenOf(t, url, private, false), gateway.ErrNoDecision, 2, operations.EnvOIDCVerifiesEmail},
		{"a client's token", url, ofClient, gateway.ErrUnauthorized, 0, ""},
		{"a client's token for the client, no store", url, ofClient, gateway.ErrNoDecision, 2, operations.EnvOIDCClientAudience},
		{"good token, issuer out of reach", "http://127.0.0.1:1", tokenOf(t, "http://127.0.0.1:1", private, true), gateway.ErrNoDecision, 0, ""},
	} {
		asked.Store(0)
		values := unreachable()
		if values[operations.EnvOIDCIssuer] = step.issuer; step.issuer != "" {
			values[operations.EnvOIDCAudience], values[operations.EnvOIDCOrganization] = "keyward", "acme"
		}
		if step.setting != "" {
			values[step.setting] = operations.Switch(true)
		}
		var log strings.Builder
		a, err := New(lookup(values), slog.New(slog.NewJSONHandler(&log, nil)))
		if err != nil {
			t.Fatal(err)
		}
		const arn = "arn:aws:execute-api:eu-central-1:123456789012:abc/v1/GET/v1/whoami"
		answer, err := a.Invoke(t.Context(), []byte(`{"type":"TOKEN","authorizationToken":"Bearer `+step.credential+`","methodArn":"`+arn+`"}`))
		if !errors.Is(err, step.want) || answer != nil || asked.Load() != step.asked {
			t.Errorf("%s: %s, %v; asked %d times", step.name, answer, err, asked.Load())
		}
		if strings.Contains(log.String(), strings.Split(step.credential, ".")[0]) {
			t.Errorf("%s: the log holds the credential", step.name)
		}
	}
}

// New fails for an issuer that is not an https URL.
func TestFaultyIssuer(t *testing.T) {
	values := unreachable()
	values[operations.EnvOIDCIssuer], values[operations.EnvOIDCAudience], values[operations.EnvOIDCOrganization] = "http://login.example.com", "keyward", "acme"
	if _, err := New(lookup(values), slog.New(slog.DiscardHandler)); err == nil || !strings.Contains(err.Error(), operations.EnvOIDCIssuer) {
		t.Errorf("got %v", err)
	}
}
