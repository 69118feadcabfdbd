package token

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"

	"github.com/keyward/keyward/shared/fetch"
)

// An invalid discovery document or key set is an outage: nothing in it is used.
func TestBadDocuments(t *testing.T) {
	for name, spoil := range map[string]func(*issuer){
		"discovery, no JSON":        func(i *issuer) { i.discovery = []byte("<html>") },
		"discovery, another issuer": func(i *issuer) { i.discovery = encode(object{"issuer": "https://e.com", "jwks_uri": i.url}) },
		"discovery, slash":          func(i *issuer) { i.discovery = encode(object{"issuer": i.url + "/", "jwks_uri": keysOf(i)}) },
		"discovery, no keys":        func(i *issuer) { i.discovery = encode(object{"issuer": i.url}) },
		"discovery, file":           func(i *issuer) { i.discovery = encode(object{"issuer": i.url, "jwks_uri": "file:///etc/passwd"}) },
		"discovery, http elsewhere": func(i *issuer) { i.discovery = encode(object{"issuer": i.url, "jwks_uri": "http://192.0.2.1/keys"}) },
		"discovery, huge":           func(i *issuer) { i.discovery = append(i.discovery, strings.Repeat(" ", fetch.MaxDocument)...) },
		"keys, no JSON":             func(i *issuer) { i.jwks = []byte("{") },
		"keys, a list":              func(i *issuer) { i.jwks = []byte("[]") },
		"keys, huge":                func(i *issuer) { i.jwks = append(i.jwks, strings.Repeat(" ", fetch.MaxDocument)...) },
		"keys, redirected":          func(i *issuer) { i.redirect = elsewhere(t, i.jwks) },
	} {
		i := newIssuer(t)
		spoil(i)
		wantOutage(t, name, i.checker(), i.good("RS256"))
	}
}

func keysOf(i *issuer) string { return strings.TrimSuffix(i.url, "/tenant") + "/keys" }

// elsewhere serves a good key set at another address.
func elsewhere(t *testing.T, jwks []byte) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(jwks) }))
	t.Cleanup(server.Close)
	return server.URL
}

// A document of the maximum length is read completely.
func TestLongestDocument(t *testing.T) {
	i := newIssuer(t)
	i.jwks = append(i.jwks, strings.Repeat(" ", fetch.MaxDocument-len(i.jwks))...)
	wantSubject(t, "64 KiB", i.checker(), i.good("RS256"))
}

// The keys of an https issuer are never fetched without TLS.
func TestNoDowngrade(t *testing.T) {
	i := newIssuer(t)
	server := httptest.NewTLSServer(i)
	t.Cleanup(server.Close)
	clear := keysOf(i)
	i.url = server.URL + "/tenant"
	for keys, good := range map[string]bool{server.URL + "/keys": true, clear: false} {
		i.discovery = encode(object{"issuer": i.url, "jwks_uri": keys})
		c := i.checker()
		c.keys.http = server.Client()
		if good {
			wantSubject(t, keys, c, i.good("RS256"))
		} else {
			wantOutage(t, keys, c, i.good("RS256"))
		}
	}
}

// A published key is used only for signatures, and only with its own algorithm.
// Unusable keys are skipped and do not affect the rest.
func TestKeyUse(t *testing.T) {
	public := signers()["ES256"].Public()
	p384, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	short, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	key := func(id string, key any, algorithm, use string) jose.JSONWebKey {
		return jose.JSONWebKey{Key: key, KeyID: id, Algorithm: algorithm, Use: use}
	}
	i := newIssuer(t)
	i.publish(
		key("plain", public, "", ""), key("ES256", public, "ES256", "sig"), key("encryption", public, "", "enc"),
		key("other algorithm", public, "ES384", "sig"), key("P-384", p384.Public(), "", ""), key("short", short.Public(), "", ""),
		key("private", signers()["ES256"], "", ""), key("secret", []byte("0123456789abcdef0123456789abcdef"), "HS256", "sig"), key("", public, "", ""),
	)
	set, err := readKeys([]byte(strings.Replace(string(i.jwks), `"keys":[`, `"keys":[{"kty":"new","kid":"new"},7,{},`, 1)))
	if err != nil {
		t.Fatal(err)
	}
	for id := range set {
		if id != "plain" && id != "ES256" && id != "" {
			t.Errorf("key %q is used", id)
		}
	}
	if len(set) != 3 {
		t.Errorf("%d keys are used, want 3", len(set))
	}
}
