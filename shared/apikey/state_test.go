package apikey_test

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/permission"
)

// A key is live from notBefore until just before expiresOn, to the second, and
// only while it is enabled.
func TestLive(t *testing.T) {
	at := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	key := apikey.Key{NotBefore: at, ExpiresOn: at.Add(time.Hour)}
	for offset, live := range map[time.Duration]bool{
		-time.Nanosecond: false, 0: true, time.Hour - time.Nanosecond: true, time.Hour: false,
	} {
		if key.Live(at.Add(offset)) != live {
			t.Errorf("%s after notBefore", offset)
		}
	}
	key.Disabled = true
	if key.Live(at) {
		t.Error("a disabled key is live")
	}
	if forever := (&apikey.Key{}); !forever.Live(at) {
		t.Error("a key without bounds is not live")
	}
}

// Address rules are stored in one canonical form, and ambiguous ones are
// refused.
func TestAllowIPs(t *testing.T) {
	h := newHouse(t)
	create := func(rule string) (apikey.Key, error) {
		minted, err := h.Create(t.Context(), h.admin, apikey.Draft{Name: "k", AllowIPs: []string{rule}})
		if err == nil {
			err = h.Delete(t.Context(), h.admin, minted.Key.ID, 0)
		}
		return minted.Key, err
	}
	for rule, canonical := range map[string]string{
		"127.0.0.1": "127.0.0.1", "10.0.0.0/8": "10.0.0.0/8", "192.0.2.1/32": "192.0.2.1", "2001:DB8::1": "2001:db8::1",
		"2001:db8::/32": "2001:db8::/32", "::ffff:192.0.2.1": "192.0.2.1", "::ffff:10.0.0.0/104": "10.0.0.0/8", "0.0.0.0/0": "0.0.0.0/0",
	} {
		key, err := create(rule)
		if err != nil || len(key.AllowIPs) != 1 || apikey.AddressText(key.AllowIPs[0]) != canonical {
			t.Errorf("%s is kept as %v, %v", rule, key.AllowIPs, err)
		}
	}
	for _, rule := range []string{
		"", " 127.0.0.1", "10.0.0.1/8", "10.0.0.0/08", "10.0.0.0/33", "010.0.0.1", "fe80::1%eth0", "10.0.0.1:80", "[::1]", "localhost",
		"2001:db8::1/32", "::ffff:0:0/64", "10.0.0", "1.2.3.4/", "１.2.3.4",
	} {
		_, err := create(rule)
		wantKind(t, err, apikey.Invalid)
	}
	_, err := h.Create(t.Context(), h.admin, apikey.Draft{Name: "k", AllowIPs: strings.Split(strings.Repeat("127.0.0.1,", 100)+"::1", ",")})
	wantKind(t, err, apikey.Invalid)
}

// A key with address rules can be used from those addresses, in any form, and
// not from an unknown address.
func TestAllowsSource(t *testing.T) {
	key := apikey.Key{AllowIPs: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("2001:db8::/32")}}
	for source, allowed := range map[string]bool{
		"10.1.2.3": true, "::ffff:10.1.2.3": true, "11.0.0.1": false, "2001:db8:1::": true, "2001:db9::": false,
	} {
		if key.AllowsSource(netip.MustParseAddr(source)) != allowed {
			t.Errorf("%s", source)
		}
	}
	if key.AllowsSource(netip.Addr{}) {
		t.Error("an unknown address is allowed")
	}
	if !(&apikey.Key{}).AllowsSource(netip.Addr{}) {
		t.Error("a key without rules is refused")
	}
}

// Times that make no sense are refused. An organization's longest lifetime
// applies to new and changed keys.
func TestKeyTimes(t *testing.T) {
	h := newHouse(t)
	now := h.clock.Now()
	for name, d := range map[string]apikey.Draft{
		"expired":         {Name: "n", ExpiresOn: now.Add(-time.Second)},
		"never valid":     {Name: "n", NotBefore: now.Add(2 * time.Hour), ExpiresOn: now.Add(time.Hour)},
		"no time between": {Name: "n", NotBefore: now.Add(time.Hour), ExpiresOn: now.Add(time.Hour)},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := h.Create(t.Context(), h.admin, d)
			wantKind(t, err, apikey.Invalid)
		})
	}
	if _, err := h.ChangeSettings(t.Context(), h.owner, 0, changing(apikey.Settings{KeyPrefix: "kw", MaxKeys: 9, MaxKeyLifetime: 24 * time.Hour})); err != nil {
		t.Fatal(err)
	}
	for name, expires := range map[string]time.Time{"none": {}, "too late": now.Add(25 * time.Hour)} {
		_, err := h.Create(t.Context(), h.admin, apikey.Draft{Name: name, ExpiresOn: expires})
		wantKind(t, err, apikey.Invalid)
	}
	if _, err := h.Create(t.Context(), h.admin, apikey.Draft{Name: "in time", ExpiresOn: now.Add(23 * time.Hour)}); err != nil {
		t.Error(err)
	}
	if err := h.Delete(t.Context(), h.admin, h.own.ID, 0); err != nil {
		t.Errorf("an older key without expiry can no longer be used: %v", err)
	}
}

// A disabled or expired key cannot authenticate a caller.
func TestCallerMustBeLive(t *testing.T) {
	h := newHouse(t)
	minted, err := h.Create(t.Context(), h.admin, apikey.Draft{Name: "short", Permissions: permission.NewSet("ManageApiKeys"), ExpiresOn: h.clock.Now().Add(time.Minute)})
	if err != nil {
		t.Fatal(err)
	}
	by := caller(minted.Key)
	if _, err := h.WhoAmI(t.Context(), by); err != nil {
		t.Fatal(err)
	}
	disabled := true
	if _, _, err := h.Patch(t.Context(), h.admin, minted.Key.ID, 0, apikey.Edit{Disabled: &disabled}); err != nil {
		t.Fatal(err)
	}
	_, err = h.Create(t.Context(), by, draft("n"))
	wantKind(t, err, apikey.Unauthenticated)
	disabled = false
	if _, _, err := h.Patch(t.Context(), h.admin, minted.Key.ID, 0, apikey.Edit{Disabled: &disabled}); err != nil {
		t.Fatal(err)
	}
	h.clock.Advance(time.Minute)
	_, err = h.WhoAmI(t.Context(), by)
	wantKind(t, err, apikey.Unauthenticated)
}

// A format that supports only IPv4 adds no other address, however it is
// written, and keeps those that a key already has.
func TestIPv4Only(t *testing.T) {
	h := newHouse(t)
	for _, address := range []string{"::1", "2001:db8::/32", "::ffff:127.0.0.1", "::ffff:10.0.0.0/104", "fe80::1%eth0", "[::1]:80", "127.0.0.1:80"} {
		_, err := h.Create(t.Context(), h.admin, apikey.Draft{Name: "k", AllowIPs: []string{"10.0.0.1", address}, IPv4Only: true})
		wantFields(t, err, "allowIps[1]")
	}
	minted, err := h.Create(t.Context(), h.admin, apikey.Draft{Name: "k", AllowIPs: []string{"2001:db8::/32"}})
	if err != nil {
		t.Fatal(err)
	}
	for address, want := range map[string]bool{"192.0.2.1": true, "2001:db8::/33": false} {
		_, _, err := h.Patch(t.Context(), h.admin, minted.Key.ID, 0, apikey.Edit{AllowIPs: &[]string{"2001:db8::/32", address}, IPv4Only: true})
		if (err == nil) != want {
			t.Errorf("%s besides what it has: %v", address, err)
		}
	}
}
