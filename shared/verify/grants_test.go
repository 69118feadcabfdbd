package verify

import (
	"strings"
	"testing"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/permission"
	"github.com/keyward/keyward/shared/uuid"
)

var (
	policyID = uuid.UUID{1, 6: 0x40, 8: 0x80}
	userID   = uuid.UUID{2, 6: 0x40, 8: 0x80}
	adminID  = uuid.UUID{3, 6: 0x40, 8: 0x80}
)

// populate adds a policy that grants ManageFiles, a user who has it, and the
// organization's representative, an OWNER.
func (w *world) populate() {
	w.policies[policyID] = apikey.Policy{ID: policyID, Org: "acme", Permissions: permission.NewSet("ManageFiles", "ManageApiKeys")}
	w.users[userID] = apikey.User{
		ID: userID, Org: "acme", Email: "Ann@example.com", Claim: "ann@example.com", Role: apikey.RoleMember,
		Permissions: permission.NewSet("AccessQueries"), Policy: policyID,
	}
	w.users[adminID] = apikey.User{ID: adminID, Org: "acme", Email: "own@example.com", Claim: "own@example.com", Role: apikey.RoleOwner}
	w.statuses["acme"] = apikey.Status{Org: "acme", Representative: adminID}
}

// kinds are keys whose permissions come from elsewhere, with what they cost
// when nothing is cached, and how the service sees them.
var kinds = map[string]struct {
	key        apikey.Key
	grantReads int
	keyType    apikey.KeyType
	user       uuid.UUID
	held       string
}{
	"direct":   {apikey.Key{Permissions: permission.NewSet("ManageFiles")}, 1, apikey.TypeService, uuid.UUID{}, "ManageFiles"},
	"policy":   {apikey.Key{Type: apikey.TypeService, Policy: policyID}, 2, apikey.TypeService, uuid.UUID{}, "ManageFiles"},
	"personal": {apikey.Key{Type: apikey.TypePersonal, OnBehalfOf: userID}, 3, apikey.TypePersonal, userID, "AccessQueries ManageFiles"},
	"narrowed": {apikey.Key{Type: apikey.TypePersonal, OnBehalfOf: userID, Narrowed: true, Permissions: permission.NewSet("ManageFiles", "Other")},
		3, apikey.TypePersonal, userID, "ManageFiles"},
	"owner's":       {apikey.Key{Type: apikey.TypePersonal, OnBehalfOf: adminID}, 2, apikey.TypePersonal, adminID, "AccessQueries ManageFiles"},
	"shared":        {apikey.Key{Type: apikey.TypeShared, Permissions: permission.NewSet("ManageFiles"), Representable: true}, 1, apikey.TypeShared, adminID, "ManageFiles"},
	"shared, user":  {apikey.Key{Type: apikey.TypeShared, Permissions: permission.NewSet("ManageFiles"), OnBehalfOf: userID}, 2, apikey.TypeShared, userID, "ManageFiles"},
	"shared policy": {apikey.Key{Type: apikey.TypeShared, Policy: policyID, Representable: true}, 2, apikey.TypeShared, adminID, "ManageFiles"},
	"nobody's":      {apikey.Key{Type: apikey.TypeShared, Policy: policyID}, 2, apikey.TypeShared, uuid.UUID{}, "ManageFiles"},
}

// Every kind of key is allowed by its current permissions. The service gets its
// type and user, and only permissions that the service declares. A decision
// reads the key, the organization and at most two other records, and none while
// they are cached.
func TestKinds(t *testing.T) {
	for name, test := range kinds {
		t.Run(name, func(t *testing.T) {
			w := newWorld()
			w.populate()
			test.key.Org = "acme"
			v, key := w.verifier(ttl), w.mintAs(t, test.key)
			for round := range 2 {
				d := decide(t, v, bearer(key))
				i := d.Identity
				if byDefault := test.key.Representable && test.key.OnBehalfOf.IsZero(); d.Outcome != Allowed || i.KeyType != test.keyType || i.ByDefault != byDefault || i.UserID != test.user || strings.Join(i.Permissions, " ") != test.held {
					t.Fatalf("got %+v", d)
				}
				if grants := w.grants(); grants != test.grantReads*(1-round) {
					t.Errorf("round %d: %d reads of grants", round, grants)
				}
				wantReads(t, w, 1-round, 1-round)
			}
		})
	}
}

