package apikey_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/uuid"
)

// newShelf returns a house with a key for each state, created an hour apart, of which
// two were used.
func newShelf(t *testing.T) (h *house, user apikey.User) {
	t.Helper()
	h = newHouse(t)
	h.roomy(t)
	user = h.user(t, member("u"))
	now := h.clock.Now()
	for _, d := range []apikey.Draft{
		{Name: "Beta", ExpiresOn: now.Add(20 * time.Hour)},
		{Name: "alpha", Services: []string{"files"}},
		{Name: "gone", ExpiresOn: now.Add(5 * time.Hour)},
		{Name: "off", Disabled: true},
		{Name: "Later", NotBefore: now.Add(1000 * time.Hour)},
		{Name: "own", Type: apikey.TypePersonal, OnBehalfOf: user.ID},
		{Name: "deleted"},
	} {
		h.clock.Advance(time.Hour)
		minted, err := h.Create(t.Context(), h.owner, d)
		if err != nil {
			t.Fatal(err)
		}
		switch d.Name {
		case "deleted":
			h.delete(t, minted.Key.ID)
		case "alpha", "Beta":
			use := apikey.LastUse{Key: minted.Key.ID, Org: "demo", UsedOn: h.clock.Now().Add(map[string]time.Duration{"alpha": time.Hour, "Beta": 2 * time.Hour}[d.Name]), Version: 1}
			if err := h.store.Commit(t.Context(), apikey.Change{Writes: []apikey.Write{apikey.PutLastUse{After: use}}}); err != nil {
				t.Fatal(err)
			}
		}
	}
	return h, user
}

// found lists the names that a query finds, page by page, without the two keys
// of every house.
func (h *house) found(t *testing.T, by apikey.Caller, query apikey.KeyQuery, limit int) string {
	t.Helper()
	var names []string
	for next := new(apikey.Position); next != nil; {
		page, err := h.Find(t.Context(), by, query, *next, limit)
		if err != nil {
			t.Fatal(err)
		}
		for _, key := range page.Keys {
			if key.Name != "Admin" && key.Name != "Service admin" {
				names = append(names, key.Name)
			}
		}
		if next != nil && page.Next != nil && *next == *page.Next {
			t.Fatalf("the list does not get past %+v", *next)
		}
		next = page.Next
	}
	return strings.Join(names, " ")
}

// Each filter and each order finds exactly its keys, in pages of any size.
func TestFind(t *testing.T) {
	h, user := newShelf(t)
	now := h.clock.Now()
	for want, query := range map[string]apikey.KeyQuery{
		"Beta alpha gone off Later own": {},
		"own Later off gone alpha Beta": {Descending: true},
		"alpha Beta gone Later off own": {Sort: apikey.SortName},
		"own off Later gone Beta alpha": {Sort: apikey.SortName, Descending: true},
		"Beta alpha own":                {State: apikey.StateActive},
		"off":                           {State: apikey.StateDisabled},
		"gone":                          {State: apikey.StateExpired},
		"Later":                         {State: apikey.StateNotYet},
		"":                              {State: apikey.StateOverlap},
		"deleted":                       {State: apikey.StateDeleted},
		"Beta alpha Later":              {Text: "A"},
		"gone Beta":                     {Sort: apikey.SortExpires, ExpiresBefore: now.Add(100 * time.Hour)},
		"Beta gone":                     {ExpiresBefore: now.Add(100 * time.Hour)},
		"Beta alpha":                    {Use: apikey.EverUsed},
		"gone off Later own":            {Use: apikey.NeverUsed},
		"Beta alpha gone off":           {UnusedSince: now.Add(-150 * time.Minute), Sort: apikey.SortLastUsed},
	} {
		for _, limit := range []int{1, 2, 100} {
			got := h.found(t, h.owner, query, limit)
			if query.Sort == apikey.SortLastUsed {
				got = sortedWords(got) // two share a time
			}
			if got != want {
				t.Errorf("%+v by %d found %q, want %q", query, limit, got, want)
			}
		}
	}
	for _, limit := range []int{1, 100} {
		got := strings.Fields(h.found(t, h.owner, apikey.KeyQuery{Sort: apikey.SortLastUsed, Descending: true}, limit))
		if len(got) != 6 || got[0] != "alpha" && got[0] != "Beta" || got[1] != "alpha" && got[1] != "Beta" {
			t.Errorf("the last used first: %v", got)
		}
		if got := h.found(t, h.owner, apikey.KeyQuery{Service: "files"}, limit); got != "Beta alpha gone off Later own" {
			t.Errorf("usable on files: %q", got)
		}
		if got := h.found(t, h.owner, apikey.KeyQuery{Service: "other", KeyFilter: apikey.KeyFilter{OnBehalfOf: user.ID}}, limit); got != "own" {
			t.Errorf("the user's: %q", got)
		}
	}
}

func sortedWords(text string) string {
	words := strings.Fields(text)
	slices.Sort(words)
	return strings.Join(words, " ")
}

