package token

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// Only a token signed with the issuer's key and that key's one algorithm is
// valid, whatever its header says. No attempt makes the checker ask the issuer
// more than once after the first fetch.
func TestForgeries(t *testing.T) {
	i := newIssuer(t)
	c := i.checker()
	wantSubject(t, "good", c, i.good("RS256"))
	for name, text := range forgeries(t, i) {
		wantRefused(t, name, c, text)
	}
	if i.fetches() > 2 {
		t.Errorf("%d fetches", i.fetches())
	}
}

func forgeries(t *testing.T, i *issuer) map[string]string {
	t.Helper()
	rsaKey, ecKey := signers()["RS256"].(*rsa.PrivateKey), signers()["ES256"]
	own, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	ownJWK := jose.JSONWebKey{Key: own.Public(), KeyID: "ES256", Algorithm: "ES256"}
	claims, good := i.claims(nil), i.good("ES256")
	parts := strings.Split(good, ".")
	head := func(more object) object {
		header := object{"alg": "ES256", "kid": "ES256"}
		for name, value := range more {
			header[name] = value
		}
		return header
	}
	forged := map[string]string{
		"none":                  sign(object{"alg": "none"}, claims, nil),
		"none with a key":       sign(object{"alg": "none", "kid": "RS256"}, claims, nil),
		"None":                  sign(object{"alg": "None", "kid": "RS256"}, claims, nil),
		"no algorithm":          sign(object{"kid": "ES256"}, claims, ecKey),
		"algorithm is a list":   sign(object{"alg": []string{"ES256"}, "kid": "ES256"}, claims, ecKey),
		"RS256 as ES256":        sign(object{"alg": "ES256", "kid": "RS256"}, claims, rsaKey),
		"RS256 as PS256":        sign(object{"alg": "PS256", "kid": "RS256"}, claims, rsaKey),
		"RS256 as RS512":        sign(object{"alg": "RS512", "kid": "RS256"}, claims, rsaKey),
		"ES256 as RS256":        sign(object{"alg": "RS256", "kid": "ES256"}, claims, ecKey),
		"ES256 as ES384":        sign(object{"alg": "ES384", "kid": "ES256"}, claims, ecKey),
		"EdDSA as ES256":        sign(object{"alg": "ES256", "kid": "EdDSA"}, claims, signers()["EdDSA"]),
		"another's key":         sign(head(nil), claims, own),
		"embedded key":          sign(head(object{"jwk": ownJWK}), claims, own),
		"key by URL":            sign(head(object{"jku": i.url + "/evil"}), claims, own),
		"certificate":           sign(head(object{"x5c": []string{"AAAA"}}), claims, own),
		"critical":              sign(head(object{"crit": []string{"b64"}}), claims, ecKey),
		"critical, b64":         sign(head(object{"crit": []string{"b64"}, "b64": false}), claims, ecKey),
		"critical, unknown":     sign(head(object{"crit": []string{"x"}, "x": 1}), claims, ecKey),
		"critical, empty":       sign(head(object{"crit": []string{}}), claims, ecKey),
		"no key id":             sign(object{"alg": "ES256"}, claims, ecKey),
		"empty key id":          sign(object{"alg": "ES256", "kid": ""}, claims, ecKey),
		"key id is a number":    sign(object{"alg": "ES256", "kid": 7}, claims, ecKey),
		"long key id":           sign(object{"alg": "ES256", "kid": strings.Repeat("k", 1000)}, claims, ecKey),
		"unknown key id":        sign(object{"alg": "ES256", "kid": "../ES256"}, claims, ecKey),
		"other claims":          parts[0] + "." + part(i.claims(object{"email": "eve@example.com"})) + "." + parts[2],
		"other header":          part(head(object{"typ": "JWT"})) + "." + parts[1] + "." + parts[2],
		"empty signature":       parts[0] + "." + parts[1] + ".",
		"zero signature":        parts[0] + "." + parts[1] + "." + strings.Repeat("A", 86),
		"short signature":       good[:len(good)-4],
		"claims are a list":     parts[0] + "." + part([]int{1}) + "." + parts[2],
		"not a token":           "a.b.c",
		"two parts":             parts[0] + "." + parts[1],
		"four parts":            good + ".AAAA",
		"JSON serialization":    `{"payload":"` + parts[1] + `","protected":"` + parts[0] + `","signature":"` + parts[2] + `"}`,
		"huge":                  good + strings.Repeat("A", 1<<20),
		"empty":                 "",
		"too long":              sign(head(nil), i.claims(object{"pad": strings.Repeat("A", MaxBytes*3/4)}), ecKey),
		"duplicate header name": rawHeader(`{"alg":"ES256","kid":"ES256","alg":"none"}`, i, ecKey),
	}
	for name, secret := range publicForms(t, rsaKey) {
		forged["HS256 with the public key, "+name] = sign(object{"alg": "HS256", "kid": "RS256"}, claims, secret)
		forged["RS256 made by HMAC, "+name] = sign(object{"alg": "RS256", "kid": "RS256"}, claims, secret)
	}
	return forged
}

// rawHeader signs a header that is given as text.
func rawHeader(text string, i *issuer, key any) string {
	input := encodePart(text) + "." + part(i.claims(nil))
	return input + "." + encodePart(string(signature([]byte(input), key)))
}

