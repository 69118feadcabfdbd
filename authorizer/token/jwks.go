package token

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"errors"
	"maps"
	"math"
	"slices"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/json"
)

// The shortest modulus that RS256 may be used with, and the longest that is worth
// the time it takes.
const (
	minRSABits = 2048
	maxRSABits = 8192
)

// The library takes no modulus over 4096 bits unless told otherwise.
func init() { jose.MaxRSAModulusBits = maxRSABits }

// keySet is an issuer's public keys by their ids; those without one have "". Each
// has the one algorithm that it is for.
type keySet map[string][]jose.JSONWebKey

// only returns a set's key if it is the only one.
func (s keySet) only() []jose.JSONWebKey {
	all := slices.Concat(slices.Collect(maps.Values(s))...)
	if len(all) != 1 {
		return nil
	}
	return all
}

// readKeys reads a JWK set. It skips keys that are not for signatures, and kinds
// of keys that this package does not use: an issuer may publish more than that.
func readKeys(document []byte) (keySet, error) {
	var all struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if json.Unmarshal(document, &all) != nil || all.Keys == nil {
		return nil, errors.New("it has no list of keys")
	}
	set := keySet{}
	for _, text := range all.Keys {
		if key, ok := readKey(text); ok {
			set[key.KeyID] = append(set[key.KeyID], key)
		}
	}
	return set, nil
}

// readKey reads a public key that may verify. It is stricter than the library: it
// looks at key_ops, requires one spelling of each number, and bounds RSA's.
func readKey(text []byte) (key jose.JSONWebKey, ok bool) {
	var more struct {
		ID         *string  `json:"kid"`
		Curve      string   `json:"crv"`
		Operations []string `json:"key_ops"`
		N          string   `json:"n"`
		E          string   `json:"e"`
		X          string   `json:"x"`
		Y          string   `json:"y"`
	}
	if key.UnmarshalJSON(text) != nil || json.Unmarshal(text, &more) != nil {
		return key, false
	}
	for _, number := range []string{more.N, more.E, more.X, more.Y} {
		if _, err := decode(number); err != nil {
			return key, false
		}
	}
	algorithm := algorithmOf(key.Key, more.Curve)
	if algorithm == "" || key.Algorithm != "" && key.Algorithm != algorithm ||
		key.Use != "" && key.Use != "sig" || more.ID != nil && key.KeyID == "" ||
		more.Operations != nil && !slices.Contains(more.Operations, "verify") {
		return key, false
	}
	key.Algorithm = algorithm
	return key, true
}

// algorithmOf returns the one algorithm that a public key can be used with; empty
// if there is none. Private keys have none: who publishes one has lost it.
func algorithmOf(key any, curve string) string {
	switch key := key.(type) {
	case *rsa.PublicKey:
		if curve == "" && key.N.BitLen() >= minRSABits && key.N.Bit(0) == 1 && key.E >= 3 && key.E <= math.MaxInt32 && key.E%2 == 1 {
			return string(jose.RS256)
		}
	case *ecdsa.PublicKey:
		if key.Curve == elliptic.P256() {
			return string(jose.ES256)
		}
	case ed25519.PublicKey:
		return string(jose.EdDSA)
	}
	return ""
}
