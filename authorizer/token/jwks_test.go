package token

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"maps"
	"math/big"
	"testing"
)

func number(n *big.Int) string { return base64.RawURLEncoding.EncodeToString(n.Bytes()) }

// odd returns an odd number of that many bits.
func odd(bits int) *big.Int {
	n := new(big.Int).Lsh(big.NewInt(1), uint(bits-1))
	return n.SetBit(n, 0, 1)
}

// goodKeys returns one published key of each kind, as JWKs.
func goodKeys(t testing.TB) (rsaKey, ecKey, edKey object) {
	t.Helper()
	point, err := signers()["ES256"].Public().(*ecdsa.PublicKey).Bytes()
	if err != nil {
		t.Fatal(err)
	}
	x, y := point[1:33], point[33:]
	encode := base64.RawURLEncoding.EncodeToString
	return object{"kid": "1", "kty": "RSA", "n": number(signers()["RS256"].Public().(*rsa.PublicKey).N), "e": "AQAB"},
		object{"kid": "1", "kty": "EC", "crv": "P-256", "x": encode(x), "y": encode(y)},
		object{"kid": "1", "kty": "OKP", "crv": "Ed25519", "x": encode(signers()["EdDSA"].Public().(ed25519.PublicKey))}
}

func with(base, changes object) object {
	changed := maps.Clone(base)
	maps.Copy(changed, changes)
	maps.DeleteFunc(changed, func(_ string, value any) bool { return value == nil })
	return changed
}

// A key is accepted only if its kind, curve and size are sound and its declared
// use and algorithm fit.
func TestPublishedKeys(t *testing.T) {
	rsaKey, ecKey, edKey := goodKeys(t)
	p384, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	wide, err := p384.PublicKey.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	encode := base64.RawURLEncoding.EncodeToString
	for name, test := range map[string]struct {
		jwk  object
		good bool
	}{
		"RSA": {rsaKey, true}, "EC": {ecKey, true}, "OKP": {edKey, true},
		"with its algorithm":       {with(rsaKey, object{"alg": "RS256"}), true},
		"to verify":                {with(ecKey, object{"key_ops": []string{"sign", "verify"}}), true},
		"RSA of 8192 bits":         {with(rsaKey, object{"n": number(odd(8192))}), true},
		"RSA, e is 3":              {with(rsaKey, object{"e": "Aw"}), true},
		"RSA of 2047 bits":         {with(rsaKey, object{"n": number(odd(2047))}), false},
		"RSA of 8193 bits":         {with(rsaKey, object{"n": number(odd(8193))}), false},
		"RSA, even modulus":        {with(rsaKey, object{"n": number(new(big.Int).Add(odd(2048), big.NewInt(1)))}), false},
		"RSA, no modulus":          {with(rsaKey, object{"n": nil}), false},
		"RSA, no exponent":         {with(rsaKey, object{"e": nil}), false},
		"RSA, e is 0":              {with(rsaKey, object{"e": "AA"}), false},
		"RSA, e is 1":              {with(rsaKey, object{"e": "AQ"}), false},
		"RSA, e is 2":              {with(rsaKey, object{"e": "Ag"}), false},
		"RSA, e is even":           {with(rsaKey, object{"e": "AQAA"}), false},
		"RSA, e of 32 bits":        {with(rsaKey, object{"e": number(odd(32))}), false},
		"RSA, e of 65 bits":        {with(rsaKey, object{"e": number(odd(65))}), false},
		"RSA, e of 2000 bits":      {with(rsaKey, object{"e": number(odd(2000))}), false},
		"RSA, e is a number":       {with(rsaKey, object{"e": 65537}), false},
		"RSA, padded":              {with(rsaKey, object{"e": "AQAB===="}), false},
		"RSA, trailing bits":       {with(rsaKey, object{"e": "Ax"}), false},
		"RSA with a curve":         {with(rsaKey, object{"crv": "P-256"}), false},
		"RSA as ES256":             {with(rsaKey, object{"alg": "ES256"}), false},
		"RSA as RS512":             {with(rsaKey, object{"alg": "RS512"}), false},
		"RSA as HS256":             {with(rsaKey, object{"alg": "HS256"}), false},
		"RSA, private":             {with(rsaKey, object{"d": "AQAB"}), false},
		"another curve's name":     {with(ecKey, object{"crv": "P-384"}), false},
		"another curve's point":    {with(ecKey, object{"x": encode(wide[1:49]), "y": encode(wide[49:])}), false},
		"point off the curve":      {with(ecKey, object{"x": ecKey["y"], "y": ecKey["x"]}), false},
		"point at infinity":        {with(ecKey, object{"x": encode(make([]byte, 32)), "y": encode(make([]byte, 32))}), false},
		"shifted coordinates":      {shifted(ecKey), false},
		"no y":                     {with(ecKey, object{"y": nil}), false},
		"curve in small letters":   {with(ecKey, object{"crv": "p-256"}), false},
		"EC as RSA":                {with(ecKey, object{"kty": "RSA"}), false},
		"EC as EdDSA":              {with(ecKey, object{"alg": "EdDSA"}), false},
		"Ed25519, short":           {with(edKey, object{"x": encode(make([]byte, 31))}), false},
		"Ed25519, long":            {with(edKey, object{"x": encode(make([]byte, 33))}), false},
		"X25519":                   {with(edKey, object{"crv": "X25519"}), false},
		"shared secret":            {object{"kid": "1", "kty": "oct", "k": "AQAB", "alg": "HS256"}, false},
		"for encryption":           {with(ecKey, object{"use": "enc"}), false},
		"use is a list":            {with(ecKey, object{"use": []string{"sig"}}), false},
		"to sign":                  {with(ecKey, object{"key_ops": []string{"sign"}}), false},
		"for nothing":              {with(ecKey, object{"key_ops": []string{}}), false},
		"algorithm is a number":    {with(ecKey, object{"alg": 256}), false},
		"id is a number":           {with(ecKey, object{"kid": 1}), false},
		"kind in another spelling": {with(ecKey, object{"kty": nil, "KTY": "EC"}), false},
	} {
		set, err := readKeys(encodeKeys(test.jwk))
		if err != nil || (len(set["1"]) == 1) != test.good || len(set) > 1 {
			t.Errorf("%s: %d keys, %v", name, len(set), err)
		}
	}
}

