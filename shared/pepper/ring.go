// Package pepper handles the secret peppers that key the digests of API keys.
//
// A pepper is 32 random bytes that KMS generates and wraps; only the wrapped
// form is stored. A [Ring] unwraps the peppers that it needs, and uses each for
// at most a set time, even while KMS cannot be reached. If the KMS key is
// disabled, no API key can be verified or created once that time has passed.
package pepper

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/flight"
)

const (
	// DefaultMaxAge is how long an unwrapped pepper is used by default.
	DefaultMaxAge = 15 * time.Minute

	// rereadAfter is how old the list must be before it is read again for a
	// version that it lacks. So unknown versions cause at most one read in that
	// time.
	rereadAfter = time.Second
)

// loadTimeout limits one load of the list or of a pepper, for which several
// callers may wait.
var loadTimeout = 2 * time.Second

// Source reads the wrapped peppers, as [apikey.Store] does.
type Source interface {
	Peppers(ctx context.Context) ([]apikey.Pepper, error)
}

// Config configures a [Ring]. All fields except MaxAge and Unwrapped must be
// set.
type Config struct {
	KMS    KMS
	Source Source
	// KeyID is the KMS key: an id, an alias or an ARN.
	KeyID string
	// Table is the table that holds the peppers, to which they are bound.
	Table string
	// MaxAge is how long an unwrapped pepper, and the list of peppers, is used.
	// 0 means [DefaultMaxAge].
	MaxAge time.Duration
	// Now is the wall clock.
	Now func() time.Time
	// Unwrapped, unless nil, is called after each KMS call that unwraps a
	// pepper, with its duration and error. It must not block.
	Unwrapped func(took time.Duration, err error)
}

// Ring computes digests under the peppers of a deployment. It is an
// [apikey.Digester] and an [apikey.PepperMaker], and safe for concurrent use.
// Every error is [apikey.Unavailable].
type Ring struct {
	config  Config
	lists   flight.Group[struct{}, *list]
	secrets flight.Group[int, *secret]

	// newest is the active version in the last list.
	newest atomic.Int64

	mu     sync.RWMutex
	list   *list
	loaded map[int]*secret
}

// New returns a ring that has loaded nothing yet.
func New(config Config) *Ring {
	if config.MaxAge == 0 {
		config.MaxAge = DefaultMaxAge
	}
	return &Ring{config: config, loaded: map[int]*secret{}}
}

// Prime loads the active pepper, so that the first digest does not wait for it.
func (r *Ring) Prime(ctx context.Context) error {
	_, err := r.active(ctx)
	return err
}

// Digest hashes message under the active pepper.
func (r *Ring) Digest(ctx context.Context, message []byte) (apikey.Digest, error) {
	s, err := r.active(ctx)
	if err != nil {
		return apikey.Digest{}, err
	}
	return s.digest(message), nil
}

// Active returns the active version, as far as the ring knows, or 0 before it has
// read any pepper. It does no I/O, so it may be wrong for as long as peppers are
// kept.
func (r *Ring) Active() int { return int(r.newest.Load()) }

// DigestWith hashes message under the pepper of that version. It fails if the
// version is unknown or cannot be unwrapped, and with [apikey.ErrPepperRetired] if
// it is retired.
func (r *Ring) DigestWith(ctx context.Context, version int, message []byte) (apikey.Digest, error) {
	s, err := r.secret(ctx, version)
	if err != nil {
		return apikey.Digest{}, err
	}
	return s.digest(message), nil
}

func (r *Ring) active(ctx context.Context) (*secret, error) {
	peppers, err := r.peppers(ctx, func(*list) bool { return true })
	if err != nil {
		return nil, err
	}
	if peppers.active == 0 {
		return nil, apikey.UnavailableError("find the active pepper", errors.New("there is none: run bootstrap"))
	}
	return r.secret(ctx, peppers.active)
}

// secret returns the unwrapped pepper of that version.
func (r *Ring) secret(ctx context.Context, version int) (*secret, error) {
	if s := r.ready(version); s != nil {
		return s, nil
	}
	peppers, err := r.peppers(ctx, func(l *list) bool { return l.has(version) || apikey.Age(r.config.Now(), l.since) < rereadAfter })
	if err != nil {
		return nil, err
	}
	if err := peppers.whyNot(version); err != nil {
		return nil, unusableError(version, err)
	}
	stored := peppers.byVersion[version]
	return unavailableIfFailed(r.secrets.Do(ctx, version, loadTimeout, func(ctx context.Context) (*secret, error) {
		if s := r.ready(version); s != nil {
			return s, nil
		}
		return r.load(ctx, stored)
	}))
}

// ready returns the unwrapped pepper of that version if both it and the list
// that allows it are fresh; otherwise nil.
func (r *Ring) ready(version int) *secret {
	now := r.config.Now()
	r.mu.RLock()
	defer r.mu.RUnlock()
	s := r.loaded[version]
	if s == nil || r.list == nil || !apikey.Fresh(now, s.since, r.config.MaxAge) || !apikey.Fresh(now, r.list.since, r.config.MaxAge) {
		return nil
	}
	return s
}

// load unwraps a pepper. It then checks the list again, which may have been
// read meanwhile and may no longer allow the pepper.
func (r *Ring) load(ctx context.Context, stored apikey.Pepper) (*secret, error) {
	since := r.config.Now()
	s, err := r.unwrap(ctx, stored, since)
	if err != nil {
		return nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.list != nil && !r.list.allows(s) {
		return nil, unusableError(stored.Version, cmp.Or(r.list.whyNot(stored.Version), errReplaced))
	}
	r.loaded[stored.Version] = s
	return s, nil
}

var (
	errUnknown  = errors.New("there is none")
	errReplaced = errors.New("it was replaced")
)

func unusableError(version int, cause error) error {
	return apikey.UnavailableError(fmt.Sprintf("use pepper %d", version), cause)
}

// unavailableIfFailed turns every error into [apikey.Unavailable], including
// the end of the caller's own deadline.
func unavailableIfFailed[T any](value T, err error) (T, error) {
	if err != nil && apikey.KindOf(err) != apikey.Unavailable {
		err = apikey.UnavailableError("load the peppers", err)
	}
	return value, err
}
