package verify

import (
	"net/netip"
	"reflect"
	"testing"
	"time"
	"unsafe"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/permission"
	"github.com/keyward/keyward/shared/uuid"
)

// A cached key decides like the key itself: everything that its use depends on
// comes back, and an unset bound stays unset.
func TestKeyRecordKeepsWhatCounts(t *testing.T) {
	full := apikey.Key{
		ID: uuid.UUID{1}, Org: "acme", Type: apikey.TypePersonal, Permissions: permission.NewSet("A", "B"), Narrowed: true,
		Policy: uuid.UUID{2}, OnBehalfOf: uuid.UUID{3}, UserPolicy: uuid.UUID{4}, Representable: true, Services: []string{"files"}, Disabled: true,
		NotBefore: time.Unix(1_700_000_000, 0), ExpiresOn: time.Unix(1_800_000_000, 0),
		AllowIPs: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}, Digest: apikey.Digest{Pepper: 7, Sum: [32]byte{1, 2, 3}},
	}
	for name, key := range map[string]apikey.Key{
		"full": full, "bare": {ID: uuid.UUID{1}, Org: "acme"}, "expired in 1970": {ID: uuid.UUID{1}, ExpiresOn: time.Unix(0, 0)},
		"only addresses": {ID: uuid.UUID{1}, AllowIPs: full.AllowIPs}, "only services": {ID: uuid.UUID{1}, Services: full.Services},
	} {
		got := newKeyRecord(key).key(key.ID)
		for _, bound := range [][2]*time.Time{{&got.NotBefore, &key.NotBefore}, {&got.ExpiresOn, &key.ExpiresOn}} {
			if !bound[0].Equal(*bound[1]) || bound[0].IsZero() != bound[1].IsZero() {
				t.Errorf("%s: %s, want %s", name, bound[0], bound[1])
			}
			*bound[0] = *bound[1]
		}
		if !reflect.DeepEqual(got, key) {
			t.Errorf("%s: cached %+v, want %+v", name, got, key)
		}
	}
}

// A cached key shares nothing with the reader, which may change its own
// records.
func TestKeyRecordIsOwn(t *testing.T) {
	key := apikey.Key{Permissions: permission.Set{"A"}, Services: []string{"files"}}
	record := newKeyRecord(key)
	key.Permissions[0], key.Services[0] = "B", "other"
	if got := record.key(key.ID); got.Permissions[0] != "A" || got.Services[0] != "files" {
		t.Errorf("cached %+v", got)
	}
}

// A cached key takes less than half the space of the key.
func TestKeyRecordIsSmall(t *testing.T) {
	if got, all := unsafe.Sizeof(keyRecord{}), unsafe.Sizeof(apikey.Key{}); got > 208 || got > all/2 {
		t.Errorf("%d bytes, of a key's %d", got, all)
	}
}
