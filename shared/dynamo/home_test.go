package dynamo_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/keyward/keyward/infra/local/await"
	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/apikeytest"
	"github.com/keyward/keyward/shared/uuid"
)

// functions stands for the management functions of one region. They write to
// the home region that they were deployed with.
type functions struct {
	mu     sync.RWMutex
	frozen bool
	home   *apikey.Rules
}

var errFrozen = errors.New("no invocation: the reserved concurrency is 0")

// invoke runs a function until it returns, or until ctx ends, as if its process
// were killed.
func (f *functions) invoke(ctx context.Context, do func(context.Context, *apikey.Rules) error) error {
	f.mu.RLock()
	defer f.mu.RUnlock()
	if f.frozen {
		return errFrozen
	}
	return do(ctx, f.home)
}

// freeze(true) refuses further invocations, and returns once the running ones
// have ended. freeze(false) accepts them again.
func (f *functions) freeze(on bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.frozen = on
}

func (f *functions) deploy(home *apikey.Rules) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.home = home
}

// traffic is a number of clients that create and revoke keys, with the answers
// that they got.
type traffic struct {
	t     *testing.T
	admin apikey.Caller
	mu    sync.Mutex
	// created and revoked hold the keys whose creation or revocation got a
	// success.
	created, revoked map[uuid.UUID]bool
	serial           atomic.Int32
	// successes gets one element for each success.
	successes chan struct{}
}

func newTraffic(t *testing.T, admin apikey.Caller) *traffic {
	return &traffic{
		t: t, admin: admin, created: make(map[uuid.UUID]bool), revoked: make(map[uuid.UUID]bool), successes: make(chan struct{}, 10000),
	}
}

// wait returns after n more successes. It fails the test if none comes.
func (c *traffic) wait(n int) {
	c.t.Helper()
	for range n {
		await.Next(c.t, "a change succeeds", c.successes)
	}
}

// step creates or revokes a key. Sometimes it ends the function's process
// midway.
func (c *traffic) step(f *functions) {
	ctx, cancel := context.WithCancel(c.t.Context())
	if rand.IntN(4) == 0 {
		ctx, cancel = context.WithTimeout(c.t.Context(), rand.N(20*time.Millisecond))
	}
	defer cancel()
	var id uuid.UUID
	if rand.IntN(2) == 0 {
		err := f.invoke(ctx, func(ctx context.Context, k *apikey.Rules) (err error) {
			if id, err = c.any(ctx, k.Store); err != nil {
				return err
			}
			return k.Delete(ctx, c.admin, id, 0)
		})
		c.answered(err, c.revoked, id)
		return
	}
	err := f.invoke(ctx, func(ctx context.Context, k *apikey.Rules) error {
		made, err := k.Create(ctx, c.admin, apikey.Draft{Name: fmt.Sprint("key ", c.serial.Add(1))})
		id = made.Key.ID
		return err
	})
	c.answered(err, c.created, id)
}

// any returns one of the stored keys, except the admin's.
func (c *traffic) any(ctx context.Context, store apikey.Store) (uuid.UUID, error) {
	keys, err := store.Keys(ctx, acme, apikey.KeyFilter{}, apikey.Position{}, apikey.MaxPage)
	if err == nil && len(keys.Records) < 2 {
		err = apikey.NoSuch(apikey.SubjectKey)
	}
	if err != nil {
		return uuid.UUID{}, err
	}
	return keys.Records[1+rand.IntN(len(keys.Records)-1)].ID, nil // the admin's is the oldest
}

func (c *traffic) answered(err error, with map[uuid.UUID]bool, id uuid.UUID) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch kind := apikey.KindOf(err); {
	case err == nil:
		with[id] = true
		c.successes <- struct{}{}
	case errors.Is(err, errFrozen), kind == apikey.Unavailable, kind == apikey.QuotaReached, kind == apikey.NotFound:
	default:
		c.t.Error(err)
	}
}

// run sends traffic to both regions' functions until stop is called.
func (c *traffic) run(regions ...*functions) (stop func()) {
	done := make(chan struct{})
	var clients sync.WaitGroup
	for n := range 6 {
		clients.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
					c.step(regions[n%len(regions)])
				}
			}
		})
	}
	return func() { close(done); clients.Wait() }
}