// publicForms returns the encodings of a public key that a careless verifier
// might use as a shared secret.
func publicForms(t *testing.T, key *rsa.PrivateKey) map[string][]byte {
	t.Helper()
	der, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		t.Fatal(err)
	}
	return map[string][]byte{
		"PEM": pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}), "DER": der,
		"JWK": encode(jose.JSONWebKey{Key: key.Public(), KeyID: "RS256"}), "modulus": key.N.Bytes(),
	}
}

// A good token with an embedded key is checked with the issuer's key.
func TestEmbeddedKeyIsIgnored(t *testing.T) {
	i := newIssuer(t)
	jwk := jose.JSONWebKey{Key: signers()["RS256"].Public(), KeyID: "ES256"}
	text := sign(object{"alg": "ES256", "kid": "ES256", "jwk": jwk}, i.claims(nil), signers()["ES256"])
	wantSubject(t, "embedded", i.checker(), text)
}

// A token without a key id is valid if the issuer publishes exactly one usable
// key, named or not, and the token is signed with it and its algorithm. With
// several keys it is refused. A key id that is present must match.
func TestTokensWithoutKeyID(t *testing.T) {
	public := signers()["ES256"].Public()
	named := jose.JSONWebKey{Key: public, KeyID: "ES256", Algorithm: "ES256", Use: "sig"}
	unnamed := jose.JSONWebKey{Key: public}
	secret := jose.JSONWebKey{Key: []byte("0123456789abcdef0123456789abcdef"), Algorithm: "HS256"}
	encryption := jose.JSONWebKey{Key: signers()["RS256"].Public(), KeyID: "enc", Use: "enc"}
	other := jose.JSONWebKey{Key: signers()["EdDSA"].Public()}
	for name, test := range map[string]struct {
		published []jose.JSONWebKey
		good      bool
	}{
		"one":                   {[]jose.JSONWebKey{named}, true},
		"one without id":        {[]jose.JSONWebKey{unnamed}, true},
		"one that can be used":  {[]jose.JSONWebKey{secret, encryption, named}, true},
		"two":                   {[]jose.JSONWebKey{named, other}, false},
		"two without ids":       {[]jose.JSONWebKey{unnamed, other}, false},
		"two of one id":         {[]jose.JSONWebKey{named, {Key: signers()["EdDSA"].Public(), KeyID: "ES256"}}, false},
		"one of another's":      {[]jose.JSONWebKey{other}, false},
		"none":                  {[]jose.JSONWebKey{}, false},
		"none that can be used": {[]jose.JSONWebKey{encryption, secret}, false},
	} {
		i := newIssuer(t)
		i.publish(test.published...)
		c := i.checker()
		text := sign(object{"alg": "ES256"}, i.claims(nil), signers()["ES256"])
		if test.good {
			wantSubject(t, name, c, text)
		} else {
			wantRefused(t, name, c, text)
		}
		for _, id := range []any{"", 7, json.RawMessage("null"), []string{"ES256"}, "unknown"} {
			wantRefused(t, name+", another id", c, sign(object{"alg": "ES256", "kid": id}, i.claims(nil), signers()["ES256"]))
		}
		wantRefused(t, name+", none", c, sign(object{"alg": "none"}, i.claims(nil), nil))
		wantRefused(t, name+", another's algorithm", c, sign(object{"alg": "EdDSA"}, i.claims(nil), signers()["ES256"]))
		wantRefused(t, name+", shared secret", c, sign(object{"alg": "HS256"}, i.claims(nil), secret.Key.([]byte)))
		wantRefused(t, name+", another's key", c, sign(object{"alg": "RS256"}, i.claims(nil), signers()["RS256"]))
	}
}

// After the issuer replaces its only key, tokens without a key id are valid with
// the new one a second later. Forged ones do not make the checker ask more often
// than that.
func TestRotationWithoutKeyID(t *testing.T) {
	i := newIssuer(t)
	c := i.checker()
	text := func(algorithm string) string {
		return sign(object{"alg": algorithm}, i.claims(object{"exp": i.now().Unix() + 300}), signers()[algorithm])
	}
	i.publish(jose.JSONWebKey{Key: signers()["ES256"].Public()})
	wantSubject(t, "first", c, text("ES256"))
	i.publish(jose.JSONWebKey{Key: signers()["EdDSA"].Public()})
	i.step(time.Second)
	wantSubject(t, "second", c, text("EdDSA"))
	for range 40 {
		wantRefused(t, "withdrawn", c, text("ES256"))
		wantSubject(t, "second", c, text("EdDSA"))
		i.step(time.Second / 20)
	}
	if i.fetches() > 4 {
		t.Errorf("%d fetches in two seconds", i.fetches())
	}
}

// A token that cannot be valid does not make the checker ask the issuer.
func TestHopelessTokensCostNothing(t *testing.T) {
	i := newIssuer(t)
	c := i.checker()
	for name, claims := range map[string]object{
		"expired": {"exp": i.at.Unix() - 3600}, "another issuer": {"iss": "https://other.example.com"}, "another audience": {"aud": "x"},
	} {
		wantRefused(t, name, c, sign(object{"alg": "ES256", "kid": "fresh"}, i.claims(claims), signers()["ES256"]))
	}
	if i.discovered+i.served != 0 {
		t.Errorf("%d discoveries and %d fetches", i.discovered, i.served)
	}
}
