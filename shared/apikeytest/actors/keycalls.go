package actors

import (
	"context"
	"fmt"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/permission"
	"github.com/keyward/keyward/shared/uuid"
)

var (
	keyTypes    = []apikey.KeyType{apikey.TypePersonal, apikey.TypePersonal, apikey.TypeShared, apikey.TypeService}
	addressSets = [][]string{nil, {"10.0.0.0/8"}, {"10.1.0.0/16"}, {"10.1.2.3"}, {"10.1.0.0/16", "192.0.2.0/24"}, {"192.0.2.1"}, {"2001:db8::/32"}}
	serviceSets = [][]string{nil, {"files"}, {"tables"}, {"files", "tables"}}
)

func (e *episode) createKey(ctx context.Context, c *call) {
	d := e.draft(c)
	c.may = e.makes(c)
	_ = e.attempt(ctx, c, "creates "+e.describe(d), func() error {
		minted, err := e.rules.Create(ctx, c.caller(), d)
		if err == nil {
			e.minted(minted)
		}
		return err
	})
}

// draft chooses the key to create. If the call must be about a user or a
// policy, the key is for that one.
func (e *episode) draft(c *call) apikey.Draft {
	d := apikey.Draft{Name: e.name("k"), Type: pick(e, keyTypes), Disabled: e.oneIn(10), ExpiresOn: e.expiry()}
	d.Recoverable = !e.oneIn(3) && (e.organization.Recoverable || e.oneIn(9))
	at := aim{}
	if c.at != nil {
		at = *c.at
	}
	switch {
	case at.policy != nil:
		d.Type = apikey.TypeService
	case at.user != nil:
		d.Type = apikey.TypePersonal
	}
	if d.Type != apikey.TypePersonal && (at.policy != nil || e.oneIn(3)) {
		d.Policy = e.aPolicy(c)
	}
	d.Narrowed = d.Type == apikey.TypePersonal && e.oneIn(3)
	if d.Policy.IsZero() && (d.Narrowed || d.Type != apikey.TypePersonal) {
		d.Permissions = e.some(c, 3).permissions()
	}
	switch itself := e.acting(c); {
	case d.Type == apikey.TypeService:
	case at.user != nil || itself == nil || e.oneIn(2):
		d.OnBehalfOf = e.aUser(c)
	case d.Type == apikey.TypeShared || e.oneIn(2):
		d.OnBehalfOf = itself.ID
	}
	if e.oneIn(3) {
		d.AllowIPs, d.Services = pick(e, addressSets), pick(e, serviceSets)
	}
	if e.oneIn(6) {
		d.NotBefore = e.hour(e.random.IntN(3))
	}
	return d
}

// expiry chooses when a key expires. It always chooses a time if the
// organization requires one.
func (e *episode) expiry() time.Time {
	if e.organization.MaxKeyLifetime == 0 && !e.oneIn(5) || e.oneIn(12) {
		return time.Time{}
	}
	return e.hour(1 + e.random.IntN(5))
}

func (e *episode) deleteKey(ctx context.Context, c *call) {
	id := e.aKey(c, e.manageable(c))
	c.may = e.mayChange(c, id)
	_ = e.attempt(ctx, c, "deletes "+e.keyName(id), func() error { return e.rules.Delete(ctx, c.caller(), id, 0) })
}

// restoreKey restores a deleted key, or deletes one if there is none.
func (e *episode) restoreKey(ctx context.Context, c *call) {
	if len(e.tombstones) == 0 {
		e.deleteKey(ctx, c)
		return
	}
	k := pick(e, e.tombstones)
	c.may = func(held powers) bool { return c.managesAll(held) || c.manages(held) && k.creator == e.actor(c) }
	_ = e.attempt(ctx, c, "restores "+k.Name, func() error {
		_, _, err := e.rules.Restore(ctx, c.caller(), k.ID)
		return err
	})
}

// reveal gets a key with its text, by either of the two operations.
func (e *episode) reveal(ctx context.Context, c *call) {
	id := e.aKey(c, func(k *key) bool { return k.Recoverable })
	c.may = func(held powers) bool {
		return held.any(permission.RevealAPIKeys) && (c.seesAll(held) || c.sees(held) && e.created(c, id))
	}
	k, show := e.key(id), e.oneIn(2)
	_ = e.attempt(ctx, c, "has "+e.keyName(id)+" revealed", func() error {
		var shown apikey.Shown
		var err error
		if show && k != nil && k.Recoverable {
			shown, err = e.rules.Show(ctx, c.caller(), id)
		} else {
			_, shown.Text, err = e.rules.Reveal(ctx, c.caller(), id)
		}
		if err == nil {
			e.fail(e.shown(c, id, shown.Text.Reveal()))
		}
		return err
	})
}

// passOn does not call the rules: one person gives another the text of a key.
func (e *episode) passOn(_ context.Context, c *call) {
	if to := pick(e, e.people); c.key != nil && e.key(c.key.ID) != nil && to != c.person {
		e.handOver(c.key, c.generation, to)
		e.tell("%s passes %s on to %s", c.person.name, c.key.Name, to.name)
	}
}

// get reads a key, and checks that it is shown as it is.
func (e *episode) get(ctx context.Context, c *call) {
	id := e.aKey(c, e.manageable(c))
	c.calm = true
	_ = e.attempt(ctx, c, "looks at "+e.keyName(id), func() error {
		shown, _, err := e.rules.Get(ctx, c.caller(), id)
		held, valid := e.held(c)
		may := valid && (c.seesAll(held) || c.sees(held) && e.created(c, id) || e.owns(c, id))
		switch k := e.key(id); {
		case err == nil && (k == nil || !may || shown.Version != k.Version):
			return fmt.Errorf("a key was shown as %+v", shown)
		case err != nil && k != nil && may:
			return fmt.Errorf("it was not shown: %w", err)
		}
		return err
	})
}

// whoAmI calls WhoAmI, and compares the answer with the world.
func (e *episode) whoAmI(ctx context.Context, c *call) {
	c.calm = true
	_ = e.attempt(ctx, c, "asks who they are", func() error {
		self, err := e.rules.WhoAmI(ctx, c.caller())
		held, valid := e.held(c)
		switch {
		case (err == nil) != valid:
			return fmt.Errorf("valid is %v: %w", valid, err)
		case err == nil && powersOf(self.Permissions...)&^held != 0:
			return fmt.Errorf("holds %v and is told %v", held, self.Permissions)
		}
		return err
	})
}

// examine asks about a key, and checks who gets an answer and that it is about the
// key as it is.
func (e *episode) examine(ctx context.Context, c *call) {
	id, explained := e.aKey(c, func(*key) bool { return true }), e.oneIn(2)
	c.calm = true
	_ = e.attempt(ctx, c, fmt.Sprintf("asks about %s, explained %v", e.keyName(id), explained), func() error {
		evidence, err := e.rules.Examine(ctx, c.caller(), apikey.Examination{Keys: []uuid.UUID{id}, Explained: explained})
		held, valid := e.held(c)
		may := valid && held.any(permission.VerifyAPIKeys) && (!explained || held.any(permission.AdministerAPIKeys))
		switch k := e.key(id); {
		case (err == nil) != may:
			return fmt.Errorf("may ask is %v: %w", may, err)
		case err == nil && k != nil && evidence.Key(id).Version != k.Version:
			return fmt.Errorf("it was shown as %+v", evidence.Key(id))
		}
		return err
	})
}
