package apikey_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/apikeytest"
)

// versions describes a report: each version with its state and keys.
func versions(report apikey.PepperReport) string {
	var all []string
	for _, use := range report.Versions {
		all = append(all, fmt.Sprintf("%d %s %d", use.Pepper.Version, use.Pepper.State, use.Keys))
	}
	return strings.Join(all, ", ")
}

func (h *house) rotatePepper(t *testing.T, minimumAge time.Duration, want string) apikey.PepperReport {
	t.Helper()
	report, err := h.RotatePepper(t.Context(), minimumAge)
	if err != nil || versions(report) != want {
		t.Fatalf("rotated to %s, %v, want %s", versions(report), err, want)
	}
	return report
}

func (h *house) retirePepper(t *testing.T, retirement apikey.Retirement, want string) {
	t.Helper()
	report, err := h.RetirePepper(t.Context(), retirement)
	if err != nil || versions(report) != want {
		t.Errorf("retired: %s, %v, want %s", versions(report), err, want)
	}
}

// wantDetail fails the test unless err is [apikey.InUse] and says all of parts.
func wantDetail(t *testing.T, err error, parts ...string) {
	t.Helper()
	wantKind(t, err, apikey.InUse)
	for _, part := range parts {
		if err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("%v does not say %q", err, part)
		}
	}
}

// propose says that an authorizer saw the secret of a generation, whose digest is
// from, and what it is under a pepper.
func (h *house) propose(t *testing.T, key apikey.Key, generation int, text []byte, from apikey.Digest, pepper int) apikey.Uses {
	t.Helper()
	to, err := (&apikeytest.Peppers{}).DigestWith(t.Context(), 1, text)
	if err != nil {
		t.Fatal(err)
	}
	to.Pepper = pepper
	uses := used(key.ID, h.clock.Now().UTC().Truncate(time.Millisecond), "View", "", 1)
	uses.Rehash = apikey.Rehash{Generation: generation, From: from, To: to}
	return uses
}

// A rotation makes one active version and keeps the former one verifying. It is
// recorded, and can be repeated: an active version that is too young stays.
func TestRotatePepper(t *testing.T) {
	h := newHouse(t)
	h.rotatePepper(t, 0, "1 verifying 2, 2 active 0")
	report := h.rotatePepper(t, apikey.DefaultPepperAge, "1 verifying 2, 2 active 0")
	if report.Organizations != 1 || !strings.Contains(report.Note, "Version 2") || report.Versions[0].Pepper.ReplacedOn.IsZero() || !report.Versions[1].Pepper.CreatedOn.Equal(report.Versions[0].Pepper.ReplacedOn) {
		t.Errorf("reported %+v", report)
	}
	h.create(t, "under the second")
	h.clock.Advance(apikey.DefaultPepperAge)
	if report = h.rotatePepper(t, apikey.DefaultPepperAge, "1 verifying 2, 2 verifying 1, 3 active 0"); report.Note != "" {
		t.Errorf("noted %q", report.Note)
	}
	part, err := h.store.AuditRecords(t.Context(), apikey.Deployment, apikey.AuditFilter{Action: apikey.ActionCreatePepper}, apikey.Position{}, 10)
	for next := part.Next; err == nil && next != nil; next = part.Next {
		more, failed := h.store.AuditRecords(t.Context(), apikey.Deployment, apikey.AuditFilter{Action: apikey.ActionCreatePepper}, *next, 10)
		part.Records, part.Next, err = append(part.Records, more.Records...), more.Next, failed
	}
	if err != nil || len(part.Records) != 2 || part.Records[0].Target != "3" || part.Records[0].Actor.Username != "rotate-pepper" || part.Records[0].After["state"] != "active" {
		t.Errorf("recorded %+v, %v", part.Records, err)
	}
}

// Rotations at the same time make one version. One that is interrupted before its
// commit, or whose answer is lost, can be run again.
func TestRotatePepperAtOnceAndAgain(t *testing.T) {
	h := newHouse(t)
	h.clock.Advance(2 * apikey.DefaultPepperAge)
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			if _, err := h.RotatePepper(t.Context(), apikey.DefaultPepperAge); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	h.rotatePepper(t, apikey.DefaultPepperAge, "1 verifying 2, 2 active 0")
	h.clock.Advance(apikey.DefaultPepperAge)
	h.store.left.Store(0)
	if _, err := h.RotatePepper(t.Context(), apikey.DefaultPepperAge); apikey.KindOf(err) != apikey.Unavailable {
		t.Errorf("interrupted: %v", err)
	}
	h.store.left.Store(-1)
	for range 2 {
		h.rotatePepper(t, apikey.DefaultPepperAge, "1 verifying 2, 2 verifying 0, 3 active 0")
	}
}

