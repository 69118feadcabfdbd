package verify

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/uuid"
)

// issuer accepts access tokens that begin with "good" as those of the named
// user.
type issuer struct {
	email string
	fail  error
	asked int
}

func (i *issuer) Subject(_ context.Context, token string) (string, error) {
	i.asked++
	switch {
	case i.fail != nil:
		return "", i.fail
	case !strings.HasPrefix(token, "good."):
		return "", apikey.UnauthenticatedError()
	}
	return i.email, nil
}

func (w *world) withTokens(tokens Tokens, ttl time.Duration) *Verifier {
	config := w.verifier(ttl).config
	config.OAuth = &OAuth{Tokens: tokens, Organization: "acme", Users: w}
	return New(config)
}

func withToken(token string) Request {
	return Request{Authorization: []string{"Bearer " + token}, API: demoAPI, Method: "POST", Route: "/v1/files"}
}

// A good token acts as its user, with what that user holds, and has no key. The
// case of the address does not matter. Cached records save the reads.
func TestToken(t *testing.T) {
	w := newWorld()
	w.populate()
	v := w.withTokens(&issuer{email: "ANN@example.com"}, ttl)
	for round := range 2 {
		d := decide(t, v, withToken("good.a.b"))
		i := d.Identity
		if d.Outcome != Allowed || i.Org != "acme" || !i.KeyID.IsZero() || i.KeyType != "" || i.UserID != userID ||
			strings.Join(i.Permissions, " ") != "AccessQueries ManageFiles" {
			t.Fatalf("got %+v", d)
		}
		if w.claims != 1-round || w.grants() != 2*(1-round) || w.hmac != 0 {
			t.Errorf("round %d: %d claims, %d reads, %d digests", round, w.claims, w.grants(), w.hmac)
		}
		wantReads(t, w, 0, 1-round)
	}
}

// A token is refused like any bad credential if its user is unknown or belongs
// to another organization, if the address equals one of ours only by folding a
// foreign letter, or if the issuer did not sign it.
func TestTokenRefused(t *testing.T) {
	for name, test := range map[string]struct {
		token, email string
		code         Code
	}{
		"not vouched for":      {"bad.a.b", "ann@example.com", TokenRefused},
		"unknown user":         {"good.a.b", "eve@example.com", UserUnknown},
		"no address":           {"good.a.b", "", UserUnknown},
		"another organization": {"good.a.b", "kim@example.com", UserUnknown},
		"Kelvin sign":          {"good.a.b", "\u212Aay@example.com", UserUnknown},
		"suspended":            {"good.a.b", "ann@example.com", OrganizationSuspended},
	} {
		w := newWorld()
		w.populate()
		suspendAs(w, test.code == OrganizationSuspended)
		kim, kay := uuid.UUID{7}, uuid.UUID{8}
		w.users[kim] = apikey.User{ID: kim, Org: "other", Email: "kim@example.com", Claim: "kim@example.com", Role: apikey.RoleOwner}
		w.users[kay] = apikey.User{ID: kay, Org: "acme", Email: "kay@example.com", Claim: "kay@example.com", Role: apikey.RoleOwner}
		d := decide(t, w.withTokens(&issuer{email: test.email}, 0), withToken(test.token))
		if d.Outcome != Unauthenticated || d.Code != test.code || d.Identity.Org != "" {
			t.Errorf("%s: %+v", name, d)
		}
	}
}

// Text that is not shaped like a token, or has another scheme, is malformed,
// and the issuer is not asked. If tokens are not accepted, a token is malformed
// too. A key remains a key where tokens are accepted.
func TestTokenShape(t *testing.T) {
	w := newWorld()
	w.populate()
	tokens := &issuer{email: "ann@example.com"}
	v := w.withTokens(tokens, 0)
	long := "good." + strings.Repeat("a", maxToken-7) + "."
	for _, values := range [][]string{
		{"Bearer good.a"}, {"Bearer good.a."}, {"Bearer .a.b"}, {"Bearer good..b"}, {"Bearer good.a.b.c"}, {"Bearer good.a.b."},
		{"Bearer good.a.b=="}, {"Bearer good.a.b "}, {"Bearer  good.a.b"}, {"Bearer good.a.b, Bearer good.a.b"}, {"Bearer good.a+b.c/d"},
		{"Basic good.a.b"}, {"DPoP good.a.b"}, {"Bearer\tgood.a.b"}, {"Bearer good.a.b\n"}, {"Bearer good.a.\u00e9"}, {"good.a.b"},
		{"Bearer good.a.b", "Bearer good.a.b"}, {"Bearer " + long + "bb"}, {"Bearer good.a.b.c.d"},
	} {
		r := withToken("")
		r.Authorization = values
		if d := decide(t, v, r); d.Code != CredentialMalformed {
			t.Errorf("%.40q: %+v", values, d)
		}
	}
	if tokens.asked != 0 {
		t.Errorf("the issuer was asked %d times", tokens.asked)
	}
	if d := decide(t, v, withToken(long+"b")); d.Outcome != Allowed || len(long)+1 > maxToken {
		t.Errorf("the longest token: %+v", d)
	}
	if d := decide(t, w.verifier(0), withToken("good.a.b")); d.Code != CredentialMalformed {
		t.Errorf("without an issuer: %+v", d)
	}
	asked := tokens.asked
	if d := decide(t, v, bearer(w.mint(t, "acme", "ManageFiles"))); d.Outcome != Allowed || tokens.asked != asked {
		t.Errorf("a key: %+v, asked %d times", d, tokens.asked-asked)
	}
}

