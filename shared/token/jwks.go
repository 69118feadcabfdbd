package token

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"encoding/json"

	"github.com/go-jose/go-jose/v4"
)

// minRSABits is the shortest modulus that RS256 may be used with.
const minRSABits = 2048

// key is a public key, for one algorithm and no other.
type key struct {
	public    any
	algorithm jose.SignatureAlgorithm
}

// keySet is an issuer's public keys by their ids.
type keySet map[string][]key

// publicFor is the key of an id for that algorithm; nil where there is none.
func publicFor(keys []key, algorithm string) any {
	for _, k := range keys {
		if string(k.algorithm) == algorithm {
			return k.public
		}
	}
	return nil
}

// readKeys reads a JWK set. Keys that are not for signatures, that have no id,
// or of which this package knows no use, are passed over: an issuer may publish
// more than this side understands.
func readKeys(document []byte) (keySet, error) {
	var all struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if err := json.Unmarshal(document, &all); err != nil {
		return nil, err
	}
	set := keySet{}
	for _, text := range all.Keys {
		var jwk jose.JSONWebKey
		if jwk.UnmarshalJSON(text) != nil || jwk.KeyID == "" || jwk.Use != "" && jwk.Use != "sig" {
			continue
		}
		algorithm := algorithmOf(jwk.Key)
		if algorithm == "" || jwk.Algorithm != "" && jwk.Algorithm != string(algorithm) {
			continue
		}
		set[jwk.KeyID] = append(set[jwk.KeyID], key{jwk.Key, algorithm})
	}
	return set, nil
}

// algorithmOf is the one algorithm that a public key is used with; empty for
// every other key.
func algorithmOf(public any) jose.SignatureAlgorithm {
	switch public := public.(type) {
	case *rsa.PublicKey:
		if public.N.BitLen() >= minRSABits {
			return jose.RS256
		}
	case *ecdsa.PublicKey:
		if public.Curve == elliptic.P256() {
			return jose.ES256
		}
	case ed25519.PublicKey:
		return jose.EdDSA
	}
	return ""
}
