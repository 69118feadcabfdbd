package token

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"github.com/keyward/keyward/shared/apikey"
)

const (
	// keysAge is how long fetched keys count, from the start of the fetch.
	keysAge = 10 * time.Minute

	// searchPause is the least time between two fetches that key ids which are
	// not known cause: anybody can make up such an id.
	searchPause = 30 * time.Second

	// failurePause is the least time between two fetches where there are no
	// keys, so that an issuer in trouble is not asked at every request.
	failurePause = time.Second

	maxAbsent = 256
)

// fetchLimit bounds a fetch, and fits into a decision.
var fetchLimit = 1500 * time.Millisecond

var (
	errNoKey  = errors.New("the issuer has no such key")
	errPaused = errors.New("the key is not known, and the issuer was asked a moment ago")
)

// keyring keeps an issuer's keys. It is safe for concurrent use; no lock is held
// during a fetch.
type keyring struct {
	issuer string
	http   *http.Client
	now    func() time.Time
	flight singleflight.Group

	mu      sync.Mutex
	fetched *fetched
	// searched is when the last fetch for an unknown id began, failed when the
	// last fetch failed.
	searched, failed time.Time
	failure          error
	// absent are ids that the fetched keys lack, though they were searched for
	// or had been there.
	absent map[string]bool
}

// fetched is what the issuer said at one time. It does not change.
type fetched struct {
	since time.Time
	keys  keySet
}

// find returns the keys of an id. Its errors are [errNoKey], where the issuer
// has none, and others, where that is not known.
func (r *keyring) find(ctx context.Context, id string) ([]key, error) {
	seen, keys, err := r.look(id)
	if keys != nil || err != nil {
		return keys, err
	}
	done := r.flight.DoChan("keys", func() (any, error) { return r.renew(ctx, seen) })
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case result := <-done:
		if result.Err != nil {
			return nil, result.Err
		}
		latest := result.Val.(*fetched)
		if keys := latest.keys[id]; keys != nil {
			return keys, nil
		}
		r.rememberAbsent(id)
		return nil, errNoKey
	}
}

// look finds what is known of an id. Neither keys nor an error mean that the
// issuer is to be asked again; seen is what it last said.
func (r *keyring) look(id string) (seen *fetched, keys []key, err error) {
	now := r.now()
	r.mu.Lock()
	defer r.mu.Unlock()
	seen = r.fetched
	if seen == nil || !apikey.Fresh(now, seen.since, keysAge) {
		if apikey.Fresh(now, r.failed, failurePause) {
			return seen, nil, r.failure
		}
		return seen, nil, nil
	}
	if keys := seen.keys[id]; keys != nil {
		return seen, keys, nil
	}
	mayAsk := !apikey.Fresh(now, r.searched, searchPause)
	switch {
	case r.absent[id] && (!mayAsk || apikey.Fresh(now, seen.since, searchPause)):
		return seen, nil, errNoKey
	case !mayAsk:
		return seen, nil, errPaused
	}
	return seen, nil, nil
}

// renew fetches the keys, unless somebody did since the caller saw them. The
// fetch has a deadline of its own: that one caller gives up does not fail the
// others.
func (r *keyring) renew(ctx context.Context, seen *fetched) (*fetched, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), fetchLimit)
	defer cancel()
	since := r.now()
	r.mu.Lock()
	latest := r.fetched
	good := latest != nil && apikey.Fresh(since, latest.since, keysAge)
	if good && latest == seen {
		r.searched = since
	}
	r.mu.Unlock()
	if good && latest != seen {
		return latest, nil
	}
	keys, err := r.fetch(ctx)
	r.mu.Lock()
	defer r.mu.Unlock()
	if err != nil {
		r.failed, r.failure = since, err
		return nil, err
	}
	r.fetched = &fetched{since, keys}
	if latest != nil {
		for id := range latest.keys { // withdrawn
			if keys[id] == nil {
				r.addAbsent(id)
			}
		}
	}
	return r.fetched, nil
}

func (r *keyring) rememberAbsent(id string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.addAbsent(id)
}

// addAbsent forgets all others where there are too many.
func (r *keyring) addAbsent(id string) {
	if r.absent == nil || len(r.absent) >= maxAbsent {
		r.absent = map[string]bool{}
	}
	r.absent[id] = true
}
