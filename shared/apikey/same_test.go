package apikey

import (
	"net/netip"
	"testing"
	"time"

	"github.com/keyward/keyward/shared/permission"
	"github.com/keyward/keyward/shared/routing"
)

// Equal records count as the same whatever their form, and a difference in any
// field of any record type is found.
func TestSame(t *testing.T) {
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	key := Key{Name: "k", ExpiresOn: at, AllowIPs: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}}
	other := key
	other.Permissions, other.Services, other.ExpiresOn = permission.Set{}, []string{}, at.In(time.FixedZone("", 3600))
	if !same(key, other) {
		t.Error("an empty list and another time zone make another key")
	}
	for name, change := range map[string]func(*Key){
		"time":    func(k *Key) { k.ExpiresOn = at.Add(time.Second) },
		"list":    func(k *Key) { k.Permissions = permission.Set{"a"} },
		"element": func(k *Key) { k.AllowIPs = []netip.Prefix{netip.MustParsePrefix("192.0.2.0/25")} },
		"flag":    func(k *Key) { k.Disabled = true },
		"actor":   func(k *Key) { k.CreatedBy.UserID = "u" },
	} {
		changed := key
		if change(&changed); same(key, changed) {
			t.Errorf("another %s makes the same key", name)
		}
	}
	route := Service{Routes: []routing.Route{{Method: "GET", Path: "/a", Permissions: []string{"p"}}}}
	wider := Service{Routes: []routing.Route{{Method: "GET", Path: "/a"}}}
	if same(route, wider) || !same(route, Service{Routes: []routing.Route{{Method: "GET", Path: "/a", Permissions: []string{"p"}}}}) {
		t.Error("a route's permissions do not count")
	}
}
