package dynamo_test

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/dynamo"
	"github.com/keyward/keyward/shared/routing"
	"github.com/keyward/keyward/shared/uuid"
)

// A record that this store could not read back is permanently refused before
// anything is sent, whatever rule accepted it. The error names the attribute
// and shows no value.
func TestUnreadableRecordsAreNotWritten(t *testing.T) {
	const secret = "value-of-a-caller"
	key := func(change func(*apikey.Key)) apikey.Write {
		k := plainKey()
		k.Description = secret
		change(&k)
		return apikey.CreateKey{Key: k}
	}
	beyond := time.Date(9999, 12, 31, 23, 59, 59, 0, time.FixedZone("", -14*3600))
	user := apikey.User{ID: entropyID(), Org: acme, Name: secret, Role: apikey.RoleAdmin, Version: 1}
	newest := user
	newest.Role, newest.Version = secret, 2
	for attribute, write := range map[string]apikey.Write{
		"expiresOn":      key(func(k *apikey.Key) { k.ExpiresOn = beyond }),
		"notBefore":      key(func(k *apikey.Key) { k.NotBefore = time.Date(-1, 1, 1, 0, 0, 0, 0, time.UTC) }),
		"createdOn":      key(func(k *apikey.Key) { k.CreatedOn = beyond }),
		"type":           key(func(k *apikey.Key) { k.Type = "" }),
		"pepper":         key(func(k *apikey.Key) { k.Digest.Pepper = 0 }),
		"name":           key(func(k *apikey.Key) { k.Name = "a\xff" + secret }),
		"services":       key(func(k *apikey.Key) { k.Services = []string{"files", "\xc3"} }),
		"onBehalfOf":     key(func(k *apikey.Key) { k.OnBehalfOf = uuid.UUID{1} }),
		"pk":             key(func(k *apikey.Key) { k.ID = uuid.UUID{1} }),
		"allowIPs":       key(func(k *apikey.Key) { k.AllowIPs = []netip.Prefix{netip.MustParsePrefix("::ffff:192.0.2.0/120")} }),
		"permissions":    apikey.CreatePolicy{Policy: apikey.Policy{ID: entropyID(), Org: acme, Permissions: []string{"B", "A"}, Version: 1}},
		"role":           apikey.ReplaceUser{Before: user, After: newest},
		"maxKeyLifetime": apikey.CreateOrganization{Organization: apikey.Organization{ID: acme, MaxKeyLifetime: -1, Version: 1}},
		"id":             apikey.ReplaceOrganization{Before: apikey.Organization{ID: "A"}, After: apikey.Organization{ID: "A", Version: 1}},
		"representative": apikey.ReplaceStatus{After: apikey.Status{Org: acme, Representative: uuid.UUID{1}, Version: 1}},
		"cacheSeconds":   apikey.PutService{After: apikey.Service{ID: "files", Org: acme, Cache: routing.GatewayCache{Seconds: 3601}, Version: 1}},
		"sk":             apikey.CreateUser{User: apikey.User{Org: acme, Claim: "a", Role: apikey.RoleAdmin, Version: 1}},
		"wrapped":        apikey.CreatePepper{Pepper: apikey.Pepper{Version: 1, State: apikey.PepperActive}},
		"kind":           apikey.BeginTask{Task: apikey.Task{Org: acme, Kind: secret}},
	} {
		refusedUnsent(t, attribute, secret, apikey.Change{Writes: []apikey.Write{write}, Audits: requireChange.Audits})
	}
	audit := requireChange.Audits[0]
	for attribute, change := range map[string]func(*apikey.AuditRecord){
		"at":        func(r *apikey.AuditRecord) { r.At = beyond },
		"userAgent": func(r *apikey.AuditRecord) { r.UserAgent = secret + "\xff" },
		"after":     func(r *apikey.AuditRecord) { r.After = map[string]string{"name": secret + "\xff"} },
		"org":       func(r *apikey.AuditRecord) { r.Org = "" },
	} {
		record := audit
		change(&record)
		refusedUnsent(t, attribute, secret, apikey.Change{Writes: requireChange.Writes, Audits: []apikey.AuditRecord{audit, record}})
	}
}

// refusedUnsent fails the test unless a change is Permanent before any call,
// with an error that names the attribute and does not show the secret.
func refusedUnsent(t *testing.T, attribute, secret string, change apikey.Change) {
	t.Helper()
	client := &stub{}
	err := dynamo.New(client, tableNames).Commit(t.Context(), change)
	if err == nil || apikey.KindOf(err) != apikey.Permanent || client.calls != 0 {
		t.Errorf("%s: error %v after %d calls, want Permanent after none", attribute, err, client.calls)
		return
	}
	if text := err.Error(); !strings.Contains(text, "attribute "+attribute+" ") || strings.Contains(text, secret) {
		t.Errorf("%s: error %q", attribute, text)
	}
}