// A removed user's token is refused after the TTL at the latest, and so is one
// whose user has lost the permission.
func TestTokenRevocation(t *testing.T) {
	for name, change := range map[string]func(*world){
		"removed":  func(w *world) { delete(w.users, userID) },
		"narrowed": narrowPolicy,
	} {
		w := newWorld()
		w.populate()
		v := w.withTokens(&issuer{email: "ann@example.com"}, ttl)
		decide(t, v, withToken("good.a.b"))
		change(w)
		w.step(ttl)
		if d := decide(t, v, withToken("good.a.b")); d.Outcome == Allowed {
			t.Errorf("%s: %+v", name, d)
		}
	}
}

// An address that passes to another user belongs to that user after the TTL at
// the latest, and no longer to the first one. The same holds when the first
// user gets it back.
func TestClaimMoves(t *testing.T) {
	for _, ttl := range []time.Duration{0, ttl} {
		w := newWorld()
		w.populate()
		v := w.withTokens(&issuer{email: "ann@example.com"}, ttl)
		if d := decide(t, v, withToken("good.a.b")); d.Identity.UserID != userID {
			t.Fatalf("at first: %+v", d)
		}
		heir := uuid.UUID{6}
		for _, step := range []struct{ from, to uuid.UUID }{{userID, heir}, {heir, userID}} {
			user := w.users[step.from]
			delete(w.users, step.from)
			user.ID = step.to
			w.users[step.to] = user
			w.users[step.from] = apikey.User{ID: step.from, Org: "acme", Email: "gone@example.com", Claim: "gone@example.com", Role: apikey.RoleOwner}
			w.step(ttl)
			if d := decide(t, v, withToken("good.a.b")); d.Outcome != Allowed || d.Identity.UserID != step.to {
				t.Errorf("TTL %v: %+v, want user %v", ttl, d, step.to)
			}
		}
	}
}

// If a token cannot be checked or its user cannot be read, there is no
// decision.
func TestTokenFailures(t *testing.T) {
	w := newWorld()
	w.populate()
	tokens := &issuer{email: "ann@example.com"}
	v := w.withTokens(tokens, 0)
	for name, set := range map[string]func(){
		"issuer down":        func() { tokens.fail, w.down = apikey.UnavailableError("fetch", errDown), nil },
		"issuer, other kind": func() { tokens.fail, w.down = errDown, nil },
		"store down":         func() { tokens.fail, w.down = nil, errDown },
	} {
		set()
		d, err := v.Decide(t.Context(), withToken("good.a.b"))
		if apikey.KindOf(err) != apikey.Unavailable || !errors.Is(err, errDown) || d.Outcome != Unauthenticated || d.Code != "" {
			t.Errorf("%s: %+v, %v", name, d, err)
		}
	}
}

// Accepting access tokens costs keys nothing: no memory, no read, and no
// question to the issuer.
func TestTokensCostKeysNothing(t *testing.T) {
	w := newWorld()
	tokens := &issuer{}
	key := bearer(w.mint(t, "acme", "ManageFiles"))
	allocations := func(v *Verifier) float64 {
		return testing.AllocsPerRun(100, func() { decide(t, v, key) })
	}
	without, with := allocations(w.verifier(ttl)), allocations(w.withTokens(tokens, ttl))
	if with > without || tokens.asked != 0 {
		t.Errorf("%v allocations with tokens, %v without; asked %d times", with, without, tokens.asked)
	}
}
