package token

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"maps"
	"math"
	"math/big"
	"slices"
)

// The shortest modulus that RS256 may be used with, and the longest that is worth
// the time that it takes.
const (
	minRSABits = 2048
	maxRSABits = 8192
)

// key is a public key, for one algorithm and no other.
type key struct {
	algorithm string
	// verify reports whether the key's owner has signed a text.
	verify func(text, signature []byte) bool
}

// keySet is an issuer's public keys by their ids; those without one have "".
type keySet map[string][]key

// only returns a set's key where it is the only one.
func (s keySet) only() []key {
	all := slices.Concat(slices.Collect(maps.Values(s))...)
	if len(all) != 1 {
		return nil
	}
	return all
}

// readKeys reads a JWK set. Keys that are not for signatures, or of which this
// package knows no use, are passed over: an issuer may publish more than this
// side understands.
func readKeys(document []byte) (keySet, error) {
	all, err := readMembers(document)
	if err != nil {
		return nil, err
	}
	var keys []json.RawMessage
	if json.Unmarshal(all["keys"], &keys) != nil || keys == nil {
		return nil, errors.New("it has no list of keys")
	}
	set := keySet{}
	for _, text := range keys {
		jwk, err := readMembers(text)
		if err != nil || !isForSignatures(jwk) {
			continue
		}
		k, id := newKey(jwk), jwk.text("kid")
		if k.algorithm == "" || id == "" && jwk["kid"] != nil || jwk["alg"] != nil && jwk.text("alg") != k.algorithm {
			continue
		}
		set[id] = append(set[id], k)
	}
	return set, nil
}

// isForSignatures reports whether a key is a public one, and may verify. One that
// shows its private part is nobody's any more.
func isForSignatures(jwk members) bool {
	return jwk["d"] == nil &&
		(jwk["use"] == nil || jwk.text("use") == "sig") &&
		(jwk["key_ops"] == nil || slices.Contains(jwk.texts("key_ops"), "verify"))
}

// newKey makes a key of its numbers; of every other kind than the algorithms', or
// of bad numbers, it makes the zero key.
func newKey(jwk members) key {
	switch jwk.text("kty") + " " + jwk.text("crv") {
	case "RSA ":
		return newRSA(jwk.bytes("n"), jwk.bytes("e"))
	case "EC P-256":
		return newP256(jwk.bytes("x"), jwk.bytes("y"))
	case "OKP Ed25519":
		return newEd25519(jwk.bytes("x"))
	}
	return key{}
}

func newRSA(modulus, exponent []byte) key {
	n, e := new(big.Int).SetBytes(modulus), new(big.Int).SetBytes(exponent)
	switch {
	case n.BitLen() < minRSABits, n.BitLen() > maxRSABits, n.Bit(0) == 0:
		return key{}
	case e.Cmp(big.NewInt(3)) < 0, e.Cmp(big.NewInt(math.MaxInt32)) > 0, e.Bit(0) == 0:
		return key{}
	}
	public := &rsa.PublicKey{N: n, E: int(e.Int64())}
	return key{rs256, func(text, signature []byte) bool {
		sum := sha256.Sum256(text)
		return rsa.VerifyPKCS1v15(public, crypto.SHA256, sum[:], signature) == nil
	}}
}

func newP256(x, y []byte) key {
	const size = 32
	public, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), slices.Concat([]byte{4}, x, y))
	if err != nil || len(x) != size {
		return key{}
	}
	return key{es256, func(text, signature []byte) bool {
		if len(signature) != 2*size {
			return false
		}
		r, s := new(big.Int).SetBytes(signature[:size]), new(big.Int).SetBytes(signature[size:])
		sum := sha256.Sum256(text)
		return ecdsa.Verify(public, sum[:], r, s)
	}}
}

func newEd25519(x []byte) key {
	if len(x) != ed25519.PublicKeySize {
		return key{}
	}
	return key{edDSA, func(text, signature []byte) bool { return ed25519.Verify(x, text, signature) }}
}
