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

// The minimum modulus that RS256 allows, and the maximum that is worth its time.
const (
	minRSABits = 2048
	maxRSABits = 8192
)

// By default, the library accepts a modulus of at most 4096 bits.
func init() { jose.MaxRSAModulusBits = maxRSABits }

// keySet holds an issuer's public keys by id; keys without an id have "". Each
// is for exactly one algorithm.
type keySet map[string][]jose.JSONWebKey

// only returns the set's key if there is exactly one.
func (s keySet) only() []jose.JSONWebKey {
	all := slices.Concat(slices.Collect(maps.Values(s))...)
	if len(all) != 1 {
		return nil
	}
	return all
}

// readKeys parses a JWK set. It skips keys that are not for signatures and kinds
// of keys that this package does not use, since an issuer may publish those too.
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

// readKey parses a public key for signatures. It is stricter than the library:
// it checks key_ops, requires one spelling of each number, and limits the size
// of RSA keys.
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

// algorithmOf returns the algorithm that a public key is for, or "". A private
// key gets none: it is compromised once published.
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
