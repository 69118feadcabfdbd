package stacktest

import (
	"crypto/ecdsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"math/big"
	"net/http"
	"slices"
	"strings"
	"testing"
)

// The issuer's tokens verify with its published key.
func TestIssuerSignsWithThePublishedKey(t *testing.T) {
	issuer, err := NewIssuer()
	if err != nil {
		t.Fatal(err)
	}
	defer issuer.Close()
	var found struct {
		Issuer  string `json:"issuer"`
		JWKSURI string `json:"jwks_uri"`
	}
	fetch(t, issuer.server.URL+"/.well-known/openid-configuration", &found)
	var set struct{ Keys []struct{ X, Y, Kid string } }
	fetch(t, found.JWKSURI, &set)
	if found.Issuer != issuer.server.URL || len(set.Keys) != 1 {
		t.Fatalf("%+v %+v", found, set)
	}
	point := slices.Concat([]byte{4}, raw(t, set.Keys[0].X), raw(t, set.Keys[0].Y))
	public, err := ecdsa.ParseUncompressedPublicKey(issuer.key.Curve, point)
	if err != nil {
		t.Fatal(err)
	}
	parts := strings.Split(issuer.Token(t, "a@example.com"), ".")
	signature := raw(t, parts[2])
	if len(signature) != 64 {
		t.Fatalf("a signature of %d bytes", len(signature))
	}
	digest := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	r, s := new(big.Int).SetBytes(signature[:32]), new(big.Int).SetBytes(signature[32:])
	if !ecdsa.Verify(public, digest[:], r, s) {
		t.Error("the token does not verify")
	}
}

func fetch(t *testing.T, url string, into any) {
	t.Helper()
	response, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	if err := json.NewDecoder(response.Body).Decode(into); err != nil {
		t.Fatal(err)
	}
}

func raw(t *testing.T, text string) []byte {
	t.Helper()
	decoded, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return decoded
}