func encodeKeys(keys ...object) []byte { return encode(object{"keys": keys}) }

// shifted moves a byte of the point from one coordinate to the other.
func shifted(key object) object {
	x, _ := base64.RawURLEncoding.DecodeString(key["x"].(string))
	y, _ := base64.RawURLEncoding.DecodeString(key["y"].(string))
	return with(key, object{
		"x": base64.RawURLEncoding.EncodeToString(append(x, y[0])), "y": base64.RawURLEncoding.EncodeToString(y[1:]),
	})
}

// A key with a duplicate member is refused. A document without a list of keys is
// invalid, because skipping it would refuse good tokens.
func TestAmbiguousKeys(t *testing.T) {
	_, ecKey, _ := goodKeys(t)
	twice := string(encode(ecKey))
	twice = `{"use":"enc",` + twice[1:len(twice)-1] + `,"use":"sig"}`
	if set, err := readKeys([]byte(`{"keys":[` + twice + `]}`)); err != nil || len(set) != 0 {
		t.Errorf("%d keys, %v", len(set), err)
	}
	for document, good := range map[string]bool{
		` {"keys":[]} `: true, `{}`: false, `{"keys":null}`: false, `{"keys":{}}`: false,
		`{"keys":[],"keys":[]}`: false, `{"Keys":[]}`: false, `{"keys":[]}{}`: false,
	} {
		if set, err := readKeys([]byte(document)); (err == nil) != good {
			t.Errorf("%s: %d keys, %v", document, len(set), err)
		}
	}
}
