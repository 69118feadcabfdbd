package apikey

import (
	"context"
	"slices"
)

// activeFor returns the version of the active pepper if any of the uses proposes
// to move a digest, and otherwise 0, for no move. If err is not nil, it returns
// err and reads nothing.
func (r *Rules) activeFor(ctx context.Context, uses []Uses, err error) (int, error) {
	if err != nil || !slices.ContainsFunc(uses, func(u Uses) bool { return u.Rehash != Rehash{} }) {
		return 0, err
	}
	peppers, err := r.Store.Peppers(ctx)
	if err != nil {
		return 0, err
	}
	active, _ := activePepper(peppers)
	return active.Version, nil
}

// activePepper returns the newest active pepper, which makes new digests; ok is
// false if there is none.
func activePepper(peppers []Pepper) (active Pepper, ok bool) {
	for _, p := range peppers {
		if p.State == PepperActive && p.Damage == nil && p.Version > active.Version {
			active, ok = p, true
		}
	}
	return active, ok
}

// move returns the key with its digests under the active pepper, where its uses
// propose that, and whether any digest moves. The version stays.
func (r *Rules) move(key Key, active int, uses []Uses) (after Key, moves bool) {
	after = key
	for _, u := range uses {
		after = after.rehashed(u.Rehash, active)
	}
	if same(key, after) {
		return key, false
	}
	after.MovedOn = r.now()
	return after, true
}

// rehashed returns the key with the digest that is proposed for one of its
// secrets. It changes nothing if that secret has another digest than the one
// that the proposal is about, or if the proposed one is not under the active
// pepper.
func (k Key) rehashed(proposed Rehash, active int) Key {
	if k.Deleted() || active == 0 || proposed.To.Pepper != active || proposed.From.Pepper >= active {
		return k
	}
	if proposed.Generation == max(1, k.Generation) {
		if proposed.isAbout(&k.Digest) {
			k.Digest = proposed.To
		}
		return k
	}
	for i, old := range k.Older {
		if old.Generation == proposed.Generation && proposed.isAbout(&old.Digest) {
			k.Older = slices.Clone(k.Older)
			k.Older[i].Digest = proposed.To
		}
	}
	return k
}

// isAbout reports whether the proposal is about that digest.
func (p *Rehash) isAbout(digest *Digest) bool {
	return digest.Pepper == p.From.Pepper && sameDigest(digest, &p.From)
}

// onlyMoves reports whether the write changes nothing of a key but the peppers
// of its digests, from older to newer ones.
func (w ReplaceKey) onlyMoves() bool {
	moved := w.Before
	moved.Older = slices.Clone(w.Before.Older)
	if len(w.After.Older) != len(moved.Older) || len(w.Sealed) > 0 {
		return false
	}
	newer := moveTo(&moved.Digest, w.After.Digest)
	for i := range moved.Older {
		newer = moveTo(&moved.Older[i].Digest, w.After.Older[i].Digest) || newer
	}
	moved.MovedOn, moved.Version = w.After.MovedOn, w.Before.Version+1
	return newer && !w.After.MovedOn.Before(w.Before.MovedOn) && same(moved, w.After)
}

// moveTo replaces a digest by one under a newer pepper, and reports whether it
// did.
func moveTo(digest *Digest, to Digest) bool {
	newer := to.Pepper > digest.Pepper
	if newer {
		*digest = to
	}
	return newer
}