// A version is retired only if no key is under it, none can come to be, and no
// authorizer can still use the earlier record of one that was. Whoever retires it
// all the same says how many keys die, and it may not be more.
func TestRetirePepper(t *testing.T) {
	h := newHouse(t)
	deleted := h.create(t, "deleted")
	if err := h.Delete(t.Context(), h.admin, deleted.ID, 0); err != nil {
		t.Fatal(err)
	}
	h.rotatePepper(t, 0, "1 verifying 3, 2 active 0")
	retire := func(r apikey.Retirement) error {
		_, err := h.RetirePepper(t.Context(), r)
		return err
	}
	wantFields(t, retire(apikey.Retirement{Version: 2}), "retire")
	wantFields(t, retire(apikey.Retirement{Version: 3}), "retire")
	wantDetail(t, retire(apikey.Retirement{Version: 1}), "3 keys would stop working", `{"retire":1,"force":3}`)
	wantDetail(t, retire(apikey.Retirement{Version: 1, Forced: true, Keys: 2}), "3 keys")

	h.clock.Advance(24 * time.Hour)
	for _, key := range []apikey.Key{h.own, h.stored(t, h.owner.Key)} {
		h.count(t, h.propose(t, key, 1, []byte(key.ID.String()), key.Digest, 2))
	}
	wantDetail(t, retire(apikey.Retirement{Version: 1}), "1 keys")
	purged := h.stored(t, deleted.ID).PurgeOn
	h.clock.Advance(purged.Sub(h.clock.Now()) + time.Second)
	if _, err := h.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	h.retirePepper(t, apikey.Retirement{Version: 1}, "1 retired 0, 2 active 2")
	h.retirePepper(t, apikey.Retirement{Version: 1}, "1 retired 0, 2 active 2")

	h.rotatePepper(t, 0, "1 retired 0, 2 verifying 2, 3 active 0")
	h.retirePepper(t, apikey.Retirement{Version: 2, Forced: true, Keys: 2}, "1 retired 0, 2 retired 2, 3 active 0")
	h.rotatePepper(t, 0, "1 retired 0, 2 retired 2, 3 verifying 0, 4 active 0")
	wantDetail(t, retire(apikey.Retirement{Version: 3}), "can be retired from")
	h.clock.Advance(65 * time.Minute)
	h.retirePepper(t, apikey.Retirement{Version: 3}, "1 retired 0, 2 retired 2, 3 retired 0, 4 active 0")
}

// After the last key has left a version, that is not retired until no authorizer
// has the key's earlier record. The live secret of an overlap counts as a key.
func TestRetirePepperWaitsForCaches(t *testing.T) {
	h := newHouse(t)
	h.rotatePepper(t, 0, "1 verifying 2, 2 active 0")
	h.clock.Advance(24 * time.Hour)
	for _, caller := range []apikey.Caller{h.admin, h.owner} {
		key := h.stored(t, caller.Key)
		h.count(t, h.propose(t, key, 1, []byte(key.ID.String()), key.Digest, 2))
	}
	_, err := h.RetirePepper(t.Context(), apikey.Retirement{Version: 1})
	wantDetail(t, err, "can be retired from")
	h.rotatePepper(t, 0, "1 verifying 0, 2 verifying 2, 3 active 0")
	h.clock.Advance(65 * time.Minute)
	for _, caller := range []apikey.Caller{h.admin, h.owner} {
		if _, err := h.Rotate(t.Context(), h.owner, caller.Key, 0, apikey.Rotation{Overlap: time.Hour}); err != nil {
			t.Fatal(err)
		}
	}
	_, err = h.RetirePepper(t.Context(), apikey.Retirement{Version: 2})
	wantDetail(t, err, "2 keys")
	h.clock.Advance(time.Hour)
	_, err = h.RetirePepper(t.Context(), apikey.Retirement{Version: 2})
	wantDetail(t, err, "can be retired from")
	h.clock.Advance(10 * time.Minute)
	h.retirePepper(t, apikey.Retirement{Version: 2}, "1 verifying 0, 2 retired 0, 3 active 2")
}

// A key whose record is damaged may be under any version, and stops none of the
// answers.
func TestPepperReportCountsDamage(t *testing.T) {
	h := newHouse(t)
	h.store.Damage(apikey.KeyRef(h.own.ID))
	report := h.rotatePepper(t, 0, "1 verifying 1, 2 active 0")
	if report.Unreadable != 1 {
		t.Errorf("%d keys are unreadable", report.Unreadable)
	}
	_, err := h.RetirePepper(t.Context(), apikey.Retirement{Version: 1})
	wantDetail(t, err, "2 keys")
	h.store.Break(errors.New("down"))
	_, err = h.ReportPeppers(t.Context())
	wantKind(t, err, apikey.Unavailable)
}
