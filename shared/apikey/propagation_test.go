package apikey_test

import (
	"context"
	"errors"
	"maps"
	"testing"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/permission"
	"github.com/keyward/keyward/shared/routing"
	"github.com/keyward/keyward/shared/uuid"
)

// replica is another region's table, which holds one key or nothing.
type replica struct {
	holds apikey.Key
	err   error
	// slow runs before the read ends.
	slow func()
}

func (r replica) Read(_ context.Context, refs ...apikey.Ref) (apikey.Found, error) {
	if r.slow != nil {
		r.slow()
	}
	found := apikey.Found{}
	for _, ref := range refs {
		found[ref] = apikey.Finding{Err: apikey.NoSuchKey()}
		if ref == apikey.KeyRef(r.holds.ID) {
			found[ref] = apikey.Finding{Record: r.holds}
		}
	}
	return found, r.err
}

// elsewhere gives the house other regions.
func (h *house) elsewhere(replicas map[string]replica) {
	h.Regions = apikey.Regions{Home: "eu-central-1", CacheTTL: 5 * time.Second, Replicas: map[string]apikey.Reader{}}
	for region, r := range replicas {
		h.Regions.Replicas[region] = r
	}
}

func states(p apikey.Propagation) map[string]apikey.Reached {
	states := map[string]apikey.Reached{}
	for _, region := range p.Regions {
		states[region.Region] = region.State
	}
	return states
}

// Each region is current, behind or unknown by what its own table holds. One
// that cannot be read hides nothing of the others, and without it nothing is
// said about all of them.
func TestPropagation(t *testing.T) {
	h := newHouse(t)
	old := h.create(t, "key", "ManageFiles")
	disabled := true
	now, _, err := h.Patch(t.Context(), h.admin, old.ID, 0, apikey.Edit{Disabled: &disabled})
	if err != nil {
		t.Fatal(err)
	}
	foreign := now
	foreign.Org = "other"
	h.elsewhere(map[string]replica{
		"ap-south-1": {holds: now}, "eu-west-1": {holds: old}, "sa-east-1": {}, "us-east-1": {err: errors.New("out of reach")},
		"us-east-2": {holds: foreign}, "us-west-1": {holds: apikey.Key{ID: now.ID, Org: "demo", Version: 3}},
	})
	found, err := h.Propagation(t.Context(), h.admin, now.ID)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]apikey.Reached{
		"eu-central-1": apikey.Current, "ap-south-1": apikey.Current, "eu-west-1": apikey.Behind, "sa-east-1": apikey.Behind,
		"us-east-1": apikey.Unknown, "us-east-2": apikey.Behind, "us-west-1": apikey.Current,
	}
	got := states(found)
	for region, state := range want {
		if got[region] != state {
			t.Errorf("%s is %s, want %s", region, got[region], state)
		}
	}
	for _, region := range found.Regions {
		if until := region.OlderUntil; until.IsZero() != (region.State != apikey.Current) {
			t.Errorf("%s: until %v", region.Region, until)
		}
		if (region.Err != nil) != (region.State == apikey.Unknown) {
			t.Errorf("%s: %v", region.Region, region.Err)
		}
	}
	if until, ok := found.OlderUntil(); found.Version != 2 || ok {
		t.Errorf("version %d, until %v", found.Version, until)
	}
}

// The latest moment counts from the end of the read, however slow it was, and
// adds what authorizers and gateways keep. In the home it counts from the
// change, once that is certainly committed.
func TestOlderUntil(t *testing.T) {
	h := newHouse(t)
	draft := filesServiceOf("demo", declared...)
	draft.Cache = routing.GatewayCache{Seconds: 60}
	if _, _, err := h.PutService(t.Context(), h.owner, "files", 0, draft, false); err != nil {
		t.Fatal(err)
	}
	key := h.create(t, "key")
	changed := h.clock.Now()
	kept := 65 * time.Second
	h.elsewhere(map[string]replica{"us-east-1": {holds: key, slow: func() { h.clock.Advance(3*time.Second + time.Nanosecond) }}})
	for _, wait := range []time.Duration{0, time.Second, time.Hour} {
		h.clock.Advance(wait)
		began := h.clock.Now()
		found, err := h.Propagation(t.Context(), h.admin, key.ID)
		if err != nil {
			t.Fatal(err)
		}
		home, other := found.Regions[0].OlderUntil, found.Regions[1].OlderUntil
		if want := began.Add(3*time.Second + time.Millisecond + kept).Truncate(time.Millisecond); other.Before(h.clock.Now().Add(kept)) || other.After(want) {
			t.Errorf("after %v: the other until %v, want %v", wait, other, want)
		}
		latest := changed.Add(15*time.Second + kept)
		if home.After(latest) || home.Before(changed.Add(kept)) || wait == time.Hour && !home.Equal(latest) {
			t.Errorf("after %v: the home until %v", wait, home)
		}
		if until, ok := found.OlderUntil(); !ok || until.Before(home) || until.Before(other) {
			t.Errorf("after %v: everywhere until %v, %t", wait, until, ok)
		}
	}
}

