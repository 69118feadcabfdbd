package pepper_test

import (
	"testing"
	"time"

	"github.com/keyward/keyward/infra/local/await"
	"github.com/keyward/keyward/shared/apikey"
)

// If a newer list retires, replaces or drops a pepper while KMS unwraps it, the
// result is not used: neither for the digest that waits for it nor for a later
// one. A retired or dropped pepper costs no further KMS call.
func TestOvertakenByAList(t *testing.T) {
	for name, change := range map[string]func(*deployment){
		"retired": func(d *deployment) { d.set(1, apikey.PepperRetired) },
		"dropped": func(d *deployment) { d.source.peppers = d.source.peppers[1:] },
	} {
		t.Run(name, func(t *testing.T) {
			d := overtaken(t, change)
			for range 2 {
				_, err := d.ring.DigestWith(t.Context(), 1, message)
				wantUnavailable(t, err)
			}
			d.wantCalls(t, 2, 2)
		})
	}
	t.Run("replaced", func(t *testing.T) {
		d := overtaken(t, func(d *deployment) {
			d.source.peppers = d.source.peppers[1:]
			d.add(1, apikey.PepperVerifying)
		})
		if _, err := d.ring.DigestWith(t.Context(), 1, message); err != nil {
			t.Fatal(err)
		}
		d.wantCalls(t, 2, 3) // the new pepper 1 was unwrapped too
	})
}

// If a newer list leaves the pepper unchanged, the result of the KMS call is
// kept.
func TestOvertakenByTheSameList(t *testing.T) {
	d, done := slow(t)
	reread(t, d)
	close(d.kms.wait)
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if _, err := d.ring.DigestWith(t.Context(), 1, message); err != nil {
		t.Fatal(err)
	}
	d.wantCalls(t, 2, 2)
}

// overtaken returns a deployment in which pepper 1 changed while KMS unwrapped
// it.
func overtaken(t *testing.T, change func(*deployment)) *deployment {
	t.Helper()
	d, done := slow(t)
	change(d)
	reread(t, d)
	close(d.kms.wait)
	wantUnavailable(t, <-done)
	return d
}

// slow returns a deployment whose primed ring waits for KMS to unwrap pepper 1,
// and a channel with the error of that digest.
func slow(t *testing.T) (*deployment, <-chan error) {
	t.Helper()
	d := newDeployment(t)
	d.add(1, apikey.PepperVerifying)
	d.add(2, apikey.PepperActive)
	if err := d.ring.Prime(t.Context()); err != nil {
		t.Fatal(err)
	}
	d.kms.wait = make(chan struct{})
	done := make(chan error, 1)
	go func() {
		_, err := d.ring.DigestWith(t.Context(), 1, message)
		done <- err
	}()
	await.Until(t, "KMS is asked", func() bool { return d.kms.started() == 2 })
	return d, done
}

// reread makes the ring read the list again, by asking for a version that the
// list lacks.
func reread(t *testing.T, d *deployment) {
	t.Helper()
	d.clock.step(2 * time.Second)
	_, err := d.ring.DigestWith(t.Context(), 9, message)
	wantUnavailable(t, err)
}
