package token

import (
	"crypto/rsa"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
)

// signedTexts returns a token with a header and claims given as text.
func signedTexts(header, claims string) string {
	input := encodePart(header) + "." + encodePart(claims)
	return input + "." + encodePart(string(signature([]byte(input), signers()["ES256"])))
}

const plainHeader = `{"alg":"ES256","kid":"ES256"}`

// A token that two parsers could read differently is refused, even if signed
// with the issuer's key.
func TestAmbiguousTokens(t *testing.T) {
	i := newIssuer(t)
	c := i.checker()
	claims := string(encode(i.claims(nil)))
	also := func(more string) string { return claims[:len(claims)-1] + "," + more + "}" }
	wantSubject(t, "as it is", c, signedTexts(plainHeader, claims))
	wantSubject(t, "with white space", c, signedTexts(" "+plainHeader+"\n", "\t"+claims))
	wantSubject(t, "with more claims", c, signedTexts(plainHeader, also(`"x":{"exp":1,"exp":2},"Exp":1,"EMAIL":"eve@example.com"`)))
	for name, text := range map[string]string{
		"expiry twice":             signedTexts(plainHeader, also(`"exp":9999999999`)),
		"address twice":            signedTexts(plainHeader, also(`"email":"ann@example.com"`)),
		"address, escaped":         signedTexts(plainHeader, also(`"em\u0061il":"ann@example.com"`)),
		"audience twice":           signedTexts(plainHeader, also(`"aud":["keyward"]`)),
		"expiry in another case":   signedTexts(plainHeader, strings.Replace(claims, `"exp"`, `"Exp"`, 1)),
		"expiry is null":           signedTexts(plainHeader, strings.Replace(claims, `"exp":`, `"exp":null,"x":`, 1)),
		"no UTF-8":                 signedTexts(plainHeader, also("\"x\":\"\xff\"")),
		"claims and more":          signedTexts(plainHeader, claims+"{}"),
		"claims are null":          signedTexts(plainHeader, "null"),
		"claims are empty":         signedTexts(plainHeader, ""),
		"claims with a comma":      signedTexts(plainHeader, claims[:len(claims)-1]+",}"),
		"header and more":          signedTexts(plainHeader+"{}", claims),
		"header is a list":         signedTexts("["+plainHeader+"]", claims),
		"algorithm twice":          signedTexts(`{"alg":"ES256","kid":"ES256","alg":"ES256"}`, claims),
		"algorithm, escaped":       signedTexts(`{"alg":"none","kid":"ES256","\u0061lg":"ES256"}`, claims),
		"algorithm, another case":  signedTexts(`{"ALG":"ES256","kid":"ES256"}`, claims),
		"algorithm in small":       signedTexts(`{"alg":"es256","kid":"ES256"}`, claims),
		"critical is null":         signedTexts(`{"alg":"ES256","kid":"ES256","crit":null}`, claims),
		"critical, of a known one": signedTexts(`{"alg":"ES256","kid":"ES256","crit":["exp"],"exp":1}`, claims),
		"deep":                     signedTexts(plainHeader, also(`"x":`+strings.Repeat("[", 3000))),
	} {
		wantRefused(t, name, c, text)
	}
}

// A token has one spelling: no padding, no line breaks, no spare bits.
func TestOneSpelling(t *testing.T) {
	i := newIssuer(t)
	c := i.checker()
	good := i.good("ES256")
	last := strings.IndexByte(alphabet, good[len(good)-1])
	for name, text := range map[string]string{
		"trailing bits": good[:len(good)-1] + alphabet[last+1:last+2], "padded": good + "==", "line break": good + "\n",
		"line break within": strings.Replace(good, ".", ".\r\n", 1), "space": " " + good, "dot": good + ".",
		"other alphabet": strings.NewReplacer("-", "+", "_", "/").Replace(good) + "+",
	} {
		wantRefused(t, name, c, text)
	}
}

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

// input returns the signed part of a token of key 1.
func input(algorithm string) string {
	return part(object{"alg": algorithm, "kid": "1"}) + "." + part(object{})
}