// The deletion of a key is a version that reaches the regions like any other,
// and older ones count from when it was deleted.
func TestPropagationOfDeletedKeys(t *testing.T) {
	h := newHouse(t)
	old := h.create(t, "deleted")
	h.clock.Advance(time.Hour)
	if err := h.Delete(t.Context(), h.admin, old.ID, 0); err != nil {
		t.Fatal(err)
	}
	deleted := h.clock.Now()
	h.elsewhere(map[string]replica{"eu-west-1": {holds: old}})
	h.clock.Advance(time.Hour)
	found, err := h.Propagation(t.Context(), h.admin, old.ID)
	if err != nil || found.Version != old.Version+1 || !found.DeletedOn.Equal(deleted) {
		t.Fatalf("%+v, %v", found, err)
	}
	if home := found.Regions[0].OlderUntil; home.Before(deleted.Add(5*time.Second)) || found.Regions[1].State != apikey.Behind {
		t.Errorf("%+v", found.Regions)
	}
}

// A key that is permanently gone is behind where it still is, until no region has
// it. An id of another organization is as absent as one of nobody.
func TestPropagationOfKeysThatAreGone(t *testing.T) {
	h := newHouse(t)
	none := time.Duration(0)
	if _, err := h.ChangeSettings(t.Context(), h.owner, 0, apikey.SettingsEdit{Retention: &none}); err != nil {
		t.Fatal(err)
	}
	gone := h.create(t, "gone")
	if err := h.Delete(t.Context(), h.admin, gone.ID, 0); err != nil {
		t.Fatal(err)
	}
	foreign := h.setup(t, "other").Admin.Key
	h.elsewhere(map[string]replica{"eu-west-1": {holds: gone}, "us-east-1": {holds: foreign}})
	found, err := h.Propagation(t.Context(), h.admin, gone.ID)
	if err != nil || found.Version != 0 {
		t.Fatalf("%+v, %v", found, err)
	}
	want := map[string]apikey.Reached{"eu-central-1": apikey.Current, "eu-west-1": apikey.Behind, "us-east-1": apikey.Current}
	if got := states(found); !maps.Equal(got, want) || found.Regions[1].Version != gone.Version || found.Regions[2].Version != 0 {
		t.Errorf("%+v", found)
	}
	for _, id := range []uuid.UUID{foreign.ID, {1, 6: 0x40, 8: 0x80}} {
		_, err := h.Propagation(t.Context(), h.admin, id)
		wantKind(t, err, apikey.NotFound)
	}
	h.elsewhere(map[string]replica{"eu-west-1": {err: errors.New("out of reach")}, "us-east-1": {holds: foreign}})
	for _, id := range []uuid.UUID{gone.ID, foreign.ID, {1, 6: 0x40, 8: 0x80}} {
		found, err := h.Propagation(t.Context(), h.admin, id)
		if err != nil || found.Version != 0 || states(found)["eu-west-1"] != apikey.Unknown || states(found)["us-east-1"] != apikey.Current {
			t.Errorf("%+v, %v", found, err)
		}
	}
	h.elsewhere(map[string]replica{"eu-west-1": {}})
	_, err = h.Propagation(t.Context(), h.admin, gone.ID)
	wantKind(t, err, apikey.NotFound)
}

// Whoever may see a key may ask about it; what is gone is shown to those who see
// all keys. Nobody learns whether another organization has the id.
func TestPropagationIsForThoseWhoSeeTheKey(t *testing.T) {
	h := newHouse(t)
	most := 10
	if _, err := h.ChangeSettings(t.Context(), h.owner, 0, apikey.SettingsEdit{MaxKeys: &most}); err != nil {
		t.Fatal(err)
	}
	manager := h.create(t, "manager", "ManageApiKeys")
	made, err := h.Create(t.Context(), caller(manager), draft("made"))
	if err != nil {
		t.Fatal(err)
	}
	plain := h.create(t, "plain", "ManageFiles")
	personal, err := h.Create(t.Context(), h.owner, apikey.Draft{Name: "own", Type: apikey.TypePersonal, Permissions: permission.NewSet("ManageFiles"), Narrowed: true})
	if err != nil {
		t.Fatal(err)
	}
	unknown := uuid.UUID{1, 6: 0x40, 8: 0x80}
	for name, c := range map[string]struct {
		by   apikey.Caller
		id   uuid.UUID
		kind apikey.Kind // Internal for none
	}{
		"its maker":             {caller(manager), made.Key.ID, apikey.Internal},
		"another's maker":       {caller(manager), plain.ID, apikey.Forbidden},
		"a maker, nobody's":     {caller(manager), unknown, apikey.NotFound},
		"no permission":         {caller(plain), made.Key.ID, apikey.Forbidden},
		"no permission, itself": {caller(plain), plain.ID, apikey.Forbidden},
		"no permission, none":   {caller(plain), unknown, apikey.Forbidden},
		"its own":               {caller(personal.Key), personal.Key.ID, apikey.Internal},
		"who sees all":          {h.admin, made.Key.ID, apikey.Internal},
		"an id of nothing":      {h.admin, uuid.UUID{}, apikey.NotFound},
		"nobody":                {apikey.Caller{}, made.Key.ID, apikey.Unauthenticated},
	} {
		_, err := h.Propagation(t.Context(), c.by, c.id)
		if c.kind == apikey.Internal && err != nil || c.kind != apikey.Internal && (err == nil || apikey.KindOf(err) != c.kind) {
			t.Errorf("%s: %v, want kind %d", name, err, c.kind)
		}
	}
}
