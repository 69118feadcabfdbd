package pepper_test

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	awskms "github.com/aws/aws-sdk-go-v2/service/kms"

	"github.com/keyward/keyward/infra/local/await"
	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/pepper"
)

var message = []byte("a message")

// A digest is the HMAC-SHA-256 of the message under the pepper's bytes, with
// the pepper's version.
func TestDigestIsHMAC(t *testing.T) {
	d := newDeployment(t)
	d.add(1, apikey.PepperVerifying)
	d.add(2, apikey.PepperActive)
	for version, digest := range map[int]func() (apikey.Digest, error){
		1: func() (apikey.Digest, error) { return d.ring.DigestWith(t.Context(), 1, message) },
		2: func() (apikey.Digest, error) { return d.ring.Digest(t.Context(), message) },
	} {
		want := hmac.New(sha256.New, d.plaintext(version))
		want.Write(message)
		for range 3 {
			got, err := digest()
			if err != nil || got.Pepper != version || !bytes.Equal(got.Sum[:], want.Sum(nil)) {
				t.Fatalf("version %d: got version %d and another sum, or %v", version, got.Pepper, err)
			}
		}
	}
}

// After Prime, a digest under the active pepper loads nothing.
func TestPrime(t *testing.T) {
	d := newDeployment(t)
	d.add(1, apikey.PepperActive)
	if err := d.ring.Prime(t.Context()); err != nil {
		t.Fatal(err)
	}
	d.source.fail, d.kms.fail = errors.New("down"), errors.New("down")
	if _, err := d.ring.DigestWith(t.Context(), 1, message); err != nil {
		t.Fatal(err)
	}
	if _, err := d.ring.Digest(t.Context(), message); err != nil {
		t.Fatal(err)
	}
	d.wantCalls(t, 1, 1)
}

// An unwrapped pepper is used until the maximum age and not an instant longer,
// even if KMS or the source cannot be reached. Once KMS is back, it is
// unwrapped again.
func TestMaxAge(t *testing.T) {
	d := newDeployment(t)
	d.add(1, apikey.PepperActive)
	if err := d.ring.Prime(t.Context()); err != nil {
		t.Fatal(err)
	}
	d.kms.fail = errors.New("kms is down")
	d.clock.step(pepper.DefaultMaxAge - time.Nanosecond)
	if _, err := d.ring.DigestWith(t.Context(), 1, message); err != nil {
		t.Fatal(err)
	}
	d.clock.step(time.Nanosecond)
	_, err := d.ring.DigestWith(t.Context(), 1, message)
	wantUnavailable(t, err)
	_, err = d.ring.Digest(t.Context(), message)
	wantUnavailable(t, err)
	d.kms.fail = nil
	if _, err := d.ring.DigestWith(t.Context(), 1, message); err != nil {
		t.Fatal(err)
	}
}

// A pepper is not used if the list of peppers is older than the maximum age,
// even if the pepper was unwrapped later.
func TestListAge(t *testing.T) {
	d := newDeployment(t)
	d.add(1, apikey.PepperVerifying)
	d.add(2, apikey.PepperActive)
	if err := d.ring.Prime(t.Context()); err != nil {
		t.Fatal(err)
	}
	d.clock.step(pepper.DefaultMaxAge - time.Second)
	if _, err := d.ring.DigestWith(t.Context(), 1, message); err != nil {
		t.Fatal(err)
	}
	d.set(1, apikey.PepperRetired)
	d.clock.step(2 * time.Second)
	_, err := d.ring.DigestWith(t.Context(), 1, message)
	wantUnavailable(t, err)
	d.wantCalls(t, 2, 2)
}

// If the clock is set back to before the load, what was loaded is not used any
// more.
func TestClockSetBack(t *testing.T) {
	d := newDeployment(t)
	d.add(1, apikey.PepperActive)
	if err := d.ring.Prime(t.Context()); err != nil {
		t.Fatal(err)
	}
	d.clock.step(-time.Hour)
	if _, err := d.ring.DigestWith(t.Context(), 1, message); err != nil {
		t.Fatal(err)
	}
	d.wantCalls(t, 2, 2)
}

