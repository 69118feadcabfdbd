package pepper_test

import (
	"errors"
	"testing"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/pepper"
)

// A retired version is told apart from one that is unknown or damaged, also if it
// was used before. A process stops to use it once its list is too old.
func TestRetiredIsNotUnknown(t *testing.T) {
	d := newDeployment(t)
	d.add(1, apikey.PepperVerifying)
	d.add(2, apikey.PepperActive)
	d.source.peppers = append(d.source.peppers, apikey.Pepper{Version: 4, Damage: errors.New("damaged")})
	use := func(version int) error {
		_, err := d.ring.DigestWith(t.Context(), version, message)
		return err
	}
	if err := use(1); err != nil {
		t.Fatal(err)
	}
	d.set(1, apikey.PepperRetired)
	if err := use(1); err != nil {
		t.Errorf("within the time for which peppers are kept: %v", err)
	}
	d.clock.step(pepper.DefaultMaxAge)
	for version, retired := range map[int]bool{1: true, 3: false, 4: false} {
		err := use(version)
		wantUnavailable(t, err)
		if errors.Is(err, apikey.ErrPepperRetired) != retired {
			t.Errorf("version %d: %v", version, err)
		}
	}
	if err := use(2); err != nil {
		t.Error(err)
	}
	d.add(5, apikey.PepperActive)
	d.set(2, apikey.PepperRetired)
	d.clock.step(pepper.DefaultMaxAge)
	if err := use(2); !errors.Is(err, apikey.ErrPepperRetired) {
		t.Errorf("the former active version: %v", err)
	}
}

// The ring knows the active version without I/O, once it has read the list, and
// hears of a new one when it reads the list again.
func TestActiveVersion(t *testing.T) {
	d := newDeployment(t)
	d.add(1, apikey.PepperActive)
	if v := d.ring.Active(); v != 0 || d.source.reads != 0 {
		t.Errorf("active is %d after %d reads", v, d.source.reads)
	}
	digest := func(version int) {
		t.Helper()
		if _, err := d.ring.DigestWith(t.Context(), version, message); err != nil {
			t.Fatal(err)
		}
	}
	digest(1)
	d.add(2, apikey.PepperActive)
	d.set(1, apikey.PepperVerifying)
	if v := d.ring.Active(); v != 1 {
		t.Errorf("active is %d", v)
	}
	d.clock.step(2 * time.Second)
	digest(2)
	if v := d.ring.Active(); v != 2 || d.source.reads != 2 {
		t.Errorf("active is %d after %d reads", v, d.source.reads)
	}
}
