package apikey

import (
	"context"
	"io"
	"time"

	"github.com/keyward/keyward/shared/keytext"
)

// Store keeps organizations and keys. It decides nothing. Every error is an
// [*Error]; one that is not listed is [Unavailable]. All reads but the listing
// see every change that was committed before they started.
type Store interface {
	// Key reads a key; [NotFound] where there is none.
	Key(ctx context.Context, id keytext.ID) (Key, error)
	// Organization reads an organization; [NotFound] where there is none.
	Organization(ctx context.Context, id OrgID) (Organization, error)
	// Keys reads up to limit keys of an organization in order of creation,
	// those after the position only, where one is given. More says whether
	// others follow. It may miss a change of the last second.
	Keys(ctx context.Context, org OrgID, after Position, limit int) (keys []Key, more bool, err error)
	// Peppers reads every pepper, by version.
	Peppers(ctx context.Context) ([]Pepper, error)
	// Service reads the service that an API belongs to; [NotFound] where it
	// belongs to none.
	Service(ctx context.Context, api API) (Service, error)
	// Commit applies a change whole or not at all. The first write whose
	// condition fails gives the error that it documents. Committing the same
	// change again, after an answer that was lost, succeeds and applies it
	// once.
	Commit(ctx context.Context, change Change) error
}

// Position is a place in a listing: just behind the key with this creation time
// and id. The zero Position is the beginning.
type Position struct {
	CreatedOn time.Time
	ID        keytext.ID
}

// PepperMaker makes a new wrapped pepper of that version, in state
// [PepperActive]. Its errors are [Unavailable].
type PepperMaker interface {
	NewPepper(ctx context.Context, version int) (Pepper, error)
}

// Keys is the rules over a store. All fields but PepperMaker, which only
// [Keys.Bootstrap] uses, must be set. It is safe for concurrent use.
type Keys struct {
	Store       Store
	Digester    Digester
	PepperMaker PepperMaker
	// Now is the wall clock.
	Now func() time.Time
	// Entropy is cryptographically secure, and safe for concurrent use.
	Entropy io.Reader
}

// now is the time in the form that records keep.
func (k *Keys) now() time.Time { return k.Now().UTC().Truncate(time.Millisecond) }