// A pepper that is unknown, retired, damaged, bound to another context or
// wrapped by another KMS key is Unavailable, and never gives a digest. The
// other peppers still work.
func TestUnusable(t *testing.T) {
	d := newDeployment(t)
	d.add(1, apikey.PepperActive)
	d.add(2, apikey.PepperRetired)
	d.add(3, apikey.PepperVerifying)
	d.source.peppers[2].Wrapped = d.source.peppers[0].Wrapped // bound to version 1
	d.add(4, apikey.PepperVerifying)
	d.source.peppers[3].Wrapped = d.seal(t, d.otherKey, 4, 32)
	d.add(5, apikey.PepperVerifying)
	d.source.peppers[4].Wrapped = d.seal(t, d.keyID, 5, 31)
	d.source.peppers = append(d.source.peppers, apikey.Pepper{Version: 6, Damage: errors.New("no state")}, apikey.Pepper{Damage: errors.New("no version")})
	for version, why := range map[int]string{6: "damaged", 0: "zero", 2: "retired", 3: "wrong version", 4: "another KMS key", 5: "too short", 9: "unknown", -1: "negative"} {
		_, err := d.ring.DigestWith(t.Context(), version, message)
		if err == nil {
			t.Errorf("%s: got a digest", why)
		}
		wantUnavailable(t, err)
	}
	if _, err := d.ring.DigestWith(t.Context(), 1, message); err != nil {
		t.Errorf("one that is sound, beside the others: %v", err)
	}
	other := pepper.New(pepper.Config{KMS: d.kms, Source: d.source, KeyID: d.keyID, Table: "another", Now: d.clock.now})
	_, err := other.Digest(t.Context(), message)
	wantUnavailable(t, err)
}

// A version that the list lacks is found once it exists. Requests for it cost
// at most one read a second, however many there are.
func TestUnknownVersionIsBounded(t *testing.T) {
	d := newDeployment(t)
	d.add(1, apikey.PepperActive)
	if err := d.ring.Prime(t.Context()); err != nil {
		t.Fatal(err)
	}
	d.clock.step(10 * time.Second)
	for range 1000 {
		_, err := d.ring.DigestWith(t.Context(), 7, message)
		wantUnavailable(t, err)
		d.clock.step(time.Millisecond)
	}
	d.wantCalls(t, 2, 1)
	d.add(7, apikey.PepperVerifying)
	d.clock.step(time.Second)
	if _, err := d.ring.DigestWith(t.Context(), 7, message); err != nil {
		t.Fatal(err)
	}
	if _, err := d.ring.DigestWith(t.Context(), 1, message); err != nil {
		t.Fatal(err)
	}
	d.wantCalls(t, 3, 2)
}

// In a new deployment, the ring makes the first pepper and uses it at once,
// even if it was primed before the pepper existed.
func TestFirstPepper(t *testing.T) {
	d := newDeployment(t)
	wantUnavailable(t, d.ring.Prime(t.Context()))
	made, err := d.ring.NewPepper(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	if made.Version != 1 || made.State != apikey.PepperActive {
		t.Fatalf("made version %d, %s", made.Version, made.State)
	}
	d.source.peppers = append(d.source.peppers, made)
	got, err := d.ring.Digest(t.Context(), message)
	if err != nil || got.Pepper != 1 {
		t.Fatalf("digest under pepper %d, %v", got.Pepper, err)
	}
}

// Any number of concurrent digests cost one read and one KMS call, and a caller
// that gives up does not fail the others.
func TestSingleFlight(t *testing.T) {
	d := newDeployment(t)
	d.add(1, apikey.PepperActive)
	d.kms.wait = make(chan struct{})
	impatient, cancel := context.WithCancel(t.Context())
	first := make(chan error, 1)
	go func() {
		_, err := d.ring.DigestWith(impatient, 1, message)
		first <- err
	}()
	await.Until(t, "KMS is asked", func() bool { return d.kms.started() == 1 })
	var others sync.WaitGroup
	for range 50 {
		others.Go(func() {
			if _, err := d.ring.Digest(t.Context(), message); err != nil {
				t.Error(err)
			}
		})
	}
	cancel()
	wantUnavailable(t, <-first)
	close(d.kms.wait)
	others.Wait()
	d.wantCalls(t, 1, 1)
}

// A failure of KMS or of the source is Unavailable and keeps its cause for the
// log.
func TestFailureKeepsCause(t *testing.T) {
	d := newDeployment(t)
	d.add(1, apikey.PepperActive)
	cause := errors.New("connection refused")
	for _, breakIt := range []func(){func() { d.kms.fail = cause }, func() { d.source.fail = cause }} {
		breakIt()
		_, err := d.ring.Digest(t.Context(), message)
		wantUnavailable(t, err)
		if !errors.Is(err, cause) {
			t.Errorf("%v lacks its cause", err)
		}
	}
	d.kms.fail = cause
	_, err := d.ring.NewPepper(t.Context(), 2)
	wantUnavailable(t, err)
}

// Neither a ring nor an error of one shows a pepper's bytes, in any form that
// Go prints.
func TestNothingIsPrinted(t *testing.T) {
	d := newDeployment(t)
	d.add(1, apikey.PepperActive)
	if err := d.ring.Prime(t.Context()); err != nil {
		t.Fatal(err)
	}
	plaintext := d.plaintext(1)
	var text strings.Builder
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%d"} {
		fmt.Fprintf(&text, verb, d.ring)
	}
	slog.New(slog.NewJSONHandler(&text, nil)).Info("ring", "ring", d.ring)
	_, err := d.ring.DigestWith(t.Context(), 9, message)
	fmt.Fprintf(&text, "%+v %#v", err, err)
	for _, form := range []string{string(plaintext), hex.EncodeToString(plaintext[:8]), strings.Trim(fmt.Sprintf("%d", plaintext[:8]), "[]")} {
		if strings.Contains(text.String(), form) {
			t.Fatal("the pepper's bytes were printed")
		}
	}
}

