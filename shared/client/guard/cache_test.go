package guard_test

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/keyward/keyward/shared/client/guard"
	"github.com/keyward/keyward/shared/client/wire"
)

// taking returns a wait for an answer that takes a time.
func taking(d time.Duration) func(context.Context) error {
	return func(ctx context.Context) error {
		timer := time.NewTimer(d)
		defer timer.Stop()
		select {
		case <-timer.C:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// answering returns an answer with a TTL that Keyward states.
func answering(ttlSeconds int) func(wire.VerifyBody) (int, any) {
	return func(body wire.VerifyBody) (int, any) {
		_, answer := valid(body)
		v := answer.(wire.Verification)
		v.TTLSeconds = ttlSeconds
		return 200, v
	}
}

// An answer is used for the shorter of the guard's time and Keyward's, counted from
// when the question was sent, and never longer.
func TestTTL(t *testing.T) {
	for name, c := range map[string]struct {
		config time.Duration
		stated int
		takes  time.Duration
		want   time.Duration
	}{
		"the default":      {0, 300, 0, 5 * time.Second},
		"the guard's":      {time.Minute, 300, 0, time.Minute},
		"Keyward's":        {time.Minute, 2, 0, 2 * time.Second},
		"a slow answer":    {0, 300, 2 * time.Second, 3 * time.Second},
		"an ending key":    {0, 0, 0, 0},
		"asks every time":  {-1, 300, 0, 0},
		"too slow to keep": {time.Second, 300, 2 * time.Second, 0},
	} {
		synctest.Test(t, func(t *testing.T) {
			k := &keyward{verify: answering(c.stated), wait: taking(c.takes)}
			g := newGuard(t, k, guard.Config{TTL: c.config}).AnyKey(reached)
			key := "Bearer " + newKey(t)
			call(g, key)
			k.set(refused("KEY_DELETED"))
			if c.want > 0 {
				time.Sleep(c.want - time.Nanosecond)
				if w := call(g, key); w.Code != http.StatusOK || k.calls() != 1 {
					t.Errorf("%s: %d before the end, after %d calls", name, w.Code, k.calls())
				}
				time.Sleep(time.Nanosecond)
			}
			if w := call(g, key); w.Code != http.StatusUnauthorized || k.calls() != 2 {
				t.Errorf("%s: %d at the end, after %d calls", name, w.Code, k.calls())
			}
		})
	}
}

// A refusal is used for a second, so that a key which has just been made works soon.
func TestRefusalsAreKeptShortly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := &keyward{verify: refused("KEY_UNKNOWN")}
		g := newGuard(t, k, guard.Config{}).AnyKey(reached)
		key := "Bearer " + newKey(t)
		call(g, key)
		k.set(nil)
		time.Sleep(time.Second - 1)
		if w := call(g, key); w.Code != http.StatusUnauthorized || k.calls() != 1 {
			t.Errorf("%d after %d calls", w.Code, k.calls())
		}
		time.Sleep(time.Nanosecond)
		if w := call(g, key); w.Code != http.StatusOK {
			t.Errorf("%d after a second", w.Code)
		}
	})
}

// What is kept about one question says nothing about another: another permission,
// method, route, path or address, or another key.
func TestQuestionsAreKeptApart(t *testing.T) {
	k := &keyward{}
	g := newGuard(t, k, guard.Config{Service: "files"})
	key := "Bearer " + newKey(t)
	handlers := []http.Handler{g.AnyKey(reached), g.Permission("A")(reached), g.Permission("B")(reached), g.Routes(reached)}
	for _, h := range handlers {
		call(h, key)
		call(h, key)
	}
	send(g.Routes(reached), "POST", "/files", key)
	send(g.Routes(reached), "GET", "/other", key)
	call(g.AnyKey(reached), "Bearer "+newKey(t))
	elsewhere := httptest.NewRequest(http.MethodGet, "/files", nil)
	elsewhere.RemoteAddr = "198.51.100.7:1"
	elsewhere.Header.Set("Authorization", key)
	g.AnyKey(reached).ServeHTTP(httptest.NewRecorder(), elsewhere)
	if want := len(handlers) + 4; k.calls() != want {
		t.Errorf("%d calls, want %d", k.calls(), want)
	}
}

// Concurrent requests with one question share one call.
func TestOneFlight(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := &keyward{wait: taking(time.Second)}
		g := newGuard(t, k, guard.Config{}).AnyKey(reached)
		key := "Bearer " + newKey(t)
		var all sync.WaitGroup
		for range 100 {
			all.Go(func() {
				if w := call(g, key); w.Code != http.StatusOK {
					t.Errorf("%d", w.Code)
				}
			})
		}
		all.Wait()
		if k.calls() != 1 {
			t.Errorf("%d calls", k.calls())
		}
	})
}

