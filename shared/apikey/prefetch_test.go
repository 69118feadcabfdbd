package apikey_test

import (
	"context"
	"errors"
	"testing"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/permission"
	"github.com/keyward/keyward/shared/uuid"
)

// searched is a store whose listings and encrypted copies are functions of the
// test.
type searched struct {
	apikey.Store
	do func() error
}

func (s searched) Keys(context.Context, apikey.OrgID, apikey.KeyFilter, apikey.Position, int) (listed apikey.Listed[apikey.Key, apikey.Position], err error) {
	return listed, s.do()
}

func (s searched) Users(context.Context, apikey.OrgID, uuid.UUID, int) (listed apikey.Listed[apikey.User, uuid.UUID], err error) {
	return listed, s.do()
}

func (s searched) Sealed(context.Context, uuid.UUID) ([]byte, error) { return nil, s.do() }

// A failed prefetch fails the change that needs it. A caller who may not make
// the change is still refused for that reason, and changes that need no
// prefetch succeed. A panic reaches the caller.
func TestPrefetchFails(t *testing.T) {
	h := newHouse(t)
	policy, used := h.policy(t, "unused", "ViewTables"), h.policy(t, "used", "ViewTables")
	h.underPolicy(t, "key", used)
	user := h.user(t, apikey.UserDraft{Email: "m@example.com", Name: "M", Role: apikey.RoleMember})
	kept, err := h.Create(t.Context(), h.owner, apikey.Draft{Name: "kept", Permissions: permission.NewSet("ViewTables"), Recoverable: true})
	if err != nil {
		t.Fatal(err)
	}
	weak := caller(h.create(t, "weak", permission.ManageAPIKeys))
	draft := apikey.UserDraft{Email: user.Email, Name: user.Name, Role: apikey.RoleOwner}
	changes := map[string]func(by apikey.Caller) error{
		"delete an unused policy": func(by apikey.Caller) error { return h.DeletePolicy(t.Context(), by, policy.ID, 0, "") },
		"delete a used policy":    func(by apikey.Caller) error { return h.DeletePolicy(t.Context(), by, used.ID, 0, "") },
		"delete a user":           func(by apikey.Caller) error { return h.DeleteUser(t.Context(), by, user.ID, 0) },
		"promote a user":          func(by apikey.Caller) error { _, err := h.ReplaceUser(t.Context(), by, user.ID, 0, draft); return err },
		"delete the first OWNER":  func(by apikey.Caller) error { return h.DeleteUser(t.Context(), by, h.person.ID, 0) },
		"delete a service":        func(by apikey.Caller) error { _, err := h.DeleteService(t.Context(), by, "files", 0, true); return err },
		"reveal a key":            func(by apikey.Caller) error { _, _, err := h.Reveal(t.Context(), by, kept.Key.ID); return err },
	}
	second, err := h.CreateUser(t.Context(), h.owner, apikey.UserDraft{Email: "second@example.com", Name: "Second", Role: apikey.RoleOwner})
	if err != nil {
		t.Fatal(err)
	}
	h.Store = searched{h.store, func() error { return apikey.UnavailableError("look", errors.New("away")) }}
	for name, change := range changes {
		before := len(h.audits(t))
		if err := change(h.owner); apikey.KindOf(err) != apikey.Unavailable {
			t.Errorf("%s: %v", name, err)
		}
		if err := change(weak); apikey.KindOf(err) != apikey.Forbidden {
			t.Errorf("%s, not allowed: %v", name, err)
		}
		if after := len(h.audits(t)); after != before {
			t.Errorf("%s: %d records were left", name, after-before)
		}
	}
	h.Store = searched{h.store, func() error { panic("words") }}
	for name, change := range changes {
		func() {
			defer func() {
				if crash := recover(); crash != "words" {
					t.Errorf("%s: %v", name, crash)
				}
			}()
			_ = change(h.owner)
		}()
	}
	if _, err := h.ReplaceUser(t.Context(), h.owner, second.ID, 0, apikey.UserDraft{Email: second.Email, Name: "Renamed", Role: apikey.RoleOwner}); err != nil {
		t.Errorf("a change that looks for nothing: %v", err)
	}
}

// deleted is a store in which a key is deleted while its copy is read.
type deleted struct {
	apikey.Store
	remove func() error
}

func (s deleted) Sealed(ctx context.Context, id uuid.UUID) ([]byte, error) {
	if err := s.remove(); err != nil {
		return nil, err
	}
	return s.Store.Sealed(ctx, id)
}

// A key that is deleted while it is revealed is not found; that is not damage.
func TestRevealWhileDeleted(t *testing.T) {
	h := newHouse(t)
	kept, err := h.Create(t.Context(), h.owner, apikey.Draft{Name: "kept", Recoverable: true})
	if err != nil {
		t.Fatal(err)
	}
	aside := *h.Rules
	h.Store = deleted{h.store, func() error { return aside.Delete(t.Context(), h.owner, kept.Key.ID, 0) }}
	_, _, err = h.Reveal(t.Context(), h.owner, kept.Key.ID)
	wantKind(t, err, apikey.NotFound)
}
