package client_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/keyward/keyward/shared/client"
)

// calls are calls of each kind, and whether they may be made twice.
var calls = map[string]struct {
	twice bool
	call  func(context.Context, *client.Client) error
}{
	"get":  {true, func(ctx context.Context, c *client.Client) error { _, err := c.Keys.Get(ctx, "id"); return err }},
	"list": {true, func(ctx context.Context, c *client.Client) error { _, err := c.Users.List(ctx, nil); return err }},
	"create key": {true, func(ctx context.Context, c *client.Client) error {
		_, err := c.Keys.Create(ctx, client.NewKey{}, nil)
		return err
	}},
	"rotate": {true, func(ctx context.Context, c *client.Client) error {
		_, err := c.Keys.Rotate(ctx, "id", client.Rotation{}, nil)
		return err
	}},
	"put": {true, func(ctx context.Context, c *client.Client) error {
		_, err := c.Keys.Update(ctx, "id", client.KeyReplacement{}, nil)
		return err
	}},
	"patch": {true, func(ctx context.Context, c *client.Client) error {
		_, err := c.Keys.Patch(ctx, "id", client.KeyPatch{}, nil)
		return err
	}},
	"delete": {true, func(ctx context.Context, c *client.Client) error { return c.Keys.Delete(ctx, "id", nil) }},
	"verify": {true, func(ctx context.Context, c *client.Client) error {
		_, err := c.Verify(ctx, client.NewSecret(key), client.Question{})
		return err
	}},
	"report": {true, func(ctx context.Context, c *client.Client) error {
		return c.ReportExposure(ctx, client.NewSecret(key), "", "")
	}},
	"create policy": {false, func(ctx context.Context, c *client.Client) error {
		_, err := c.Policies.Create(ctx, client.NewPolicy{})
		return err
	}},
	"create user": {false, func(ctx context.Context, c *client.Client) error {
		_, err := c.Users.Create(ctx, client.NewUser{})
		return err
	}},
	"restore": {false, func(ctx context.Context, c *client.Client) error { _, err := c.Keys.Restore(ctx, "id"); return err }},
	"reveal":  {false, func(ctx context.Context, c *client.Client) error { _, err := c.Keys.Reveal(ctx, "id"); return err }},
	"put matched": {false, func(ctx context.Context, c *client.Client) error {
		_, err := c.Keys.Update(ctx, "id", client.KeyReplacement{}, &client.UpdateKeyParams{IfMatch: "e"})
		return err
	}},
	"patch matched": {false, func(ctx context.Context, c *client.Client) error {
		_, err := c.Keys.Patch(ctx, "id", client.KeyPatch{}, &client.PatchKeyParams{IfMatch: "e"})
		return err
	}},
	"delete matched": {false, func(ctx context.Context, c *client.Client) error {
		return c.Keys.Delete(ctx, "id", &client.DeleteKeyParams{IfMatch: "e"})
	}},
	"register": {false, func(ctx context.Context, c *client.Client) error {
		_, err := c.Services.Put(ctx, "id", client.ServiceRegistration{}, &client.PutServiceParams{IfNoneMatch: "*"})
		return err
	}},
}

// What is safe to repeat is repeated after 503 and a broken connection, with the
// same body and Idempotency-Key. Anything is repeated after 429, and if there was no
// connection. Nothing is repeated after other answers.
func TestWhatIsRepeated(t *testing.T) {
	refused := &net.OpError{Op: "dial", Err: errors.New("refused")}
	for name, kind := range calls {
		for failure, c := range map[string]struct {
			answer func(*http.Request) (*http.Response, error)
			again  bool
		}{
			"503": {refuses(503, "UNAVAILABLE"), kind.twice}, "a proxy's 503": {says(503, "<html>", "Content-Type", "text/html"), kind.twice},
			"broken": {breaks(io.ErrUnexpectedEOF), kind.twice}, "429": {refuses(429, "THROTTLED"), true}, "dial": {breaks(refused), true},
			"500": {refuses(500, "INTERNAL"), false}, "502": {says(502, ""), false}, "409": {refuses(409, "API_KEY_NAME_TAKEN"), false}, "401": {refuses(401, "UNAUTHENTICATED"), false},
		} {
			synctest.Test(t, func(t *testing.T) {
				s := answers(c.answer, says(200, `{"valid": true}`))
				err := kind.call(t.Context(), newClient(t, s))
				if again := len(s.requests) == 2; again != c.again || (err == nil) != c.again {
					t.Errorf("%s, %s: %d requests, %v", name, failure, len(s.requests), err)
				}
				if len(s.requests) == 2 && (s.bodies[0] != s.bodies[1] || !slices.Equal(s.requests[0].Header["Idempotency-Key"], s.requests[1].Header["Idempotency-Key"])) {
					t.Errorf("%s: the second request differs", name)
				}
			})
		}
	}
}