// A request that joins a question of an earlier one does not get an answer that is
// older than the TTL: it asks again.
func TestAJoinerGetsNoStaleAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := &keyward{wait: taking(2 * time.Second)}
		g := newGuard(t, k, guard.Config{TTL: time.Second, Timeout: time.Minute}).AnyKey(reached)
		key := "Bearer " + newKey(t)
		var all sync.WaitGroup
		all.Go(func() { call(g, key) })
		time.Sleep(1500 * time.Millisecond)
		all.Go(func() {
			if w := call(g, key); w.Code != http.StatusUnauthorized {
				t.Errorf("%d for a request that came after the question", w.Code)
			}
		})
		time.Sleep(400 * time.Millisecond)
		k.set(refused("KEY_DELETED"))
		all.Wait()
		if k.calls() != 2 {
			t.Errorf("%d calls", k.calls())
		}
	})
}

// A flood of keys that do not exist takes bounded memory, and does not make the
// guard forget a good key. At most 64 questions are under way at once.
func TestFlood(t *testing.T) {
	var mu sync.Mutex
	underWay, most := 0, 0
	good := newKey(t)
	k := &keyward{}
	k.set(func(body wire.VerifyBody) (int, any) {
		mu.Lock()
		underWay++
		most = max(most, underWay)
		mu.Unlock()
		runtime.Gosched()
		mu.Lock()
		underWay--
		mu.Unlock()
		if body.Key == good {
			return valid(body)
		}
		return 200, wire.Verification{Code: "KEY_UNKNOWN"}
	})
	g := newGuard(t, k, guard.Config{TTL: time.Hour, Timeout: time.Minute, Log: slog.New(slog.DiscardHandler)}).AnyKey(reached)
	call(g, "Bearer "+good)
	before := heap()
	var all sync.WaitGroup
	for range 100 {
		all.Go(func() {
			for range 50 {
				if w := call(g, "Bearer "+newKey(t)); w.Code != http.StatusUnauthorized {
					t.Errorf("%d", w.Code)
				}
			}
		})
	}
	all.Wait()
	k.mu.Lock()
	k.asked = nil
	k.mu.Unlock()
	if grown := heap() - before; grown > 8<<20 {
		t.Errorf("the heap grew by %d bytes", grown)
	}
	if w := call(g, "Bearer "+good); w.Code != http.StatusOK || k.calls() != 0 {
		t.Errorf("the good key: %d after %d calls", w.Code, k.calls())
	}
	if most > 64 {
		t.Errorf("%d questions at once", most)
	}
}

// A flood of junk has at most half of the questions under way. Meanwhile, any question
// about a key that Keyward has accepted before is asked at once. A key that Keyward has
// refused since is treated like junk.
func TestAFloodLeavesRoomForKnownKeys(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		good, may := newKey(t), newKey(t)
		k := &keyward{}
		g := newGuard(t, k, guard.Config{TTL: time.Second, Log: slog.New(slog.DiscardHandler)})
		call(g.AnyKey(reached), "Bearer "+good)
		k.set(refused("PERMISSION_MISSING"))
		call(g.AnyKey(reached), "Bearer "+may)
		k.set(nil)
		time.Sleep(time.Minute)

		k.mu.Lock()
		k.asked, k.wait = nil, taking(2*time.Second)
		k.mu.Unlock()
		for range 1000 {
			go call(g.AnyKey(reached), "Bearer "+newKey(t))
		}
		synctest.Wait()
		if k.calls() != 32 {
			t.Fatalf("junk has %d questions under way", k.calls())
		}
		start := time.Now()
		for _, key := range []string{good, may} {
			if w := call(g.Permission("A")(reached), "Bearer "+key); w.Code != http.StatusOK || time.Since(start) > 4*time.Second {
				t.Errorf("%d after %v", w.Code, time.Since(start))
			}
		}

		k.set(refused("KEY_DELETED"))
		time.Sleep(time.Minute)
		call(g.AnyKey(reached), "Bearer "+good)
		k.mu.Lock()
		k.asked = nil
		k.mu.Unlock()
		for range 1000 {
			go call(g.AnyKey(reached), "Bearer "+newKey(t))
		}
		synctest.Wait()
		if w := call(g.Permission("B")(reached), "Bearer "+good); w.Code != http.StatusServiceUnavailable {
			t.Errorf("a refused key: %d", w.Code)
		}
		time.Sleep(time.Minute)
	})
}

func heap() int {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc)
}
