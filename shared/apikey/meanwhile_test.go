package apikey_test

import (
	"context"
	"testing"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/permission"
	"github.com/keyward/keyward/shared/uuid"
)

// meanwhile lets a test act before an encrypted copy is read, before the first
// listing of keys, or between the two reads of a request.
type meanwhile struct {
	*hookedStore
	beforeSealed, beforeKeys, beforeSecondRead func()
	reads                                      int
}

func (s *meanwhile) Keys(ctx context.Context, org apikey.OrgID, filter apikey.KeyFilter, after apikey.Position, limit int) (apikey.Listed[apikey.Key, apikey.Position], error) {
	if do := s.beforeKeys; do != nil {
		s.beforeKeys = nil
		do()
	}
	return s.hookedStore.Keys(ctx, org, filter, after, limit)
}

func (s *meanwhile) Sealed(ctx context.Context, id uuid.UUID) ([]byte, error) {
	s.beforeSealed()
	return s.hookedStore.Sealed(ctx, id)
}

func (s *meanwhile) Read(ctx context.Context, refs ...apikey.Ref) (apikey.Found, error) {
	if s.reads++; s.reads == 2 && s.beforeSecondRead != nil {
		s.beforeSecondRead()
	}
	return s.hookedStore.Read(ctx, refs...)
}

// whileIn makes the house's rules read through m, and returns rules that do
// not.
func (h *house) whileIn(m *meanwhile) apikey.Rules {
	aside := *h.Rules
	m.hookedStore = h.store
	h.Store = m
	return aside
}

// A key that is deleted while it is revealed is not found. It is not treated as
// a damaged record, which would raise an alarm.
func TestRevealOfAKeyThatIsDeletedMeanwhile(t *testing.T) {
	h := newHouse(t)
	minted, err := h.Create(t.Context(), h.owner, apikey.Draft{Name: "r", Recoverable: true})
	if err != nil {
		t.Fatal(err)
	}
	m := &meanwhile{}
	aside := h.whileIn(m)
	m.beforeSealed = func() {
		if err := aside.Delete(t.Context(), h.owner, minted.Key.ID, 0); err != nil {
			t.Error(err)
		}
	}
	_, _, err = h.Reveal(t.Context(), h.owner, minted.Key.ID)
	wantKind(t, err, apikey.NotFound)
}

// Nobody acts for a user who is removed while one of their keys is changed, and
// this is not treated as damage.
func TestKeyOfAUserWhoIsRemovedMeanwhile(t *testing.T) {
	h := newHouse(t)
	user := h.user(t, member("u"))
	minted, err := h.Create(t.Context(), h.owner, apikey.Draft{Name: "k", Type: apikey.TypePersonal, OnBehalfOf: user.ID, AllowIPs: []string{"10.0.0.1"}})
	if err != nil {
		t.Fatal(err)
	}
	m := &meanwhile{}
	aside := h.whileIn(m)
	m.beforeSecondRead = func() {
		if err := aside.DeleteUser(t.Context(), h.owner, user.ID, 0); err != nil {
			t.Error(err)
		}
	}
	_, _, err = h.Patch(t.Context(), h.owner, minted.Key.ID, 0, apikey.Edit{AllowIPs: &[]string{}})
	wantKind(t, err, apikey.NotHeld)
}

// Shared keys never identify as a removed user, even if the first and the
// second candidate are removed at the same time.
func TestRepresentativesWhoAreRemovedAtOnce(t *testing.T) {
	h := newHouse(t)
	h.clock.Advance(time.Minute)
	second := h.user(t, apikey.UserDraft{Email: "a@example.com", Name: "A", Role: apikey.RoleAdmin})
	h.clock.Advance(time.Minute)
	third, err := h.CreateUser(t.Context(), h.owner, apikey.UserDraft{Email: "o@example.com", Name: "O", Role: apikey.RoleOwner})
	if err != nil {
		t.Fatal(err)
	}
	byToken := apikey.Caller{Org: "demo", User: third.ID}
	h.store.before = func() {
		if err := h.DeleteUser(t.Context(), byToken, second.ID, 0); err != nil {
			t.Error(err)
		}
	}
	if err := h.DeleteUser(t.Context(), byToken, h.person.ID, 0); err != nil {
		t.Fatal(err)
	}
	if status, err := h.store.Status(t.Context(), "demo"); err != nil || status.Representative != third.ID {
		t.Errorf("shared keys identify as %s, %v, and the only OWNER is %s", status.Representative, err, third.ID)
	}
}

// A change is committed on the records that decided it, even if it writes one
// of them and has since seen a newer version. Here, a key that loses its right
// to remove users cannot remove its own user, although the removal would
// disable it.
func TestCallerWhoIsNarrowedMeanwhile(t *testing.T) {
	h := newHouse(t)
	user := h.user(t, member("u", permission.AdministerUsers))
	minted, err := h.Create(t.Context(), h.owner, apikey.Draft{
		Name: "k", Type: apikey.TypePersonal, OnBehalfOf: user.ID, Narrowed: true, Permissions: permission.NewSet(permission.AdministerUsers),
	})
	if err != nil {
		t.Fatal(err)
	}
	m := &meanwhile{}
	aside := h.whileIn(m)
	m.beforeKeys = func() {
		if _, _, err := aside.Patch(t.Context(), h.owner, minted.Key.ID, 0, apikey.Edit{Permissions: &permission.Set{}}); err != nil {
			t.Error(err)
		}
	}
	wantKind(t, h.DeleteUser(t.Context(), caller(minted.Key), user.ID, 0), apikey.Forbidden)
}
