package token

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// issuer is an OpenID Connect issuer on the loopback interface that counts its
// requests.
type issuer struct {
	url string
	at  time.Time

	mu                 sync.Mutex
	discovery, jwks    []byte
	status             int
	discovered, served int
	during             func()
	redirect           string
}

// object is a JSON object.
type object = map[string]any

// signers returns one key for each accepted algorithm, created once.
var signers = sync.OnceValue(func() map[string]crypto.Signer {
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	ecKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	_, edKey, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		panic(err)
	}
	return map[string]crypto.Signer{"RS256": rsaKey, "ES256": ecKey, "EdDSA": edKey}
})

// newIssuer publishes each of the signers under its algorithm's name.
func newIssuer(t testing.TB) *issuer {
	t.Helper()
	i := &issuer{at: time.Unix(1_700_000_000, 0), status: http.StatusOK}
	server := httptest.NewServer(i)
	t.Cleanup(server.Close)
	i.url = server.URL + "/tenant"
	i.discovery = encode(object{"issuer": i.url, "jwks_uri": server.URL + "/keys"})
	var keys []jose.JSONWebKey
	for algorithm, signer := range signers() {
		keys = append(keys, jose.JSONWebKey{Key: signer.Public(), KeyID: algorithm, Algorithm: algorithm, Use: "sig"})
	}
	i.publish(keys...)
	return i
}

func (i *issuer) publish(keys ...jose.JSONWebKey) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.jwks = encode(jose.JSONWebKeySet{Keys: keys})
}

func (i *issuer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	i.mu.Lock()
	body, during, status, redirect := i.discovery, i.during, i.status, i.redirect
	switch r.URL.Path {
	case "/tenant/.well-known/openid-configuration":
		i.discovered++
	case "/keys":
		i.served++
		body = i.jwks
	default:
		status = http.StatusNotFound
	}
	i.mu.Unlock()
	if during != nil {
		during()
	}
	if redirect != "" && r.URL.Path == "/keys" {
		http.Redirect(w, r, redirect, http.StatusFound)
		return
	}
	w.WriteHeader(status)
	_, _ = w.Write(body)
}

func (i *issuer) now() time.Time {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.at
}

func (i *issuer) step(by time.Duration) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.at = i.at.Add(by)
}

// fetches returns how often the keys were fetched.
func (i *issuer) fetches() int {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.served
}

func (i *issuer) set(change func()) {
	i.mu.Lock()
	defer i.mu.Unlock()
	change()
}

func (i *issuer) checker() *Checker {
	return New(Config{Issuer: i.url, Audience: "keyward", Claim: DefaultClaim, HTTP: &http.Client{}, Now: i.now})
}

// claims returns a good token's claims with some changed; nil removes one.
func (i *issuer) claims(changes object) object {
	claims := object{
		"iss": i.url, "aud": "keyward", "sub": "1", "email": "ann@example.com", "email_verified": true,
		"exp": i.at.Unix() + 300, "nbf": i.at.Unix() - 1, "iat": i.at.Unix() - 1,
	}
	maps.Copy(claims, changes)
	maps.DeleteFunc(claims, func(_ string, value any) bool { return value == nil })
	return claims
}

// good returns a token signed with the key of that algorithm.
func (i *issuer) good(algorithm string) string {
	return sign(object{"alg": algorithm, "kid": algorithm}, i.claims(nil), signers()[algorithm])
}

func encode(value any) []byte {
	text, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	return text
}

func part(value any) string { return base64.RawURLEncoding.EncodeToString(encode(value)) }

// sign makes a JWT without a library: with a private key, with a shared secret,
// or, for nil, without a signature.
func sign(header, claims object, with any) string {
	input := part(header) + "." + part(claims)
	return input + "." + base64.RawURLEncoding.EncodeToString(signature([]byte(input), with))
}

func signature(input []byte, with any) []byte {
	sum := sha256.Sum256(input)
	var made []byte
	var err error
	switch key := with.(type) {
	case nil:
	case []byte:
		mac := hmac.New(sha256.New, key)
		mac.Write(input)
		made = mac.Sum(nil)
	case *rsa.PrivateKey:
		made, err = rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, sum[:])
	case *ecdsa.PrivateKey:
		r, s, failure := ecdsa.Sign(rand.Reader, key, sum[:])
		if err = failure; err == nil {
			made = append(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32))...)
		}
	case ed25519.PrivateKey:
		made = ed25519.Sign(key, input)
	default:
		err = fmt.Errorf("no way to sign with %T", with)
	}
	if err != nil {
		panic(err)
	}
	return made
}

func encodePart(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }
