package verify

import (
	"context"
	"time"

	"github.com/keyward/keyward/shared/apikey"
)

// MaxCacheTTL is the longest time for which a cached record may be used.
const MaxCacheTTL = 300 * time.Second

// UserReader finds users by their e-mail addresses, like [apikey.Store]. A claim here
// is a name that only one record can have, and no claim of a token: a user has one for
// the address, in the form of [apikey.EmailClaim].
type UserReader interface {
	UserByClaim(ctx context.Context, org apikey.OrgID, claim string) (apikey.User, error)
}

// Tokens checks access tokens that someone else issues.
type Tokens interface {
	// Subject returns the e-mail address of a token's user. Its errors are
	// [apikey.Unauthenticated] for a token that is not valid here, and
	// [apikey.Unavailable] if that could not be determined.
	Subject(ctx context.Context, token string) (email string, err error)
}

// OAuth configures access tokens. All fields must be set.
type OAuth struct {
	Tokens Tokens
	// Organization owns the users of the tokens.
	Organization apikey.OrgID
	Users        UserReader
}

// Config is what a [Verifier] needs. Digester and Now must be set, and so must Reader
// unless only [Verifier.DecideOn] is called.
type Config struct {
	Reader   apikey.Reader
	Digester apikey.Digester
	// ActivePepper returns the version of the active pepper, as far as that is known
	// without I/O, for [Use.Outdated]; nil if nobody uses that.
	ActivePepper func() int
	// OAuth is nil if access tokens are not accepted.
	OAuth *OAuth
	// Builtin returns services that are known without a read, such as Keyward's
	// own API. They take precedence over registered ones. It is called once, by
	// [Verifier.Prepare] or the first request; nil means none.
	Builtin func() []apikey.Service
	// Domain is the deployment's domain, such as "example.com", in lower case.
	// A host name below api.DOMAIN can name the organization that it serves. If
	// Domain is empty, host names are ignored.
	Domain string
	// CacheTTL is how long a cached record may be used, from the start of its
	// read. So it is also how long a key can still be allowed after it was
	// revoked, its policy or user was changed or removed, or its organization
	// was suspended. With 0, each request reads. Values above [MaxCacheTTL]
	// mean MaxCacheTTL.
	CacheTTL time.Duration
	// Now is the wall clock.
	Now func() time.Time
	// Meter may be nil.
	Meter Meter
}

// Meter counts what a verifier does. Its methods are called during each
// decision, concurrently, and must not block.
type Meter interface {
	// LookedUp reports how many records one decision found without a read of its
	// own, and how many it read.
	LookedUp(hits, misses int)
	// ReadEnded reports that a read of one or more records has ended, successfully
	// or not, and how long it took.
	ReadEnded(took time.Duration)
}

func (c Config) meter() Meter {
	if c.Meter == nil {
		return unmetered{}
	}
	return c.Meter
}

// unmetered counts nothing.
type unmetered struct{}

// LookedUp does nothing.
func (unmetered) LookedUp(int, int) {}

// ReadEnded does nothing.
func (unmetered) ReadEnded(time.Duration) {}
