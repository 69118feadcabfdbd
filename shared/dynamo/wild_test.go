package dynamo_test

import (
	"encoding/binary"
	"math"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/permission"
	"github.com/keyward/keyward/shared/routing"
	"github.com/keyward/keyward/shared/uuid"
)

// wild makes records from bytes: valid ones, and some that no rule would write.
// After the last byte, it reads zeros.
type wild struct{ bytes []byte }

func (w *wild) byte() byte {
	if len(w.bytes) == 0 {
		return 0
	}
	b := w.bytes[0]
	w.bytes = w.bytes[1:]
	return b
}

func (w *wild) below(n int) int { return int(w.byte()) % n }

func (w *wild) flag() bool { return w.byte()%2 == 1 }

// odd returns true rarely. A record with many invalid parts would be refused for the
// first one, and the others would not be tested.
func (w *wild) odd() bool { return w.byte()%25 == 24 }

func (w *wild) int64() int64 {
	var raw [8]byte
	for i := range raw {
		raw[i] = w.byte()
	}
	return int64(binary.BigEndian.Uint64(raw[:]))
}

// number returns a small number; if odd, an extreme or any one.
func (w *wild) number() int64 {
	if !w.odd() {
		return 1 + int64(w.byte())
	}
	return []int64{1, 0, -1, int64(w.byte()), math.MaxInt64, math.MinInt64, w.int64()}[w.below(7)]
}

// texts holds valid and invalid names and the like.
var texts = []string{
	"", "a", "Ordinary Name", "ünï", "u\u0308ni\u0308", "\u202eevil", "a\x00b", "\xff\xfe", "\ufffd", "\U0001f469\u200d\U0001f469\u200d\U0001f466", "\u2028",
	" space ", "a#b", "#", "$", "~", "0", "null", `"quoted" \ {}`, "\ud7ff\ue000\U0010ffff", strings.Repeat("x", 191), strings.Repeat("ü", 600),
	strings.Repeat("l", 1020), strings.Repeat("l", 2100), strings.Repeat("w", 70_000), strings.Repeat("h", 420_000),
}

func (w *wild) text() string {
	if w.odd() {
		return texts[w.below(len(texts))]
	}
	raw := make([]rune, w.below(12))
	for i := range raw {
		raw[i] = ' ' + rune(w.byte())*rune(1+w.below(2)*200)
	}
	if w.odd() {
		return string(raw) + string([]byte{w.byte()})
	}
	return string(raw)
}

// oneOf returns one of the words; if odd, any text.
func (w *wild) oneOf(words ...string) string {
	if w.odd() {
		return w.text()
	}
	return words[w.below(len(words))]
}

func (w *wild) id() uuid.UUID {
	var id uuid.UUID
	if w.odd() {
		copy(id[:], w.text()) // none, or no id of this version
		return id
	}
	for i := range id {
		id[i] = w.byte()
	}
	id[6], id[8] = id[6]&0x0f|0x40, id[8]&0x3f|0x80
	return id
}

// time returns the zero time, a usual one, one around the end of the year 9999,
// or any.
func (w *wild) time() time.Time {
	if !w.odd() {
		return time.Date(2026, 1, 2, 3, 4, int(w.byte()), int(w.byte())*1e6, time.UTC)
	}
	far := time.Date(9999, 12, 31, 23, 59, 59, 999_999_999, time.UTC)
	switch w.below(5) {
	case 1:
		return far.In(time.FixedZone("", 60*(int(w.byte())-128)*6))
	case 2:
		return time.Date(9999, 12, 31, 23, 59, 59, 0, time.FixedZone("", -60*int(w.byte())*4))
	case 3:
		return time.Date(w.below(3)-1, 1, 1, 0, 0, 0, int(w.byte()), time.FixedZone("", 60*int(w.byte())*4))
	case 4:
		return time.Unix(w.int64()>>20, 0)
	}
	return time.Time{}
}

// several returns up to three values, and rarely 3,000.
func several[T any](w *wild, one func() T) []T {
	n := w.below(4)
	if w.byte() == 77 {
		n = 3000
	}
	var all []T
	for range n {
		all = append(all, one())
	}
	return all
}

// set returns a set of permissions; if odd, a list that is not sorted.
func (w *wild) set() permission.Set {
	names := several(w, w.text)
	if w.odd() {
		return names
	}
	return permission.NewSet(names...)
}

func (w *wild) actor() apikey.Actor { return apikey.Actor{Username: w.text(), UserID: w.text()} }

func (w *wild) org() apikey.OrgID {
	if w.odd() {
		return apikey.OrgID(w.text())
	}
	return acme
}

func (w *wild) prefix() netip.Prefix {
	if w.odd() {
		return []netip.Prefix{{}, netip.MustParsePrefix("192.0.2.1/24"), netip.MustParsePrefix("::ffff:192.0.2.0/120")}[w.below(3)]
	}
	return netip.MustParsePrefix([]string{"192.0.2.0/24", "2001:db8::/32", "0.0.0.0/0", "::/0"}[w.below(4)])
}