// lag is how many items are always still to be replicated while there is
// traffic.
const lag = 25

// Moving the home region as the runbook says loses nothing. Every change that
// got a success is in both regions. Every other change is there completely or
// not at all. No revoked key is revived, and the count is right.
func TestMovingHome(t *testing.T) {
	w, a, b := newRegions(t)
	keysA, admin := rules(t, a.store())
	keysA.Now = time.Now
	if _, err := keysA.ChangeSettings(t.Context(), admin, 0, apikey.SettingsEdit{Retention: new(time.Duration(0))}); err != nil {
		t.Fatal(err)
	}
	keysB := *keysA
	keysB.Store = b.store()
	inA, inB := &functions{home: keysA}, &functions{home: keysA}
	c := newTraffic(t, admin)

	replicating := make(chan struct{})
	var replication sync.WaitGroup
	replication.Go(func() {
		for {
			select {
			case <-replicating:
				return
			case <-time.After(time.Millisecond):
				a.replicate(lag)
				b.replicate(lag)
			}
		}
	})
	stop := c.run(inA, inB)
	c.wait(30)

	inA.freeze(true) // 1. reserved concurrency 0, everywhere
	inB.freeze(true)
	a.replicate(0)     // 2. until the replication latency is 0
	inB.deploy(&keysB) // 3. home is set, and deployed, region by region
	inA.deploy(&keysB)
	inA.freeze(false) // 4. and the functions are released
	inB.freeze(false)

	c.wait(30)
	stop()
	close(replicating)
	replication.Wait()
	b.replicate(0)
	t.Logf("%d keys created, %d revoked, in %d transactions", len(c.created), len(c.revoked), w.clock)
	c.wantAnswers(b)
	wantWhole(t, b)
	if !maps.Equal(a.items(t), b.items(t)) {
		t.Error("the regions differ")
	}
	if len(w.revived) > 0 {
		t.Errorf("revived: %v", w.revived)
	}
}

// wantAnswers checks that every change that got a success is in the region.
func (c *traffic) wantAnswers(r *region) {
	c.t.Helper()
	log := apikeytest.AuditLog(c.t, r.store(), acme)
	deleted := map[string]bool{}
	for _, record := range log {
		if record.Action == apikey.ActionDeleteKey {
			deleted[record.Target] = true
		}
	}
	for id := range c.created {
		_, err := r.store().Key(c.t.Context(), id)
		switch gone := apikey.KindOf(err) == apikey.NotFound; {
		case c.revoked[id] && !gone:
			c.t.Errorf("a revoked key is still stored: %v", err)
		case gone && !deleted[id.String()]: // the answer of the deletion may be lost
			c.t.Error("an answered creation is lost")
		}
	}
}

// wantWhole checks that keys, names, the count and the audit log agree.
func wantWhole(t *testing.T, r *region) {
	t.Helper()
	want, not := map[string]bool{}, map[string]bool{}
	for _, record := range apikeytest.AuditLog(t, r.store(), acme) {
		switch record.Action {
		case apikey.ActionCreateKey:
			want["0 KEY#"+record.Target+" KEY"] = true
			want["0 ORG#acme NAME#"+record.After["name"]] = true
		case apikey.ActionDeleteKey:
			not["0 KEY#"+record.Target+" KEY"] = true
			not["0 ORG#acme NAME#"+record.Before["name"]] = true
		}
	}
	maps.DeleteFunc(want, func(at string, _ bool) bool { return not[at] })
	items := r.items(t)
	found := 0
	for at := range items {
		if !isKeyOrName(at) {
			continue
		}
		if found++; !want[at] {
			t.Errorf("%s is stored, but the audit log does not have it", at)
		}
	}
	org, err := r.store().Organization(t.Context(), acme)
	if err != nil || found != len(want) || org.KeyCount*2 != len(want) || org.KeyCount > org.MaxKeys {
		t.Errorf("%d keys and names, of which the audit log has %d and the organization counts %d keys of %d at most; %v", found, len(want), org.KeyCount, org.MaxKeys, err)
	}
}

func isKeyOrName(at string) bool {
	return strings.HasPrefix(at, "0 KEY#") || strings.HasPrefix(at, "0 ORG#acme NAME#")
}
