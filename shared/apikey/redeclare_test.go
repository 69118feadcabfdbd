package apikey_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/permission"
)

// behind is a store whose listing of keys is out of date: it leaves out a key,
// or shows an older version.
type behind struct {
	apikey.Store
	without apikey.Key
	was     apikey.Key
}

func (s behind) Keys(ctx context.Context, org apikey.OrgID, filter apikey.KeyFilter, after apikey.Position, limit int) (apikey.Listed[apikey.Key, apikey.Position], error) {
	part, err := s.Store.Keys(ctx, org, filter, after, limit)
	part.Records = slices.DeleteFunc(part.Records, func(k apikey.Key) bool { return k.ID == s.without.ID })
	for i, key := range part.Records {
		if key.ID == s.was.ID {
			part.Records[i] = s.was
		}
	}
	return part, err
}

// withdrawn withdraws ManageTables from the service, and returns a function
// that declares it again.
func (h *house) withdrawn(t *testing.T, force bool) (again func(service string) error) {
	t.Helper()
	if _, _, err := h.PutService(t.Context(), h.admin, "files", 0, filesServiceOf("demo", declared[0], declared[2]), force); err != nil {
		t.Fatal(err)
	}
	return func(service string) error {
		draft := filesServiceOf("demo", declared...)
		if service != "files" {
			draft.APIs = nil
		}
		_, _, err := h.PutService(t.Context(), h.admin, service, 0, draft, false)
		return err
	}
}

// without removes permissions from the admin, who holds all.
func (h *house) without(t *testing.T, names ...string) {
	t.Helper()
	rest := h.own.Permissions.Without(permission.NewSet(names...))
	if _, _, err := h.Patch(t.Context(), h.owner, h.own.ID, 0, apikey.Edit{Permissions: &rest}); err != nil {
		t.Fatal(err)
	}
	h.clock.Advance(time.Minute)
}

// A permission can be declared again at once if nobody held it, or if it was
// taken from every holder. The rest of the withdrawal then ends and takes
// nothing that was granted since.
func TestRedeclare(t *testing.T) {
	for name, held := range map[string]bool{"nobody": false, "somebody": true} {
		h := newHouse(t)
		if held {
			h.create(t, "held", "ManageTables")
			h.policy(t, "policy", "ManageTables", "ViewTables")
			h.user(t, member("u", "ManageTables"))
		}
		h.without(t, "ManageTables")
		if err := h.withdrawn(t, held)("files"); err != nil {
			t.Errorf("held by %s: %v", name, err)
			continue
		}
		minted, err := h.Create(t.Context(), h.owner, draft("granted", "ManageTables"))
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if _, err := h.Sweep(t.Context()); err != nil {
				t.Error(err)
			}
		}
		if key := h.permissions(t, minted.Key); !key.Has("ManageTables") {
			t.Errorf("held by %s: what was granted since is %v", name, key)
		}
		if tasks, _, _ := h.store.Unfinished(t.Context()); len(tasks) > 0 {
			t.Errorf("held by %s: %v is unfinished", name, tasks)
		}
	}
}

// If a listing may miss a holder of the permission, no service can declare it
// again, and the error says when to try again. A sweep ends that state.
func TestRedeclareIsCertain(t *testing.T) {
	for name, test := range map[string]struct {
		prepare func(*testing.T, *house, *behind)
		wait    time.Duration
	}{
		"a key is not listed yet": {func(t *testing.T, h *house, s *behind) {
			s.without = h.create(t, "fresh", "ManageTables")
			h.clock.Advance(time.Minute)
		}, 2 * time.Second},
		"a key is listed as it was": {func(t *testing.T, h *house, s *behind) {
			s.was = h.create(t, "edited")
			set := permission.NewSet("ManageTables")
			if _, _, err := h.Patch(t.Context(), h.admin, s.was.ID, 0, apikey.Edit{Permissions: &set}); err != nil {
				t.Fatal(err)
			}
			h.clock.Advance(time.Minute)
		}, 5 * time.Minute},
		"a key was made meanwhile": {func(t *testing.T, h *house, s *behind) { h.create(t, "new") }, 12 * time.Second},
	} {
		h := newHouse(t)
		h.without(t) // the admin holds it, to grant it
		s := &behind{Store: h.store}
		test.prepare(t, h, s)
		rest := h.own.Permissions.Without(permission.NewSet("ManageTables"))
		if _, _, err := h.Patch(t.Context(), h.owner, h.own.ID, 0, apikey.Edit{Permissions: &rest}); err != nil {
			t.Fatal(err)
		}
		h.Store = s
		again := h.withdrawn(t, false)
		for _, service := range []string{"files", "other"} {
			err := again(service)
			wantKind(t, err, apikey.Withdrawing)
			if fault, ok := errors.AsType[*apikey.Error](err); ok && fault.RetryAfter != test.wait {
				t.Errorf("%s: try again in %s, want %s", name, fault.RetryAfter, test.wait)
			}
		}
		h.Store = h.store
		h.clock.Advance(time.Minute)
		for range 2 {
			if _, err := h.Sweep(t.Context()); err != nil {
				t.Error(err)
			}
		}
		if err := again("files"); err != nil {
			t.Errorf("%s: after sweeps: %v", name, err)
		}
	}
}