// Creating and rotating carry an Idempotency-Key, a new one for each call, unless
// the caller gives one.
func TestIdempotencyKeys(t *testing.T) {
	s := answers(says(201, `{}`, "Idempotent-Replayed", "true", "ETag", `"7"`))
	c := newClient(t, s)
	for range 2 {
		if made, err := c.Keys.Create(t.Context(), client.NewKey{}, nil); err != nil || !made.Replayed || made.ETag != `"7"` {
			t.Errorf("%+v, %v", made, err)
		}
	}
	if _, err := c.Keys.Rotate(t.Context(), "id", client.Rotation{}, &client.RotateKeyParams{IdempotencyKey: "mine"}); err != nil {
		t.Error(err)
	}
	first, second := s.requests[0].Header.Get("Idempotency-Key"), s.requests[1].Header.Get("Idempotency-Key")
	if len(first) < 20 || first == second || s.requests[2].Header.Get("Idempotency-Key") != "mine" {
		t.Errorf("%q, %q", first, second)
	}
}

// A deletion whose first attempt may have succeeded is a success if nothing is left
// to delete; without such an attempt, or without such a route, it is an error.
func TestDeletedByTheFirstAttempt(t *testing.T) {
	for name, c := range map[string]struct {
		s  *server
		ok bool
	}{
		"lost answer": {answers(breaks(io.ErrUnexpectedEOF), refuses(404, "API_KEY_NOT_FOUND")), true},
		"not there":   {answers(refuses(404, "API_KEY_NOT_FOUND")), false},
		"no route":    {answers(breaks(io.ErrUnexpectedEOF), refuses(404, "NOT_FOUND")), false},
	} {
		synctest.Test(t, func(t *testing.T) {
			if err := newClient(t, c.s).Keys.Delete(t.Context(), "id", nil); (err == nil) != c.ok {
				t.Errorf("%s: %v", name, err)
			}
		})
	}
}

// The waits double, at random between half and whole, and there are as many as the
// client was told.
func TestWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for retries, want := range map[int]time.Duration{0: 0, 1: 100, 3: 700, 6: 6300, 8: 16300} {
			s, start := answers(refuses(503, "UNAVAILABLE")), time.Now()
			if _, err := newClient(t, s, client.WithRetries(retries)).Whoami(t.Context()); !errors.Is(err, client.ErrUnavailable) || len(s.requests) != retries+1 {
				t.Errorf("%d: %v after %d requests", retries, err, len(s.requests))
			}
			if took := time.Since(start); took < want*time.Millisecond/2 || took > want*time.Millisecond+time.Millisecond {
				t.Errorf("%d: %v, want up to %d ms", retries, took, want)
			}
		}
	})
}

// Retry-After is waited for if it is at most 30 s; otherwise the call ends at once.
func TestRetryAfterIsWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for asked, want := range map[string]struct {
			took     time.Duration
			requests int
		}{"7": {7 * time.Second, 2}, "30": {30 * time.Second, 2}, "31": {0, 1}, "2000000000": {0, 1}} {
			s, start := answers(refuses(429, "THROTTLED", "Retry-After", asked), says(200, `{}`)), time.Now()
			_, err := newClient(t, s).Whoami(t.Context())
			if took := time.Since(start); took != want.took || len(s.requests) != want.requests || (err == nil) != (want.requests == 2) {
				t.Errorf("%s: %v, %d requests, %v", asked, took, len(s.requests), err)
			}
		}
	})
}

// A wait ends at once with its context, and is not begun if the context's deadline
// comes first: then the answer is the error, not the deadline.
func TestContextEndsWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		start := time.Now()
		_, err := newClient(t, answers(refuses(503, "UNAVAILABLE", "Retry-After", "20"))).Whoami(ctx)
		if !errors.Is(err, client.ErrUnavailable) || time.Since(start) != time.Second {
			t.Errorf("%v after %v", err, time.Since(start))
		}
		ctx, cancel = context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		start = time.Now()
		_, err = newClient(t, answers(refuses(503, "UNAVAILABLE", "Retry-After", "20"))).Whoami(ctx)
		if !errors.Is(err, client.ErrUnavailable) || time.Since(start) != 0 {
			t.Errorf("%v after %v", err, time.Since(start))
		}
		ctx, cancel = context.WithCancel(t.Context())
		cancel()
		s := answers(func(r *http.Request) (*http.Response, error) { return nil, r.Context().Err() })
		if _, err = newClient(t, s).Whoami(ctx); !errors.Is(err, context.Canceled) || len(s.requests) > 1 {
			t.Errorf("%v after %d requests", err, len(s.requests))
		}
	})
}
