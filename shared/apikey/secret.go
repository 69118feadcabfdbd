package apikey

import "time"

// MaxOlder is how many older secrets of a key are remembered. Only the newest of
// them can still be live.
const MaxOlder = 4

// OlderSecret is a secret that a key had before its current one. It never holds
// the secret itself.
type OlderSecret struct {
	// Generation numbers the secrets of a key from 1.
	Generation      int
	Redacted, Start string
	Digest          Digest
	// CreatedOn is when the secret was made, EndsOn when it stops working.
	CreatedOn, EndsOn time.Time
	// AwaitsUse says that the secret ends Overlap after its successor is first
	// used. Until that use is seen, EndsOn is the latest time at which it can
	// end.
	AwaitsUse bool
	Overlap   time.Duration
	// ExposedOn is when the secret, already ended, was last reported as leaked.
	ExposedOn time.Time
}

// EndedPermanently reports whether an older secret of the key had ended when the
// key was last changed. It then never works again, even where a clock is behind.
func (k *Key) EndedPermanently(old OlderSecret) bool { return !old.EndsOn.After(k.LastModifiedOn) }

// LiveSecret reports whether an older secret of the key still verifies at that
// time.
func (k *Key) LiveSecret(old OlderSecret, now time.Time) bool {
	return now.Before(old.EndsOn) && !k.EndedPermanently(old)
}

// CurrentSecretOn returns when the key's current secret was made.
func (k *Key) CurrentSecretOn() time.Time {
	if k.SecretOn.IsZero() {
		return k.CreatedOn
	}
	return k.SecretOn
}

// MadeOn returns when the secret of that generation was made.
func (k *Key) MadeOn(generation int) time.Time {
	for _, old := range k.Older {
		if old.Generation == generation {
			return old.CreatedOn
		}
	}
	return k.CurrentSecretOn()
}

// verifies reports whether the secret of that generation, from 1, verifies at
// that time. The authorizer may have let a secret through that has ended since.
func (k *Key) verifies(generation int, now time.Time) bool {
	generation = max(1, generation)
	if generation == max(1, k.Generation) {
		return true
	}
	for _, old := range k.Older {
		if old.Generation == generation {
			return k.LiveSecret(old, now)
		}
	}
	return false
}

// EndsOn returns when the secret of that generation stops working; zero for
// never.
func (k *Key) EndsOn(generation int) time.Time {
	for _, old := range k.Older {
		if old.Generation == generation && (k.ExpiresOn.IsZero() || old.EndsOn.Before(k.ExpiresOn)) {
			return old.EndsOn
		}
	}
	return k.ExpiresOn
}

// Previous returns the older secret that is still live at that time; nil for
// none.
func (k *Key) Previous(now time.Time) *OlderSecret {
	if len(k.Older) == 0 || !k.LiveSecret(k.Older[0], now) {
		return nil
	}
	return &k.Older[0]
}
