package pepper

import (
	"context"
	"time"

	"github.com/keyward/keyward/shared/apikey"
)

// list is the result of one read of the source. It does not change.
type list struct {
	since     time.Time
	byVersion map[int]apikey.Pepper
	// active is the newest active version; 0 if there is none.
	active int
}

func newList(since time.Time, peppers []apikey.Pepper) *list {
	l := &list{since: since, byVersion: make(map[int]apikey.Pepper, len(peppers))}
	for _, p := range peppers {
		l.byVersion[p.Version] = p
		if p.State == apikey.PepperActive {
			l.active = max(l.active, p.Version)
		}
	}
	return l
}

func (l *list) has(version int) bool {
	_, found := l.byVersion[version]
	return found
}

// allows reports whether an unwrapped pepper is still in the list, unchanged
// and usable.
func (l *list) allows(s *secret) bool {
	stored, found := l.byVersion[s.version]
	return found && checkUsable(stored) == nil && s.madeOf(stored)
}

// checkUsable returns why a pepper must not be used for verification; nil if it
// may be used.
func checkUsable(stored apikey.Pepper) error {
	switch {
	case stored.Damage != nil:
		return stored.Damage
	case stored.State == apikey.PepperActive, stored.State == apikey.PepperVerifying:
		return nil
	}
	return apikey.ErrPepperRetired
}

// whyNot returns why a version in the list must not be used; nil if it may be.
func (l *list) whyNot(version int) error {
	if !l.has(version) {
		return errUnknown
	}
	return checkUsable(l.byVersion[version])
}

// peppers returns the list. It reads the list again if it is too old, has no
// active pepper or does not satisfy suffices.
func (r *Ring) peppers(ctx context.Context, suffices func(*list) bool) (*list, error) {
	if l := r.currentList(); l != nil && suffices(l) {
		return l, nil
	}
	return unavailableIfFailed(r.lists.Do(ctx, struct{}{}, loadTimeout, func(ctx context.Context) (*list, error) {
		if l := r.currentList(); l != nil && suffices(l) {
			return l, nil
		}
		return r.readList(ctx)
	}))
}

func (r *Ring) currentList() *list {
	now := r.config.Now()
	r.mu.RLock()
	defer r.mu.RUnlock()
	if r.list == nil || !apikey.Fresh(now, r.list.since, r.config.MaxAge) {
		return nil
	}
	return r.list
}

// readList reads the list, and drops every unwrapped pepper that is too old or
// that the list no longer allows. It does not keep a list without an active
// pepper, a state that lasts only until a deployment is set up.
func (r *Ring) readList(ctx context.Context) (*list, error) {
	since := r.config.Now()
	peppers, err := r.config.Source.Peppers(ctx)
	if err != nil {
		if apikey.KindOf(err) != apikey.Unavailable {
			err = apikey.UnavailableError("read the peppers", err)
		}
		return nil, err
	}
	l := newList(since, peppers)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.list = nil
	if l.active != 0 {
		r.list = l
		r.newest.Store(int64(l.active))
	}
	for version, s := range r.loaded {
		if !l.allows(s) || !apikey.Fresh(since, s.since, r.config.MaxAge) {
			delete(r.loaded, version)
		}
	}
	return l, nil
}
