package apigw_test

import (
	"testing"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/operations"
)

// A setting excludes no format. If keys must expire, keys of formats without an
// expiry get the maximum lifetime and can still be changed. The canonical format
// requires the expiry.
func TestFormatsWithoutExpiry(t *testing.T) {
	s := newStage(t)
	policy := s.policy("Viewers").ID.String()
	for _, seconds := range []string{"1", "60", "86400"} {
		s.changed("patch-organization", "", `{"maxKeyLifetimeSeconds":`+seconds+`}`)
		lifetime, _ := time.ParseDuration(seconds + "s")
		s.refused(s.call("create-apikey", s.event("create-apikey", "", `{"name":"n","permissions":[]}`)), 400, "INVALID_REQUEST")
		for dialect, body := range map[operations.Dialect][2]string{
			operations.Catena:       {`{"name":"` + seconds + `","policy_id":"` + policy + `"}`, `{"name":"` + seconds + `","description":"d","policy_id":"` + policy + `"}`},
			operations.Supermetrics: {`{"description":"made"}`, `{"description":"changed","is_enabled":true}`},
		} {
			s.clock.Advance(time.Millisecond)
			made := s.call("create-apikey", s.eventAt(routeOf(t, "create-apikey", dialect), "", body[0]))
			if made.StatusCode != 201 {
				t.Fatalf("%s: %d %s", dialect, made.StatusCode, made.Body)
			}
			key := s.newest()
			if want := key.CreatedOn.Add(lifetime).Truncate(time.Second); !key.ExpiresOn.Equal(want) || !key.Live(s.clock.Now()) {
				t.Errorf("%s: it expires on %s, want %s", dialect, key.ExpiresOn, want)
			}
			change := map[operations.Dialect]string{operations.Catena: "update-apikey", operations.Supermetrics: "patch-apikey"}[dialect]
			at := target{key: key.ID.String()}
			route := routeOf(t, change, dialect)
			if changed := s.call(change, s.eventAt(route, at.idFor(route), body[1])); changed.StatusCode != 200 || !s.kept(key.ID).ExpiresOn.Equal(key.ExpiresOn) {
				t.Errorf("%s: %d %s", dialect, changed.StatusCode, changed.Body)
			}
		}
	}
	s.changed("patch-organization", "", `{"maxKeyLifetimeSeconds":0}`)
	s.clock.Advance(time.Millisecond)
	s.call("create-apikey", s.eventAt(routeOf(t, "create-apikey", operations.Supermetrics), "", `{}`))
	if key := s.newest(); !key.ExpiresOn.IsZero() {
		t.Errorf("without the setting it expires on %s", key.ExpiresOn)
	}
}

// newest returns the key created last.
func (s *stage) newest() apikey.Key {
	s.t.Helper()
	page, err := s.api.Rules.List(s.t.Context(), s.by(), apikey.KeyFilter{}, apikey.Position{}, apikey.MaxPage)
	if err != nil {
		s.t.Fatal(err)
	}
	newest := page.Keys[0]
	for _, key := range page.Keys {
		if key.CreatedOn.After(newest.CreatedOn) {
			newest = key
		}
	}
	return newest
}