// verifies reports whether a set's key has made the signature.
func verifies(set keySet, input string, signature []byte) bool {
	parsed, err := parse(input + "." + encodePart(string(signature)))
	return err == nil && parsed.verify(set) == nil
}

// A signature of the wrong size, or with numbers out of range, is invalid and
// causes no panic.
func TestOddSignatures(t *testing.T) {
	rsaKey, ecKey, edKey := goodKeys(t)
	sizes := []int{0, 1, 31, 32, 63, 64, 65, 96, 255, 256, 257, 4096}
	for algorithm, jwk := range map[string]object{"RS256": rsaKey, "ES256": ecKey, "EdDSA": edKey} {
		set, err := readKeys(encodeKeys(jwk))
		if err != nil || len(set["1"]) != 1 {
			t.Fatal(err)
		}
		for _, size := range sizes {
			for _, fill := range []string{"\x00", "\xff", "\x01"} {
				if verifies(set, input(algorithm), []byte(strings.Repeat(fill, size))) {
					t.Errorf("%s: %d bytes of %q are a signature", jwk["kty"], size, fill)
				}
			}
		}
	}
}

// A signature with the right numbers in too many bytes is invalid.
func TestLongSignature(t *testing.T) {
	_, ecKey, _ := goodKeys(t)
	set, err := readKeys(encodeKeys(ecKey))
	if err != nil {
		t.Fatal(err)
	}
	made := signature([]byte(input("ES256")), signers()["ES256"])
	for name, test := range map[string]struct {
		signature []byte
		good      bool
	}{
		"as it is": {made, true}, "zero before": {slices.Concat([]byte{0}, made), false},
		"zero between": {slices.Concat(made[:32], []byte{0}, made[32:]), false}, "zero after": {slices.Concat(made, []byte{0}), false},
	} {
		if got := verifies(set, input("ES256"), test.signature); got != test.good {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// Tokens signed by the library are valid too; the other tests sign without it.
func TestTokensOfTheLibrary(t *testing.T) {
	i := newIssuer(t)
	c := i.checker()
	for algorithm, private := range signers() {
		signer, err := jose.NewSigner(jose.SigningKey{
			Algorithm: jose.SignatureAlgorithm(algorithm), Key: jose.JSONWebKey{Key: private, KeyID: algorithm},
		}, (&jose.SignerOptions{}).WithType("at+jwt"))
		if err != nil {
			t.Fatal(err)
		}
		text, err := jwt.Signed(signer).Claims(i.claims(object{"exp": jwt.NewNumericDate(i.at.Add(time.Minute))})).Serialize()
		if err != nil {
			t.Fatal(err)
		}
		wantSubject(t, algorithm, c, text)
	}
}

// FuzzToken signs any header and any claims with each of the issuer's keys. An
// accepted token names that key and its algorithm, has no critical extension,
// and its address is the one that the standard library reads.
func FuzzToken(f *testing.F) {
	i := newIssuer(f)
	c := i.checker()
	claims := string(encode(i.claims(nil)))
	for _, header := range []string{plainHeader, `{"alg":"RS256","kid":"RS256","typ":"JWT"}`, `{"alg":"EdDSA","kid":"EdDSA","crit":[]}`} {
		f.Add(header, claims)
	}
	f.Add(plainHeader, `{"exp":1e3,"exp":1,"email_verified":"true"}`)
	f.Fuzz(func(t *testing.T, header, claims string) {
		input := encodePart(header) + "." + encodePart(claims)
		for name, signer := range signers() {
			if _, slow := signer.(*rsa.PrivateKey); slow && !strings.Contains(header, "RS256") {
				continue
			}
			text := input + "." + encodePart(string(signature([]byte(input), signer)))
			address, err := c.Subject(t.Context(), text)
			if err != nil {
				continue
			}
			var head, all map[string]any
			if json.Unmarshal([]byte(header), &head) != nil || json.Unmarshal([]byte(claims), &all) != nil {
				t.Fatalf("%q or %q is no JSON object", header, claims)
			}
			_, critical := head["crit"]
			if critical || head["alg"] != name || head["kid"] != name || all["email"] != address || all["iss"] != i.url {
				t.Errorf("%s with %s, signed with %s: %q", header, claims, name, address)
			}
		}
	})
}
