package token

import (
	"context"
	"net/http"
	"sync"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/flight"
)

const (
	// keysAge is how long fetched keys count, from the start of the fetch.
	keysAge = 10 * time.Minute

	// pause is the least time between the starts of two fetches. Anybody can
	// make up the id of a key, and an issuer in trouble is not to be asked at
	// every request. It is also how long the issuer's last word on such an id
	// counts.
	pause = time.Second
)

// fetchLimit bounds a fetch, and fits into a decision.
var fetchLimit = 1500 * time.Millisecond

// keyring keeps an issuer's keys. It is safe for concurrent use; no lock is held
// during a fetch.
type keyring struct {
	issuer string
	http   *http.Client
	now    func() time.Time
	flight flight.Group[struct{}, *fetched]

	mu      sync.Mutex
	fetched *fetched
	// asked is when the last fetch began, and failure why it failed.
	asked   time.Time
	failure error
}

// fetched is what the issuer said at one time. It does not change.
type fetched struct {
	since time.Time
	keys  keySet
}

// other returns keys that are not those in seen. Where none are kept it asks the
// issuer, and may return those in seen again: they are what the issuer says now,
// or said less than a pause ago.
func (r *keyring) other(ctx context.Context, seen *fetched) (*fetched, error) {
	if kept := r.kept(); kept != nil && kept != seen {
		return kept, nil
	}
	return r.flight.Do(ctx, struct{}{}, fetchLimit, r.ask)
}

// kept returns the keys that are kept; nil where they are too old.
func (r *keyring) kept() *fetched {
	now := r.now()
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.fetched == nil || !apikey.Fresh(now, r.fetched.since, keysAge) {
		return nil
	}
	return r.fetched
}

// ask fetches the keys. Within the pause it returns what the last fetch did.
func (r *keyring) ask(ctx context.Context) (*fetched, error) {
	since := r.now()
	r.mu.Lock()
	latest, failure, paused := r.fetched, r.failure, apikey.Fresh(since, r.asked, pause)
	if !paused {
		r.asked = since
	}
	r.mu.Unlock()
	if paused {
		return latest, failure
	}
	keys, err := r.fetch(ctx)
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.failure = err; err != nil {
		return nil, err
	}
	r.fetched = &fetched{since, keys}
	return r.fetched, nil
}
