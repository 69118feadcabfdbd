package actors

import (
	"errors"
	"fmt"

	"github.com/keyward/keyward/shared/uuid"
)

// sound returns an error if somebody holds a permission that is not sound, or
// if the organization has no OWNER.
func (w *world) sound() error {
	for _, u := range w.users {
		for _, s := range w.sourcesOfUser(u) {
			if bad := s.unsound(nil, u.address); bad != 0 {
				return fmt.Errorf("%s has %v, which nobody who held it gave", u.Name, bad)
			}
		}
	}
	for _, p := range w.policies {
		if bad := (source{&p.grant, gift{}}).unsound(nil, gift{}); bad != 0 {
			return fmt.Errorf("policy %s has %v, which nobody who held it wrote", p.Name, bad)
		}
	}
	if w.owners() == 0 && len(w.keys) > 0 {
		return errors.New("the organization has no OWNER")
	}
	for _, k := range w.keys {
		if err := w.soundKey(k); err != nil {
			return err
		}
	}
	return nil
}

func (w *world) soundKey(k *key) error {
	sources, passing, _ := w.sourcesOf(k)
	for _, s := range sources {
		if bad := s.unsound(passing, k.open); bad != 0 {
			return fmt.Errorf("%s has %v, which nobody who held it gave", k.Name, bad)
		}
		for _, seen := range k.seen {
			if bad := s.unsound(passing, latest(k.open, seen.gift)); bad != 0 {
				return fmt.Errorf("%s has seen %s and so %v, which nobody who held it gave", seen.name, k.Name, bad)
			}
		}
	}
	return nil
}

// shown records that a caller has seen a key's text. It returns an error if the
// caller may not see it.
func (w *world) shown(c *call, id uuid.UUID, text string) error {
	k := w.key(id)
	held, valid := w.held(c)
	switch {
	case k == nil:
		return errors.New("a key was shown that is gone")
	case text != k.text:
		return fmt.Errorf("%s was shown as another key", k.Name)
	case !valid || !c.may(held):
		return fmt.Errorf("%s was shown to a caller who may not see it", k.Name)
	case c.commits == 0:
		return fmt.Errorf("%s was shown without a record", k.Name)
	case !w.mayStand(c, held, k.Key):
		return fmt.Errorf("%s was shown to a caller who may not act as its user", k.Name)
	}
	k.seen = append(k.seen, sight{c.person, gift{w.changes, held}, k.Generation})
	return w.soundKey(k)
}