// losses take a permission away from a kind of key, or end its grant.
var losses = map[string]struct {
	kind   string
	change func(*world)
	code   Code
}{
	"policy narrowed":       {"policy", narrowPolicy, PermissionMissing},
	"policy tombstone":      {"policy", func(w *world) { editPolicy(w, func(p *apikey.Policy) { p.Deleted = true }) }, GrantGone},
	"policy gone":           {"policy", func(w *world) { delete(w.policies, policyID) }, GrantGone},
	"policy of user":        {"personal", narrowPolicy, PermissionMissing},
	"user's policy ends":    {"personal", func(w *world) { editPolicy(w, func(p *apikey.Policy) { p.Deleted = true }) }, PermissionMissing},
	"user's policy changed": {"personal", func(w *world) { editUser(w, userID, func(u *apikey.User) { u.Policy = uuid.UUID{} }) }, PermissionMissing},
	"user gone":             {"personal", func(w *world) { delete(w.users, userID) }, GrantGone},
	"narrowed, user gone":   {"narrowed", func(w *world) { delete(w.users, userID) }, GrantGone},
	"owner no more":         {"owner's", func(w *world) { editUser(w, adminID, func(u *apikey.User) { u.Role = apikey.RoleAdmin }) }, PermissionMissing},
	"withdrawn":             {"owner's", withdraw, PermissionMissing},
	"shared, policy ends":   {"shared policy", func(w *world) { editPolicy(w, func(p *apikey.Policy) { p.Deleted = true }) }, GrantGone},
	"direct, suspended":     {"direct", suspend, OrganizationSuspended},
	"policy's, suspended":   {"policy", suspend, OrganizationSuspended},
	"personal, suspended":   {"personal", suspend, OrganizationSuspended},
	"narrowed, suspended":   {"narrowed", suspend, OrganizationSuspended},
	"owner's, suspended":    {"owner's", suspend, OrganizationSuspended},
	"shared, suspended":     {"shared", suspend, OrganizationSuspended},
}

func suspend(w *world) { suspendAs(w, true) }

func suspendAs(w *world, suspended bool) {
	status := w.statuses["acme"]
	status.Suspended = suspended
	w.statuses["acme"] = status
}

// withdraw makes the service declare no permissions.
func withdraw(w *world) {
	service := w.services[demoAPI]
	service.Permissions = nil
	w.services[demoAPI] = service
}

func narrowPolicy(w *world) { editPolicy(w, func(p *apikey.Policy) { p.Permissions = nil }) }

func editPolicy(w *world, change func(*apikey.Policy)) {
	p := w.policies[policyID]
	change(&p)
	w.policies[policyID] = p
}

func editUser(w *world, id uuid.UUID, change func(*apikey.User)) {
	u := w.users[id]
	change(&u)
	w.users[id] = u
}

// Every such loss takes effect after the TTL at the latest, without a change of
// the key. A key whose policy or user is gone, or whose organization is
// suspended, is no longer valid.
func TestLosses(t *testing.T) {
	for name, test := range losses {
		for _, ttl := range []time.Duration{0, ttl} {
			w := newWorld()
			w.populate()
			record := kinds[test.kind].key
			record.Org = "acme"
			v, key := w.verifier(ttl), w.mintAs(t, record)
			if d := decide(t, v, bearer(key)); d.Outcome != Allowed {
				t.Fatalf("%s: at first %+v", name, d)
			}
			test.change(w)
			w.step(ttl)
			d := decide(t, v, bearer(key))
			if d.Code != test.code || (d.Outcome == Unauthenticated) != (test.code != PermissionMissing) {
				t.Errorf("%s, TTL %v: %+v, want %s", name, ttl, d, test.code)
			}
		}
	}
}