// A user without a permission to see keys finds their own alone, by every filter
// and order, and no position of theirs shows another key's id or time.
func TestFindOwn(t *testing.T) {
	h, user := newShelf(t)
	member := h.as(t, user)
	all := map[uuid.UUID]apikey.Key{}
	for _, deleted := range []bool{false, true} {
		for next := new(apikey.Position); next != nil; {
			part, err := h.store.Keys(t.Context(), "demo", apikey.KeyFilter{Deleted: deleted}, *next, apikey.NoLimit)
			if err != nil {
				t.Fatal(err)
			}
			for _, key := range part.Records {
				all[key.ID] = key
			}
			next = part.Next
		}
	}
	var queries []apikey.KeyQuery
	for _, sort := range apikey.KeySorts {
		for _, state := range append([]apikey.KeyState{""}, apikey.KeyStates...) {
			for _, use := range []apikey.KeyUse{"", apikey.NeverUsed, apikey.EverUsed} {
				for _, text := range []string{"", "o"} {
					queries = append(queries, apikey.KeyQuery{Sort: sort, State: state, Use: use, Text: text, Descending: sort == apikey.SortName})
				}
			}
		}
	}
	for _, query := range queries {
		for next := new(apikey.Position); next != nil; {
			page, err := h.Find(t.Context(), member, query, *next, 1)
			if err != nil {
				t.Fatalf("%+v: %v", query, err)
			}
			for _, key := range page.Keys {
				if key.OnBehalfOf != user.ID || key.Type != apikey.TypePersonal {
					t.Errorf("%+v shows %s", query, key.Name)
				}
			}
			if next = page.Next; next == nil {
				break
			}
			key, named := all[next.ID]
			for _, other := range all {
				exact := other.OnBehalfOf != user.ID && next.CreatedOn.Equal(other.CreatedOn)
				if exact && (!named || key.OnBehalfOf != user.ID) {
					t.Errorf("%+v: a position has the time of %s", query, other.Name)
				}
			}
			if named && key.OnBehalfOf != user.ID {
				t.Errorf("%+v: a position has the id of %s", query, key.Name)
			}
		}
	}
}

// A query that no key can match is refused and names both of its parts.
func TestFindContradictions(t *testing.T) {
	h := newHouse(t)
	past := h.clock.Now().Add(-time.Hour)
	for fields, query := range map[string]apikey.KeyQuery{
		"name q":              {Text: "a", KeyFilter: apikey.KeyFilter{Name: "a"}},
		"state expiresBefore": {State: apikey.StateActive, ExpiresBefore: past},
	} {
		_, err := h.Find(t.Context(), h.owner, query, apikey.Position{}, 1)
		wantFields(t, err, strings.Fields(fields)...)
	}
	if got := h.found(t, h.owner, apikey.KeyQuery{State: apikey.StateExpired, ExpiresBefore: past}, 1); got != "" {
		t.Errorf("found %q", got)
	}
}

// More keys than can be sorted are refused, with what to do; the list by
// creation has no such limit.
func TestFindTooMany(t *testing.T) {
	h := newHouse(t)
	h.store.ReadAtMost(1 << 20)
	h.Store = crowded{h.store}
	_, err := h.Find(t.Context(), h.owner, apikey.KeyQuery{Sort: apikey.SortName}, apikey.Position{}, 1)
	wantFields(t, err, "sort")
	_, err = h.Find(t.Context(), h.owner, apikey.KeyQuery{Use: apikey.NeverUsed}, apikey.Position{}, 1)
	wantFields(t, err, "neverUsed")
	if _, err := h.Find(t.Context(), h.owner, apikey.KeyQuery{}, apikey.Position{}, 1); err != nil {
		t.Error(err)
	}
}

// 1,001 keys are sorted whole, each once.
func TestFindSortsManyKeys(t *testing.T) {
	h := newHouse(t)
	h.store.ReadAtMost(1 << 20)
	most := 2000
	if _, err := h.ChangeSettings(t.Context(), h.owner, 0, apikey.SettingsEdit{MaxKeys: &most}); err != nil {
		t.Fatal(err)
	}
	var want []string
	for n := range 1001 {
		name := fmt.Sprintf("%04d", (n*7919)%1001)
		h.create(t, name)
		want = append(want, name)
	}
	slices.Sort(want)
	if got := h.found(t, h.owner, apikey.KeyQuery{Sort: apikey.SortName}, 100); got != strings.Join(want, " ") {
		t.Errorf("found %d keys", len(strings.Fields(got)))
	}
	if got := len(strings.Fields(h.found(t, h.owner, apikey.KeyQuery{State: apikey.StateActive}, 100))); got != 1001 {
		t.Errorf("%d keys are active", got)
	}
}

// crowded is a store whose listing of keys does not end.
type crowded struct{ apikey.Store }

func (s crowded) Keys(ctx context.Context, org apikey.OrgID, filter apikey.KeyFilter, after apikey.Position, limit int) (apikey.Listed[apikey.Key, apikey.Position], error) {
	part, err := s.Store.Keys(ctx, org, filter, apikey.Position{}, limit)
	part.Next = &apikey.Position{CreatedOn: after.CreatedOn.Add(time.Millisecond)}
	return part, err
}
