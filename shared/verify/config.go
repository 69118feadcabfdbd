package verify

import (
	"context"
	"time"

	"github.com/keyward/keyward/shared/apikey"
)

// MaxCacheTTL is the longest time that a record can count.
const MaxCacheTTL = 300 * time.Second

// UserReader finds users by the claim on their address, as [apikey.Store] does.
type UserReader interface {
	UserByClaim(ctx context.Context, org apikey.OrgID, claim string) (apikey.User, error)
}

// Tokens checks access tokens that somebody else issues.
type Tokens interface {
	// Subject is the e-mail address of the user whom a token is about. Its
	// errors are [apikey.Unauthenticated], for a token that is not valid here,
	// and [apikey.Unavailable], where that could not be found out.
	Subject(ctx context.Context, token string) (email string, err error)
}

// OAuth is how access tokens are taken. All fields must be set.
type OAuth struct {
	Tokens Tokens
	// Organization is whose users the tokens are about.
	Organization apikey.OrgID
	Users        UserReader
}

// Config is what a [Verifier] needs. Reader, Digester and Now must be set.
type Config struct {
	Reader   apikey.Reader
	Digester apikey.Digester
	// OAuth is nil where access tokens are not taken.
	OAuth *OAuth
	// Builtin returns services that are known without a read, such as Keyward's
	// own API. They come before registered ones. It is called once, by
	// [Verifier.Prepare] or the first request; nil stands for none.
	Builtin func() []apikey.Service
	// Domain is the owner's, such as "example.com", in lower case. The host names
	// below it say which organization they are for. Empty: no host name counts.
	Domain string
	// CacheTTL is how long a record counts, from the start of its read: the
	// bound on how long a revoked key, one whose policy or user is gone or
	// changed, or one whose organization is suspended can still be allowed as
	// before. 0 reads for each request; more than [MaxCacheTTL] is that.
	CacheTTL time.Duration
	// Now is the wall clock.
	Now func() time.Time
	// Meter is nil where nobody counts.
	Meter Meter
}

// Meter counts what a verifier does. Its methods are called on the way of each
// decision, by many at once, and must not wait.
type Meter interface {
	// Looked says, of one decision, how many records were looked up that cost no
	// read of its own, and how many that did.
	Looked(hits, misses int)
	// Read says that a read of one or several records has ended, well or not, and
	// how long it took.
	Read(took time.Duration)
}

func (c Config) meter() Meter {
	if c.Meter == nil {
		return unmetered{}
	}
	return c.Meter
}

// unmetered counts nothing.
type unmetered struct{}

// Looked does nothing.
func (unmetered) Looked(int, int) {}

// Read does nothing.
func (unmetered) Read(time.Duration) {}
