package token

import (
	"crypto/rsa"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
)

// signedTexts is a token of a header and claims that are given as text.
func signedTexts(header, claims string) string {
	input := encodePart(header) + "." + encodePart(claims)
	return input + "." + encodePart(string(signature([]byte(input), signers()["ES256"])))
}

const plainHeader = `{"alg":"ES256","kid":"ES256"}`

// What two readers could read as two things is refused, though the issuer's own
// key has signed it.
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

// A token has one spelling: no padding, no line breaks, no bits to spare.
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

// A signature of another size than its algorithm's, or of numbers out of range,
// is wrong, and no reason to panic.
func TestOddSignatures(t *testing.T) {
	rsaKey, ecKey, edKey := goodKeys(t)
	sizes := []int{0, 1, 31, 32, 63, 64, 65, 96, 255, 256, 257, 4096}
	for _, jwk := range []object{rsaKey, ecKey, edKey} {
		set, err := readKeys(encodeKeys(jwk))
		if err != nil || len(set["1"]) != 1 {
			t.Fatal(err)
		}
		for _, size := range sizes {
			for _, fill := range []string{"\x00", "\xff", "\x01"} {
				if set["1"][0].verify([]byte("text"), []byte(strings.Repeat(fill, size))) {
					t.Errorf("%s: %d bytes of %q are a signature", jwk["kty"], size, fill)
				}
			}
		}
	}
}

// A signature of the right numbers in more bytes than they have is wrong.
func TestLongSignature(t *testing.T) {
	_, ecKey, _ := goodKeys(t)
	set, err := readKeys(encodeKeys(ecKey))
	if err != nil {
		t.Fatal(err)
	}
	made := signature([]byte("text"), signers()["ES256"])
	for name, test := range map[string]struct {
		signature []byte
		good      bool
	}{
		"as it is": {made, true}, "zero before": {slices.Concat([]byte{0}, made), false},
		"zero between": {slices.Concat(made[:32], []byte{0}, made[32:]), false}, "zero after": {slices.Concat(made, []byte{0}), false},
	} {
		if got := set["1"][0].verify([]byte("text"), test.signature); got != test.good {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// Tokens that another implementation has signed are good.
func TestTokensOfOthers(t *testing.T) {
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

// FuzzToken has the issuer sign any header and any claims with each of its keys.
// What is taken, go-jose takes too, and reads the same address.
func FuzzToken(f *testing.F) {
	i := newIssuer(f)
	c := i.checker()
	claims := string(encode(i.claims(nil)))
	for _, header := range []string{plainHeader, `{"alg":"RS256","kid":"RS256","typ":"JWT"}`, `{"alg":"EdDSA","kid":"EdDSA","crit":[]}`} {
		f.Add(header, claims)
	}
	f.Add(plainHeader, `{"exp":1e3,"exp":1,"email_verified":"true"}`)
	keys := map[string]any{}
	for algorithm, signer := range signers() {
		keys[algorithm] = signer.Public()
	}
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
			parsed, err := jwt.ParseSigned(text, []jose.SignatureAlgorithm{jose.SignatureAlgorithm(name)})
			if err != nil && readsMore(header) {
				continue
			}
			var all map[string]any
			if err != nil || parsed.Claims(keys[name], &all) != nil || all["email"] != address {
				t.Errorf("%s, signed with %s: %q; go-jose has %v, %v", header, name, address, all, err)
			}
		}
	})
}

// readsMore reports whether a header has what go-jose reads and this package
// does not look at.
func readsMore(header string) bool {
	all, _ := readMembers([]byte(header))
	for _, name := range []string{"jwk", "jku", "x5c", "x5u", "x5t", "x5t#S256", "nonce", "b64", "enc", "cty"} {
		if all[name] != nil {
			return true
		}
	}
	return false
}