// If a record of the grant cannot be read, or is not the requested one, there
// is no decision: neither an allowance nor a refusal.
func TestGrantFailures(t *testing.T) {
	for _, name := range []string{"direct", "policy", "personal", "owner's", "shared", "shared, user"} {
		for damage, change := range map[string]func(*world){
			"down": func(w *world) { w.down = errDown },
			"damaged": func(w *world) {
				editPolicy(w, func(p *apikey.Policy) { p.Org = "other" })
				editUser(w, userID, func(u *apikey.User) { u.Org = "other" })
				editUser(w, adminID, func(u *apikey.User) { u.ID = userID })
				w.statuses["acme"] = apikey.Status{Org: "other"}
			},
		} {
			w := newWorld()
			w.populate()
			record := kinds[name].key
			record.Org = "acme"
			v, key := w.verifier(ttl), w.mintAs(t, record)
			decide(t, v, bearer(key))
			w.step(ttl)
			change(w)
			d, err := v.Decide(t.Context(), bearer(key))
			if apikey.KindOf(err) != apikey.Unavailable || d.Outcome != Unauthenticated || d.Code != "" || d.Identity.Org != "" {
				t.Errorf("%s, %s: %+v, %v", name, damage, d, err)
			}
		}
	}
}

// A damaged policy or user fails only the keys that depend on it, although it
// was read together with other keys' records. One that was read only because it
// was guessed fails nobody.
func TestDamageFailsAlone(t *testing.T) {
	for name, broken := range map[string]apikey.Ref{"policy": apikey.PolicyRef("acme", policyID), "user": apikey.UserRef("acme", userID)} {
		for _, ttl := range []time.Duration{0, ttl} {
			w := newWorld()
			w.populate()
			w.broken = broken
			v := w.verifier(ttl)
			for kind, test := range kinds {
				test.key.Org = "acme"
				key := bearer(w.mintAs(t, test.key))
				depends := test.key.OnBehalfOf == userID && (name == "user" || test.key.Type == apikey.TypePersonal) ||
					name == "policy" && test.key.Policy == policyID
				for range 2 {
					d, err := v.Decide(t.Context(), key)
					if depends != (apikey.KindOf(err) == apikey.Unavailable) || depends == (d.Outcome == Allowed) {
						t.Errorf("%s, %s: %+v, %v", name, kind, d, err)
					}
				}
			}
			guessed := bearer(w.mintAs(t, apikey.Key{Org: "acme", Type: apikey.TypePersonal, OnBehalfOf: adminID, UserPolicy: policyID}))
			if d := decide(t, v, guessed); d.Outcome != Allowed {
				t.Errorf("%s, guessed: %+v", name, d)
			}
		}
	}
}

// After a key gets a new secret, the old one is refused like any wrong secret,
// even though the old cached key decided what to read.
func TestOldSecret(t *testing.T) {
	for _, ttl := range []time.Duration{0, ttl} {
		w := newWorld()
		v, old := w.verifier(ttl), w.mint(t, "acme", "ManageFiles")
		decide(t, v, bearer(old))
		renewed := forge(t, old, newKey(t).Secret())
		digest, err := w.sum(renewed)
		if err != nil {
			t.Fatal(err)
		}
		each(w, func(k *apikey.Key) { k.Digest = digest })
		w.step(ttl)
		if d := decide(t, v, bearer(old)); d.Code != SecretWrong || d.Identity.Org != "" {
			t.Errorf("TTL %v, the old secret: %+v", ttl, d)
		}
		if d := decide(t, v, bearer(renewed)); d.Outcome != Allowed {
			t.Errorf("TTL %v, the new one: %+v", ttl, d)
		}
	}
}
