package apikey

import (
	"net/netip"
	"time"

	"github.com/keyward/keyward/shared/permission"
	"github.com/keyward/keyward/shared/uuid"
)

// Question asks whether keys may do something.
type Question struct {
	Examination
	// Authorizations are the keys, each as the value of an Authorization header. Keys
	// is ignored: it follows from them.
	Authorizations []string
	// Source is the address from which the keys are used; zero if unknown.
	Source netip.Addr
}

// Verification is the answer to a [Question] about one key.
type Verification struct {
	// Valid says that the key may do what was asked. Otherwise Code says why not, as
	// the authorizer does.
	Valid bool
	Code  string
	// Key is the key, if the text is a secret of it, even an ended one; otherwise, or
	// if it belongs to another organization, it is zero.
	Key Key
	// User is the user that the key acts for or identifies as. Permissions are
	// those of the key that the service, or else the organization, declares.
	// Both are empty unless the key is valid.
	User        uuid.UUID
	Permissions permission.Set
	// UserByDefault says that User only represents the organization, because the key
	// names none.
	UserByDefault bool
	// MadeOn is when the secret was made, and EndsOn when it stops working; zero
	// for never.
	MadeOn, EndsOn time.Time
	// TTL is how long a valid answer may be used, in whole seconds.
	TTL time.Duration
	// Rule says which rule decided, and Change what would have to change for another
	// decision. Both are empty unless asked for.
	Rule, Change string
}
