package actors

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/permission"
	"github.com/keyward/keyward/shared/uuid"
)

// works reports whether a key's secret of that generation verifies at a time.
func works(k apikey.Key, generation int, at time.Time) bool {
	if generation == k.Generation {
		return true
	}
	for _, old := range k.Older {
		if old.Generation == generation {
			return old.EndsOn.After(at)
		}
	}
	return false
}

// mayRotate returns a function that reports whether a caller who holds that may
// change a key's secrets: who manages the key, its user, and the key itself.
func (e *episode) mayRotate(c *call, id uuid.UUID) func(powers) bool {
	return func(held powers) bool {
		k, self := e.key(id), e.self(c)
		switch {
		case k == nil:
			return false
		case self != nil && k.Type == apikey.TypePersonal && k.OnBehalfOf == self.ID, k == c.key && held.any(permission.SelfRotate):
			return true
		}
		return c.managesAll(held) || c.manages(held) && e.created(c, id)
	}
}

var rotations = []apikey.Rotation{{}, {}, {Overlap: time.Hour}, {Overlap: 90 * time.Minute}, {Overlap: time.Hour, FromFirstUse: true}, {FromFirstUse: true}}

// rotateKey rotates a key, and sometimes uses its new secret.
func (e *episode) rotateKey(ctx context.Context, c *call) {
	manageable := e.manageable(c)
	id := e.aKey(c, func(k *key) bool { return manageable(k) && opens(k.Key, e.now()) })
	c.may = e.mayRotate(c, id)
	rotation, version := pick(e, rotations), int64(0)
	if k := e.key(id); k != nil {
		version = e.version(k.Version)
	}
	_ = e.attempt(ctx, c, fmt.Sprintf("rotates %s %+v", e.keyName(id), rotation), func() error {
		minted, err := e.rules.Rotate(ctx, c.caller(), id, version, rotation)
		if err == nil {
			e.fail(e.rotated(c, minted))
		}
		return err
	})
}

// rotated records that a caller has seen a key's new text. It returns an error
// if the caller may not have it.
func (w *world) rotated(c *call, m apikey.Minted) error {
	k := w.minted(m)
	if k.Version == 0 {
		return nil // the model refused the change
	}
	switch itself := k == c.key; {
	case m.Key.Version != k.Version:
		return fmt.Errorf("%s was shown as %+v", k.Name, m.Key)
	case !itself && !w.mayStand(c, c.by.held, k.Key):
		return fmt.Errorf("%s was handed to a caller who may not act as its user", k.Name)
	case !itself && c.key != nil && !c.manages(c.by.held) && opensMore(c.key.Key, k.Key, w.now()):
		return fmt.Errorf("%s was handed to a caller whose own key is not as loose", k.Name)
	}
	k.seen = append(k.seen, sight{c.person, c.by, k.Generation})
	return w.soundKey(k)
}

// endSecret ends the previous secret of a key.
func (e *episode) endSecret(ctx context.Context, c *call) {
	id := e.aKey(c, func(k *key) bool { return k.Generation > 1 && works(k.Key, k.Generation-1, e.now()) })
	c.may = e.mayRotate(c, id)
	_ = e.attempt(ctx, c, "ends the previous secret of "+e.keyName(id), func() error {
		return e.rules.EndPreviousSecret(ctx, c.caller(), id, 0)
	})
}

// allowedSecrets returns an error if a change gives a key secrets that it may
// not get: another one only by a rotation, which keeps the last one for a time
// that does not outlast the key, and never a third that works. Nothing makes a
// secret last longer.
func (w *world) allowedSecrets(c *call, before, after apikey.Key) error {
	now := w.now()
	if after.Generation != before.Generation {
		switch {
		case c.kind != "rotate a key" || after.Generation != before.Generation+1:
			return fmt.Errorf("a key got its secret %d after %d", after.Generation, before.Generation)
		case before.Disabled && before.Exposure == nil || !before.ExpiresOn.IsZero() && !before.ExpiresOn.After(now):
			return errors.New("a dead key was rotated")
		case works(before, before.Generation-1, now):
			return errors.New("a key has three secrets that work")
		}
		old := after.Older[0]
		if limit := now.Add(apikey.MaxOverlap); old.EndsOn.After(limit) || !before.ExpiresOn.IsZero() && old.EndsOn.After(before.ExpiresOn) && old.EndsOn.After(now) {
			return fmt.Errorf("a secret ends on %s only", clockTime(old.EndsOn))
		}
		if old.Generation != before.Generation || old.Digest != before.Digest || after.Digest == before.Digest {
			return errors.New("a rotation mixes up secrets")
		}
		return nil
	}
	for generation := range after.Generation {
		for _, at := range trialTimes(now) {
			if works(after, generation, at) && !works(before, generation, at) {
				return fmt.Errorf("secret %d works longer", generation)
			}
		}
	}
	if after.Digest != before.Digest {
		return errors.New("a secret was exchanged")
	}
	return nil
}
