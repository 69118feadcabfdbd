package verify

import (
	"context"
	"time"

	"github.com/keyward/keyward/shared/apikey"
)

const (
	// MaxCacheTTL is the longest time that a record can be kept.
	MaxCacheTTL = 300 * time.Second
	// MinSuspensionTTL is how long an answer to whether an organization is
	// suspended is kept even where nothing else is: every decision asks, and at a
	// read each would cost twice what it does.
	MinSuspensionTTL = time.Second

	// maxKeys is about as many keys as one process can read within the usual TTL
	// of five seconds: where more take turns, hardly one comes back while it is
	// kept. A key beyond it costs a read, as each does at first. It takes 300
	// bytes, and 2048 of them no memory that the collector does not need for the
	// reads alone: at 4096 the process's peak is 1 MB higher, at 10,000 it is 4.
	maxKeys = 2048
	// maxUsers is as many: keys that act for users ask for one each.
	maxUsers         = maxKeys
	maxServices      = 256
	maxPolicies      = 1024
	maxOrganizations = 256
	// maxAbsent bounds each memory of what does not exist.
	maxAbsent = 1024
)

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
	// Builtin are services that are known without a read, such as Keyward's
	// own API. They come before registered ones.
	Builtin []apikey.Service
	// Domain is the owner's, such as "example.com", in lower case. The host names
	// below it say which organization they are for. Empty: no host name counts.
	Domain string
	// CacheTTL is how long a record is kept, from the start of its read: the
	// bound on how long a revoked key, or one whose policy or user is gone or
	// changed, can still be allowed as before. 0 reads for each request; more
	// than [MaxCacheTTL] is that. Whether an
	// organization is suspended is kept for [MinSuspensionTTL] at least.
	CacheTTL time.Duration
	// Now is the wall clock.
	Now func() time.Time
	// Meter is nil where nobody counts.
	Meter Meter
}

// Meter counts what a verifier does. Its methods are called on the way of each
// decision, by many at once, and must not wait.
type Meter interface {
	// Looked says that a record was looked up, and whether that cost no read of
	// its own.
	Looked(hit bool)
	// Read says that a read has ended, well or not, and how long it took.
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
func (unmetered) Looked(bool) {}

// Read does nothing.
func (unmetered) Read(time.Duration) {}
