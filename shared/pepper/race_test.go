package pepper_test

import (
	"testing"
	"time"

	"github.com/keyward/keyward/infra/local/await"
	"github.com/keyward/keyward/shared/apikey"
)

// What became of a pepper while KMS unwrapped it counts: one that a newer list
// has retired, replaced or dropped makes no digest, neither the one that waits
// for it nor a later one, and costs no call of KMS any more.
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
		d.wantCalls(t, 2, 3) // it was unwrapped anew
	})
}

// Where the newer list says the same of it, the pepper that was unwrapped
// meanwhile is kept.
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

// overtaken is a ring to which a change of pepper 1 came while KMS unwrapped it.
func overtaken(t *testing.T, change func(*deployment)) *deployment {
	t.Helper()
	d, done := slow(t)
	change(d)
	reread(t, d)
	close(d.kms.wait)
	wantUnavailable(t, <-done)
	return d
}

// slow is a primed ring that waits for KMS to unwrap pepper 1, and how that ends.
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

// reread has the list read again: it lacks the version that is asked for.
func reread(t *testing.T, d *deployment) {
	t.Helper()
	d.clock.step(2 * time.Second)
	_, err := d.ring.DigestWith(t.Context(), 9, message)
	wantUnavailable(t, err)
}
