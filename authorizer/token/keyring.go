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
	// keysAge is how long fetched keys are valid, from the start of the fetch.
	keysAge = 10 * time.Minute

	// pause is the minimum time between the starts of two fetches. Anyone can
	// invent a key id, and an issuer in trouble should not be asked at every
	// request. It is also how long the issuer's last answer about such an id is
	// valid.
	pause = time.Second
)

// fetchLimit is the maximum duration of a fetch. It fits into a decision.
var fetchLimit = 1500 * time.Millisecond

// keyring caches an issuer's keys. It is safe for concurrent use; no lock is
// held during a fetch.
type keyring struct {
	issuer string
	http   *http.Client
	now    func() time.Time
	flight flight.Group[struct{}, *fetched]

	mu      sync.Mutex
	fetched *fetched
	// asked is when the last fetch started, and failure is its error.
	asked   time.Time
	failure error
}

// fetched is the issuer's answer to one fetch. It does not change.
type fetched struct {
	since time.Time
	keys  keySet
}

// other returns cached keys other than seen, or asks the issuer if there are
// none. The result may be seen again, if the issuer confirmed it now or less
// than a pause ago.
func (r *keyring) other(ctx context.Context, seen *fetched) (*fetched, error) {
	if cached := r.cached(); cached != nil && cached != seen {
		return cached, nil
	}
	return r.flight.Do(ctx, struct{}{}, fetchLimit, r.ask)
}

// cached returns the cached keys, or nil if they are too old.
func (r *keyring) cached() *fetched {
	now := r.now()
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.fetched == nil || !apikey.Fresh(now, r.fetched.since, keysAge) {
		return nil
	}
	return r.fetched
}

// ask fetches the keys. Within the pause, it returns the last fetch's result.
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
