package github

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"

	"github.com/keyward/keyward/shared/fetch"
)

// refresh fetches the keys, unless that was tried a moment ago. With an error,
// it returns the keys that can still be used. It is not called concurrently.
func (c *Checker) refresh(ctx context.Context) (keySet, error) {
	now := c.now()
	keys := c.known()
	if now.Sub(c.triedOn) >= fetchInterval {
		var byID map[string]*ecdsa.PublicKey
		text, err := fetch.Document(ctx, c.client, c.url)
		if err == nil {
			byID, err = parse(text)
		}
		if c.triedOn, c.failed = now, err; err == nil {
			keys = keySet{byID, now}
			c.remember(keys)
		}
	}
	if c.failed != nil && now.Sub(keys.readOn) >= usable {
		return keySet{}, c.failed
	}
	return keys, c.failed
}

func (c *Checker) known() keySet {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.keys
}

func (c *Checker) remember(keys keySet) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.keys = keys
}

// parse reads the document of keys. It leaves out keys of other kinds than
// ECDSA P-256, and fails if no key is left.
func parse(text []byte) (map[string]*ecdsa.PublicKey, error) {
	var document struct {
		Keys []struct {
			Identifier string `json:"key_identifier"`
			Key        string `json:"key"`
		} `json:"public_keys"`
	}
	if err := json.Unmarshal(text, &document); err != nil {
		return nil, err
	}
	keys := map[string]*ecdsa.PublicKey{}
	for _, published := range document.Keys {
		block, _ := pem.Decode([]byte(published.Key))
		if block == nil || published.Identifier == "" {
			continue
		}
		parsed, err := x509.ParsePKIXPublicKey(block.Bytes)
		if key, ok := parsed.(*ecdsa.PublicKey); err == nil && ok && key.Curve == elliptic.P256() {
			keys[published.Identifier] = key
		}
	}
	if len(keys) == 0 {
		return nil, errors.New("the document has no ECDSA P-256 key")
	}
	return keys, nil
}
