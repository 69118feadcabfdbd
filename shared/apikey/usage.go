package apikey

import (
	"context"
	"net/netip"
	"slices"
	"time"

	"github.com/keyward/keyward/shared/uuid"
)

// UsageRetention is how long the uses of a key are kept.
const UsageRetention = 90 * 24 * time.Hour

// Day is the length of the period that one [Uses] covers.
const Day = 24 * time.Hour

// Uses is what authorizers of one region counted of one key on one day. It
// decides nothing. Times are UTC, in whole milliseconds.
type Uses struct {
	Key uuid.UUID
	Org OrgID
	// Day is the midnight at which the day begins.
	Day    time.Time
	Region string
	Counts []UseCount
	// LastOn and LastFrom are when and from where the key was last used: by a
	// request that showed a live secret of a usable key, whether or not it was
	// allowed. LastOn is zero if all requests were refused before that.
	LastOn   time.Time
	LastFrom netip.Addr
	// Secrets says when each of the key's secrets was last used.
	Secrets []SecretUse
	// Retired is the last request with a secret that had ended, and its address.
	// The zero value means that there was none.
	Retired     SecretUse
	RetiredFrom netip.Addr
	// Rehash is what the digest of a secret that was used would be under a newer
	// pepper; zero if no authorizer says so.
	Rehash Rehash
}

// Rehash proposes to replace the digest From of a key's secret by To, which is the
// digest of the same secret under a newer pepper.
type Rehash struct {
	Generation int
	From, To   Digest
}

// UseCount is how many requests of an hour had the same result: they were
// allowed by Permission, which is empty if the route needed none, or refused
// with Code.
type UseCount struct {
	// Hour is 0 to 23.
	Hour             int
	Permission, Code string
	Requests         int64
}

// SecretUse says when the secret of a generation was used last, and from where.
// See [Key.Generation].
type SecretUse struct {
	Generation int
	On         time.Time
	// From is zero if the address is unknown.
	From netip.Addr
	// FirstOn is the earliest use that is known.
	FirstOn time.Time
}

// UsesAdder adds to the recorded uses of a key.
type UsesAdder interface {
	// AddUses adds the counts to those of the key, region and day, and replaces
	// the times, except for the first use of a secret. It is not idempotent:
	// after an [Unavailable] error, the counts may have been added. [Permanent]
	// means that the record has no room for the counts' names.
	AddUses(ctx context.Context, uses Uses) error
}

// MaxSecretUses is how many secrets of a key a [LastUse] knows: the newest.
const MaxSecretUses = 5

// LastUse sums up the uses of a key in all regions. A key that was never used
// has none. It decides nothing.
type LastUse struct {
	Key uuid.UUID
	Org OrgID
	// UsedOn and UsedFrom are zero if the record exists for another reason.
	UsedOn   time.Time
	UsedFrom netip.Addr
	// Secrets says when each of the key's secrets was last used, newest
	// generation first.
	Secrets []SecretUse
	// RetiredOn is the use of an ended secret that was recorded last in the audit
	// log.
	RetiredOn time.Time
	Noticed   Noticed
	// Version counts the record's changes, from 1.
	Version int64
}

// LastUseRef names the [LastUse] of a key.
func LastUseRef(key uuid.UUID) Ref { return Ref{Subject: SubjectLastUse, ID: key} }

// LastUse returns a requested last use of a key; [NotFound] if it was never
// used.
func (f Found) LastUse(key uuid.UUID) (LastUse, error) { return finding[LastUse](f, LastUseRef(key)) }

// SecretUse returns the use of the secret of a generation; zero if it was never
// used, or is too old to be known.
func (u LastUse) SecretUse(generation int) SecretUse {
	for _, use := range u.Secrets {
		if use.Generation == generation {
			return use
		}
	}
	return SecretUse{}
}

// with returns the last use after more uses. It keeps the latest of all times,
// and the earliest of first uses, so uses may come in any order and more than
// once.
func (u LastUse) with(uses Uses) LastUse {
	u.Key, u.Org, u.Secrets = uses.Key, uses.Org, slices.Clone(u.Secrets)
	if uses.LastOn.After(u.UsedOn) {
		u.UsedOn, u.UsedFrom = uses.LastOn, uses.LastFrom
	}
	for _, use := range uses.Secrets {
		at := slices.IndexFunc(u.Secrets, func(known SecretUse) bool { return known.Generation == use.Generation })
		switch {
		case at < 0:
			u.Secrets = append(u.Secrets, use)
		default:
			u.Secrets[at] = u.Secrets[at].and(use)
		}
	}
	slices.SortFunc(u.Secrets, func(a, b SecretUse) int { return b.Generation - a.Generation })
	u.Secrets = u.Secrets[:min(len(u.Secrets), MaxSecretUses)]
	return u
}

// and returns what two reports of the same secret say together.
func (u SecretUse) and(other SecretUse) SecretUse {
	first := u.FirstOn
	if other.FirstOn.Before(first) {
		first = other.FirstOn
	}
	if other.On.After(u.On) {
		u = other
	}
	u.FirstOn = first
	return u
}
