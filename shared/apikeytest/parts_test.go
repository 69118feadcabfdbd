package apikeytest

import (
	"bytes"
	"errors"
	"io"
	"sync"
	"testing"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/routing"
	"github.com/keyward/keyward/shared/uuid"
)

// The clock only moves when told to, and exactly as told.
func TestClock(t *testing.T) {
	clock := NewClock()
	start := clock.Now()
	if clock.Now() != start || !start.Equal(start.UTC().Truncate(time.Millisecond)) {
		t.Errorf("the clock starts at %v", start)
	}
	if got := clock.Advance(-time.Hour); got != start.Add(-time.Hour) || clock.Now() != got {
		t.Errorf("an hour before %v is %v", start, got)
	}
	clock.Set(start)
	if clock.Now() != start {
		t.Errorf("set to %v, shows %v", start, clock.Now())
	}
}

// The same seed gives the same bytes, and another seed gives other bytes.
// Concurrent readers never get the same bytes.
func TestEntropy(t *testing.T) {
	block := func(seed uint64) []byte {
		b := make([]byte, 64)
		if _, err := io.ReadFull(Entropy(seed), b); err != nil {
			t.Fatal(err)
		}
		return b
	}
	if !bytes.Equal(block(1), block(1)) || bytes.Equal(block(1), block(2)) {
		t.Error("the bytes do not follow from the seed")
	}
	source := Entropy(3)
	var seen sync.Map
	var group sync.WaitGroup
	for range 100 {
		group.Go(func() {
			id, err := uuid.New(source)
			if _, again := seen.LoadOrStore(id, true); again || err != nil {
				t.Errorf("id %s again, error %v", id, err)
			}
		})
	}
	group.Wait()
}

// A digest depends on the pepper and the message. A pepper that was never made
// is Unavailable. Every attempt is counted.
func TestPeppers(t *testing.T) {
	var peppers Peppers
	ctx := t.Context()
	one, err := peppers.Digest(ctx, []byte("a"))
	if err != nil || one.Pepper != 1 {
		t.Fatalf("digest %v, error %v", one, err)
	}
	if again, _ := peppers.DigestWith(ctx, 1, []byte("a")); again != one {
		t.Error("the same message gives another digest")
	}
	if other, _ := peppers.Digest(ctx, []byte("b")); other.Sum == one.Sum {
		t.Error("another message gives the same digest")
	}
	for _, version := range []int{-1, 0, 2} {
		if _, err := peppers.DigestWith(ctx, version, nil); err == nil || apikey.KindOf(err) != apikey.Unavailable {
			t.Errorf("version %d: error %v", version, err)
		}
	}
	made, err := peppers.NewPepper(ctx, 2)
	if err != nil || made.Version != 2 || made.State != apikey.PepperActive || len(made.Wrapped) == 0 {
		t.Errorf("made %v, error %v", made, err)
	}
	if two, _ := peppers.Digest(ctx, []byte("a")); two.Pepper != 2 || two.Sum == one.Sum {
		t.Error("the new pepper is not used")
	}
	if old, _ := peppers.DigestWith(ctx, 1, []byte("a")); old != one {
		t.Error("the old pepper is lost")
	}
	if calls := peppers.Calls(); calls != 8 {
		t.Errorf("%d calls counted, want 8", calls)
	}
}

// After Break, every call is Unavailable with the cause, until Break(nil). A
// broken store still counts its reads.
func TestBreak(t *testing.T) {
	ctx, cause := t.Context(), errors.New("pulled the plug")
	store, peppers := NewStore(), &Peppers{}
	calls := map[string]func() error{
		"key": func() error { _, err := store.Key(ctx, uuid.UUID{}); return err },
		"keys": func() error {
			_, err := store.Keys(ctx, acme, apikey.KeyFilter{}, apikey.Position{}, 1)
			return err
		},
		"org":     func() error { _, err := store.Organization(ctx, acme); return err },
		"peppers": func() error { _, err := store.Peppers(ctx); return err },
		"service": func() error { _, err := store.Service(ctx, routing.API{}); return err },
		"audit": func() error {
			_, err := store.AuditRecords(ctx, acme, apikey.AuditFilter{}, apikey.Position{}, 1)
			return err
		},
		"commit": func() error { return store.Commit(ctx, apikey.Change{Audits: make([]apikey.AuditRecord, 1)}) },
		"digest": func() error { _, err := peppers.Digest(ctx, nil); return err },
		"pepper": func() error { _, err := peppers.NewPepper(ctx, 1); return err },
	}
	store.Break(cause)
	peppers.Break(cause)
	for name, call := range calls {
		if err := call(); apikey.KindOf(err) != apikey.Unavailable || !errors.Is(err, cause) {
			t.Errorf("%s: error %v", name, err)
		}
	}
	if reads := store.Reads(); reads != 6 {
		t.Errorf("%d reads counted, want 6", reads)
	}
	store.Break(nil)
	peppers.Break(nil)
	for name, call := range calls {
		if err := call(); err != nil && apikey.KindOf(err) != apikey.NotFound {
			t.Errorf("%s, mended: error %v", name, err)
		}
	}
}

// The rules work with the parts of this package: a key is created, verified and
// deleted.
func TestRules(t *testing.T) {
	peppers := &Peppers{}
	keys := &apikey.Rules{Store: NewStore(), Digester: peppers, PepperMaker: peppers, Now: NewClock().Now, Entropy: Entropy(1), NFC: func(s string) string { return s }}
	ctx := t.Context()
	made, err := keys.Bootstrap(ctx, apikey.Setup{Organization: acme, KeyPrefix: "kw", Name: "Acme", OwnerEmail: "owner@example.com", OwnerName: "Owner", AdminKey: "admin"})
	if err != nil {
		t.Fatal(err)
	}
	admin := apikey.Caller{Org: acme, Key: made.Admin.Key.ID}
	minted, err := keys.Create(ctx, admin, apikey.Draft{Name: "new"})
	if err != nil {
		t.Fatal(err)
	}
	read, _, err := keys.Get(ctx, admin, minted.Key.ID)
	if err != nil {
		t.Fatal(err)
	}
	if ok, err := apikey.Matches(ctx, peppers, minted.Text, read.Digest); !ok || err != nil {
		t.Errorf("the key does not match its record: %v", err)
	}
	if err := keys.Delete(ctx, admin, minted.Key.ID, 0); err != nil {
		t.Error(err)
	}
	if _, _, err := keys.Get(ctx, admin, minted.Key.ID); apikey.KindOf(err) != apikey.NotFound {
		t.Errorf("error %v", err)
	}
}