func (w *wild) key() apikey.Key {
	key := apikey.Key{
		ID: w.id(), Org: w.org(), Name: w.text(), Description: w.text(), Claim: w.text(), Permissions: w.set(), Narrowed: w.flag(),
		Type:   apikey.KeyType(w.oneOf("service", "personal", "shared")),
		Policy: w.id(), OnBehalfOf: w.id(), UserPolicy: w.id(), Representable: w.flag(), Services: several(w, w.text), Disabled: w.flag(),
		NotBefore: w.time(), ExpiresOn: w.time(), AllowIPs: several(w, w.prefix), Recoverable: w.flag(), Listed: w.flag(),
		Redacted: w.text(), Start: w.text(), Digest: apikey.Digest{Pepper: int(w.number())}, CreatedBy: w.actor(), CreatedOn: w.time(), Version: w.number(),
	}
	key.Digest.Sum[w.below(32)] = w.byte()
	if w.flag() {
		key.LastModifiedBy, key.LastModifiedOn = w.actor(), w.time()
	}
	if w.flag() {
		key.MovedOn = w.time()
	}
	key.Generation = 1
	if w.flag() {
		key.Generation, key.SecretOn, key.Older = int(w.number()), w.time(), several(w, w.older)
	}
	return key
}

func (w *wild) older() apikey.OlderSecret {
	return apikey.OlderSecret{
		Generation: int(w.number()), Redacted: w.text(), Start: w.text(), Digest: apikey.Digest{Pepper: int(w.number())}, CreatedOn: w.time(), EndsOn: w.time(),
		AwaitsUse: w.flag(), Overlap: time.Duration(w.number()),
	}
}

func (w *wild) organization() apikey.Organization {
	return apikey.Organization{
		ID: w.org(), Name: w.text(), KeyPrefix: w.text(), MaxKeys: int(w.number()), Recoverable: w.flag(), MaxKeyLifetime: time.Duration(w.number()),
		Accounts: several(w, w.text), Declared: several(w, w.permission), Withdrawn: w.set(), Owners: int(w.number()), CreatedOn: w.time(), Version: w.number(),
	}
}

func (w *wild) status() apikey.Status {
	return apikey.Status{Org: w.org(), Suspended: w.flag(), Representative: w.id(), Version: w.number()}
}

func (w *wild) permission() apikey.Permission {
	return apikey.Permission{Name: w.text(), Description: w.text(), Service: w.text()}
}

func (w *wild) policy() apikey.Policy {
	return apikey.Policy{
		ID: w.id(), Org: w.org(), Name: w.text(), Description: w.text(), Claim: w.text(), Permissions: w.set(), Deleted: w.flag(),
		CreatedBy: w.actor(), LastModifiedBy: w.actor(), CreatedOn: w.time(), LastModifiedOn: w.time(), Version: w.number(),
	}
}

func (w *wild) user() apikey.User {
	return apikey.User{
		ID: w.id(), Org: w.org(), Email: w.text(), Claim: w.text(), Name: w.text(), Permissions: w.set(), Policy: w.id(),
		Role:      apikey.Role(w.oneOf("OWNER", "ADMIN", "MANAGER", "MEMBER")),
		CreatedBy: w.actor(), LastModifiedBy: w.actor(), CreatedOn: w.time(), LastModifiedOn: w.time(), Version: w.number(),
	}
}

func (w *wild) service() apikey.Service {
	return apikey.Service{
		ID: w.oneOf("files", "mail"), Org: w.org(), Name: w.text(), Permissions: several(w, w.permission),
		APIs: several(w, func() routing.API {
			return routing.API{Account: w.text(), ID: w.text(), Region: w.text(), Stage: w.text()}
		}),
		Routes: several(w, func() routing.Route {
			return routing.Route{Method: w.text(), Path: w.text(), Permissions: several(w, w.text)}
		}),
		Unlisted: routing.Unlisted(w.oneOf("", "refuse", "authenticate")),
		Cache: routing.GatewayCache{Seconds: int(w.number()), By: slices.Compact(several(w, func() routing.CacheKey {
			return routing.CacheKey(w.oneOf("route", "source", "host"))
		}))},
		CreatedBy: w.actor(), LastModifiedBy: w.actor(), CreatedOn: w.time(), LastModifiedOn: w.time(), Version: w.number(),
	}
}

func (w *wild) pepper() apikey.Pepper {
	return apikey.Pepper{
		Version: int(w.number()), State: apikey.PepperState(w.oneOf("active", "verifying", "retired")), Wrapped: []byte(w.text()),
		CreatedOn: w.time(), ReplacedOn: w.time(),
	}
}

func (w *wild) task() apikey.Task {
	return apikey.Task{Org: w.org(), Kind: apikey.TaskKind(w.oneOf("delete-policy", "withdraw-permissions")), Target: w.text()}
}

func (w *wild) outcome() apikey.Outcome {
	outcome := apikey.Outcome{Org: w.org(), Caller: w.id(), APIKey: w.id(), Sealed: []byte(w.text()), On: w.time(), Version: w.number()}
	outcome.Key[w.below(32)], outcome.Fingerprint[w.below(32)] = w.byte(), w.byte()
	return outcome
}

func (w *wild) told() map[string]string {
	if w.flag() {
		return nil
	}
	told := map[string]string{}
	for range w.below(3) {
		told[[]string{"name", "permissions", "ü"}[w.below(3)]] = w.text()
	}
	return told
}

func (w *wild) audit() apikey.AuditRecord {
	record := apikey.AuditRecord{
		ID: w.id(), Org: w.org(), At: w.time(), Action: apikey.Action(w.text()), Actor: w.actor(), Key: w.id(), Target: w.text(),
		UserAgent: w.text(), RequestID: w.text(), Before: w.told(), After: w.told(), Removed: w.told(), Added: w.told(),
	}
	if w.flag() {
		record.Source, _ = netip.ParseAddr([]string{"192.0.2.1", "::1", "fe80::1%eth0", "::ffff:192.0.2.1"}[w.below(4)])
	}
	return record
}
