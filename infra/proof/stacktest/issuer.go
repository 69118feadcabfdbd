package stacktest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/keyward/keyward/infra/local/demo"
	"github.com/keyward/keyward/shared/operations"
)

// The key id and the audience of an [Issuer]'s tokens.
const (
	issuerKeyID    = "test"
	issuerAudience = "keyward"
)

// Issuer is an OpenID Connect issuer on the loopback interface, with one ES256
// key. It signs its tokens without the libraries that verify them.
type Issuer struct {
	server *httptest.Server
	key    *ecdsa.PrivateKey
	// codes maps each code to the challenge of the request that it answered. devices
	// maps each device's code to whether it was asked about, and refreshes holds the
	// refresh tokens that were not used.
	codes, devices, refreshes sync.Map
}

// NewIssuer starts an issuer. The caller must Close it.
func NewIssuer() (*Issuer, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	i := &Issuer{key: key}
	routes := http.NewServeMux()
	routes.HandleFunc("GET /.well-known/openid-configuration", i.configuration)
	routes.HandleFunc("GET /jwks", i.keys)
	routes.HandleFunc("GET /authorize", i.authorize)
	routes.HandleFunc("POST /device", i.device)
	routes.HandleFunc("POST /token", i.token)
	i.server = httptest.NewServer(routes)
	return i, nil
}

// URL returns the issuer's URL, which is its name.
func (i *Issuer) URL() string { return i.server.URL }

// Close ends the issuer.
func (i *Issuer) Close() { i.server.Close() }

// Environment returns the environment with which functions accept the issuer's
// tokens, by e-mail address, for the demo organization.
func (i *Issuer) Environment() map[string]string {
	return map[string]string{
		operations.EnvOIDCIssuer: i.server.URL, operations.EnvOIDCAudience: issuerAudience,
		operations.EnvOIDCClaim: "email", operations.EnvOIDCOrganization: demo.Organization,
	}
}

// Token returns an access token of the user with that e-mail address, valid for
// five minutes.
func (i *Issuer) Token(t testing.TB, email string) string {
	t.Helper()
	return i.Sign(t, i.claims(email))
}

// claims returns the claims of a user's token.
func (i *Issuer) claims(email string) map[string]any {
	return map[string]any{
		"iss": i.server.URL, "aud": issuerAudience, "sub": "subject of " + email, "email": email, "email_verified": true,
		"iat": time.Now().Unix(), "exp": time.Now().Add(5 * time.Minute).Unix(),
	}
}

// Sign returns a token with those claims.
func (i *Issuer) Sign(t testing.TB, claims map[string]any) string {
	t.Helper()
	token, err := i.sign(claims)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func (i *Issuer) sign(claims map[string]any) (string, error) {
	encode := base64.RawURLEncoding.EncodeToString
	content, err := json.Marshal(claims)
	if err != nil {
		return "", err
	}
	signed := encode([]byte(`{"alg":"ES256","typ":"JWT","kid":"`+issuerKeyID+`"}`)) + "." + encode(content)
	digest := sha256.Sum256([]byte(signed))
	r, s, err := ecdsa.Sign(rand.Reader, i.key, digest[:])
	if err != nil {
		return "", err
	}
	signature := make([]byte, 64)
	r.FillBytes(signature[:32])
	s.FillBytes(signature[32:])
	return signed + "." + encode(signature), nil
}

func (i *Issuer) configuration(w http.ResponseWriter, _ *http.Request) {
	answerJSON(w, map[string]any{
		"issuer": i.server.URL, "jwks_uri": i.server.URL + "/jwks",
		"authorization_endpoint": i.server.URL + "/authorize", "token_endpoint": i.server.URL + "/token",
		"device_authorization_endpoint": i.server.URL + "/device",
	})
}

func (i *Issuer) keys(w http.ResponseWriter, _ *http.Request) {
	point, err := i.key.PublicKey.Bytes() // 4, then X and Y
	if err != nil {
		http.Error(w, "no key", http.StatusInternalServerError)
		return
	}
	encode := base64.RawURLEncoding.EncodeToString
	answerJSON(w, map[string]any{"keys": []any{map[string]string{
		"kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": issuerKeyID,
		"x": encode(point[1:33]), "y": encode(point[33:]),
	}}})
}

func answerJSON(w http.ResponseWriter, value any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Access-Control-Allow-Origin", "*")
	_ = json.NewEncoder(w).Encode(value)
}