// A digest under a loaded pepper allocates nothing.
func TestDigestAllocatesNothing(t *testing.T) {
	d := newDeployment(t)
	d.add(1, apikey.PepperActive)
	if err := d.ring.Prime(t.Context()); err != nil {
		t.Fatal(err)
	}
	ctx := t.Context()
	if n := testing.AllocsPerRun(2000, func() { _, _ = d.ring.DigestWith(ctx, 1, message) }); n > 1 {
		t.Errorf("%v allocations, want at most 1 (the race detector drops pooled hashes)", n)
	}
}

func BenchmarkDigestWith(b *testing.B) {
	d := newDeployment(b)
	d.add(1, apikey.PepperActive)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := d.ring.DigestWith(b.Context(), 1, message); err != nil {
			b.Fatal(err)
		}
	}
}

// Unwrapped is called for each KMS call that unwraps a pepper, with its
// duration and error, and for nothing else.
func TestUnwrappedIsTold(t *testing.T) {
	d := newDeployment(t)
	d.add(1, apikey.PepperActive)
	var told []time.Duration
	var faults []error
	ring := pepper.New(pepper.Config{
		KMS: slowKMS{d}, Source: d.source, KeyID: d.keyID, Table: "keyward", Now: d.clock.now,
		Unwrapped: func(took time.Duration, err error) { told, faults = append(told, took), append(faults, err) },
	})
	down := errors.New("down")
	d.kms.fail = down
	_, failed := ring.Digest(t.Context(), message)
	d.kms.fail = nil
	for range 3 {
		if _, err := ring.Digest(t.Context(), message); err != nil {
			t.Fatal(err)
		}
	}
	if len(faults) != 2 || !errors.Is(faults[0], down) || faults[1] != nil {
		t.Errorf("the faults are %v", faults)
	}
	if failed == nil || len(told) != 2 || told[0] != time.Second || told[1] != time.Second {
		t.Errorf("told of %v after %v", told, failed)
	}
}

// slowKMS takes a second for each answer.
type slowKMS struct{ *deployment }

func (k slowKMS) Decrypt(ctx context.Context, in *awskms.DecryptInput, options ...func(*awskms.Options)) (*awskms.DecryptOutput, error) {
	k.clock.step(time.Second)
	return k.kms.Decrypt(ctx, in, options...)
}

func (k slowKMS) GenerateDataKeyWithoutPlaintext(context.Context, *awskms.GenerateDataKeyWithoutPlaintextInput, ...func(*awskms.Options)) (*awskms.GenerateDataKeyWithoutPlaintextOutput, error) {
	return nil, errors.New("not asked for here")
}
