package verify

import (
	"context"
	"errors"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/keytext"
)

// secret is which of its key's secrets a credential has.
type secret struct {
	// generation is 0 if the credential has none of them.
	generation int
	// ends is when the secret stops verifying; zero for the current one, which
	// lasts as long as the key.
	ends time.Time
}

// findSecret returns which secret of a record key has, or why it has no live
// one. A key that was never rotated costs one hash. A rotated one costs one for
// each pepper of its secrets, and only if key does not have the current secret.
// An ended secret whose pepper cannot be used counts as a wrong one: it would be
// refused in either case. A live one under a retired pepper is refused.
func (v *Verifier) findSecret(ctx context.Context, key keytext.Key, record *keyRecord) (secret, Code, error) {
	var hashes apikey.Hashes
	otherwise := SecretWrong
	right, err := hashes.Matches(ctx, v.config.Digester, key, record.digest)
	switch {
	case errors.Is(err, apikey.ErrPepperRetired):
		otherwise = PepperRetired
	case err != nil:
		return secret{}, "", unavailable("compute a digest", err)
	case right:
		return record.current(), "", nil
	}
	for _, old := range record.older() {
		right, err := hashes.Matches(ctx, v.config.Digester, key, old.digest)
		ends := time.UnixMilli(old.ends)
		live := !old.ended && v.config.Now().Before(ends)
		switch {
		case live && errors.Is(err, apikey.ErrPepperRetired):
			otherwise = PepperRetired
		case err != nil && live:
			return secret{}, "", unavailable("compute a digest", err)
		case right && live:
			return secret{old.generation, ends}, "", nil
		case right:
			return secret{old.generation, ends}, SecretRetired, nil
		}
	}
	if otherwise == PepperRetired {
		// The same work as for a secret that can be compared.
		_, _ = apikey.Matches(ctx, v.decoy, key, apikey.Digest{})
	}
	return secret{}, otherwise, nil
}

// outdated returns what the digest of the holder's secret can be computed from
// again; nil if its digest is under the active pepper, or a newer one that this
// process has not heard of.
func (v *Verifier) outdated(who holder, key keytext.Key) *Outdated {
	if v.config.ActivePepper == nil {
		return nil
	}
	digest := who.key.digest
	for _, old := range who.key.older() {
		if old.generation == who.secret.generation {
			digest = old.digest
		}
	}
	if digest.Pepper >= v.config.ActivePepper() {
		return nil
	}
	return &Outdated{key, digest}
}
