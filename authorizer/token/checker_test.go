package token

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/keyward/keyward/shared/apikey"
)

// wantRefused checks that a token is refused, and that the error contains no
// part of it.
func wantRefused(t *testing.T, name string, c *Checker, text string) {
	t.Helper()
	subject, err := c.Subject(t.Context(), text)
	if err == nil || apikey.KindOf(err) != apikey.Unauthenticated || subject != "" {
		t.Errorf("%s: %q, %v", name, subject, err)
		return
	}
	for _, part := range strings.Split(text, ".") {
		if len(part) > 8 && strings.Contains(err.Error(), part) {
			t.Errorf("%s: the error holds a part of the token", name)
		}
	}
}

func wantSubject(t *testing.T, name string, c *Checker, text string) {
	t.Helper()
	if subject, err := c.Subject(t.Context(), text); err != nil || subject != "ann@example.com" {
		t.Errorf("%s: %q, %v", name, subject, err)
	}
}

func wantOutage(t *testing.T, name string, c *Checker, text string) {
	t.Helper()
	if subject, err := c.Subject(t.Context(), text); err == nil || apikey.KindOf(err) != apikey.Unavailable || subject != "" {
		t.Errorf("%s: %q, %v; want an outage", name, subject, err)
	}
}

// A token signed with any of the three algorithms names its user; the keys are
// fetched once for all.
func TestAlgorithms(t *testing.T) {
	i := newIssuer(t)
	c := i.checker()
	for range 2 {
		for algorithm := range signers() {
			wantSubject(t, algorithm, c, i.good(algorithm))
		}
	}
	if i.discovered != 1 || i.served != 1 {
		t.Errorf("%d discoveries and %d fetches", i.discovered, i.served)
	}
}

// Each claim is checked: issuer, audience and times. The clocks may differ by
// the leeway and no more.
func TestClaims(t *testing.T) {
	i := newIssuer(t)
	c := i.checker()
	now, drift := i.at.Unix(), int64(leeway/time.Second)
	for name, test := range map[string]struct {
		changes object
		good    bool
	}{
		"several audiences":      {object{"aud": []string{"other", "keyward"}}, true},
		"without nbf and iat":    {object{"nbf": nil, "iat": nil}, true},
		"expired in the leeway":  {object{"exp": now - drift}, true},
		"early in the leeway":    {object{"nbf": now + drift}, true},
		"expired":                {object{"exp": now - drift - 1}, false},
		"never expires":          {object{"exp": nil}, false},
		"expiry is text":         {object{"exp": "tomorrow"}, false},
		"expiry beyond numbers":  {object{"exp": 1e300}, false},
		"begins before numbers":  {object{"nbf": -1e300}, false},
		"not yet valid":          {object{"nbf": now + drift + 1}, false},
		"issued in the future":   {object{"iat": now + drift + 1}, false},
		"another issuer":         {object{"iss": i.url + "/"}, false},
		"no issuer":              {object{"iss": nil}, false},
		"another audience":       {object{"aud": "keyward2"}, false},
		"audience in other case": {object{"aud": "Keyward"}, false},
		"no audience":            {object{"aud": nil}, false},
		"no audiences":           {object{"aud": []string{}}, false},
		"no address":             {object{"email": nil}, false},
		"empty address":          {object{"email": ""}, false},
		"address is a list":      {object{"email": []string{"ann@example.com"}}, false},
		"address in other case":  {object{"email": nil, "Email": "ann@example.com"}, false},
		"bound to a sender":      {object{"cnf": object{"jkt": "x"}}, false},
	} {
		text := sign(object{"alg": "ES256", "kid": "ES256"}, i.claims(test.changes), signers()["ES256"])
		if test.good {
			wantSubject(t, name, c, text)
		} else {
			wantRefused(t, name, c, text)
		}
	}
}

// A token without an audience is valid for its client only if the owner allows
// that, and only if it is an access token, as Amazon Cognito's are. If there is
// an audience, it alone counts.
func TestClientAsAudience(t *testing.T) {
	i := newIssuer(t)
	asks, takes := i.checker(), i.checker()
	takes.config.ClientAudience = true
	cognito := func(changes object) object {
		claims := object{"aud": nil, "client_id": "keyward", "token_use": "access"}
		for name, value := range changes {
			claims[name] = value
		}
		return claims
	}
	for name, test := range map[string]struct {
		changes           object
		byToken, byClient bool
	}{
		"Cognito's access token":   {nil, false, true},
		"another client":           {object{"client_id": "other"}, false, false},
		"no client":                {object{"client_id": nil}, false, false},
		"client is a list":         {object{"client_id": []string{"keyward"}}, false, false},
		"for its identity":         {object{"token_use": "id"}, false, false},
		"no use":                   {object{"token_use": nil}, false, false},
		"with the audience":        {object{"aud": "keyward", "client_id": "other"}, true, true},
		"with another audience":    {object{"aud": "other"}, false, false},
		"with no audience":         {object{"aud": []string{}}, false, false},
		"audience is null":         {object{"aud": json.RawMessage("null")}, false, false},
		"Cognito's identity":       {object{"aud": "keyward", "token_use": "id"}, true, false},
		"audience without a use":   {object{"aud": "keyward", "token_use": nil}, true, false},
		"client in other case":     {object{"client_id": "Keyward"}, false, false},
		"authorized party instead": {object{"client_id": nil, "azp": "keyward"}, false, false},
	} {
		text := sign(object{"alg": "ES256", "kid": "ES256"}, i.claims(cognito(test.changes)), signers()["ES256"])
		for c, good := range map[*Checker]bool{asks: test.byToken, takes: test.byClient} {
			if good {
				wantSubject(t, name, c, text)
			} else {
				wantRefused(t, name, c, text)
			}
		}
	}
}

// An address in the email claim counts only if the token says that it is
// verified, unless the owner says that the issuer verifies all of them. A token
// that denies it is refused even then. Some issuers use a string.
func TestVerifiedAddress(t *testing.T) {
	i := newIssuer(t)
	asks, trusts := i.checker(), i.checker()
	trusts.config.VerifiesEmail = true
	for name, test := range map[string]struct {
		verified          any
		byToken, byIssuer bool
	}{
		"true": {true, true, true}, "true as a string": {"true", true, true}, "absent": {nil, false, true},
		"false": {false, false, false}, "false as a string": {"false", false, false}, "empty": {"", false, false},
		"other case": {"True", false, false}, "one": {1, false, false}, "yes": {"yes", false, false}, "list": {[]bool{true}, false, false},
		"null": {json.RawMessage("null"), false, false},
	} {
		text := sign(object{"alg": "ES256", "kid": "ES256"}, i.claims(object{"email_verified": test.verified}), signers()["ES256"])
		for c, good := range map[*Checker]bool{asks: test.byToken, trusts: test.byIssuer} {
			if good {
				wantSubject(t, name, c, text)
			} else {
				wantRefused(t, name, c, text)
			}
		}
	}
}

// The owner chooses the claim with the address. What the token says about the
// email claim does not affect another claim.
func TestOtherClaim(t *testing.T) {
	i := newIssuer(t)
	c := i.checker()
	c.config.Claim = "upn"
	for _, verified := range []any{nil, false, true} {
		claims := i.claims(object{"email": "eve@example.com", "email_verified": verified, "upn": "ann@example.com"})
		wantSubject(t, "upn", c, sign(object{"alg": "EdDSA", "kid": "EdDSA"}, claims, signers()["EdDSA"]))
	}
	wantRefused(t, "no upn", c, i.good("EdDSA"))
}

// Some types of JWT are access tokens, others say that they are not.
func TestTypes(t *testing.T) {
	i := newIssuer(t)
	c := i.checker()
	for kind, good := range map[any]bool{
		"JWT": true, "jwt": true, "at+jwt": true, "AT+JWT": true, "application/at+jwt": true,
		"logout+jwt": false, "dpop+jwt": false, "secevent+jwt": false, "JWE": false, "": false, 7: false,
	} {
		text := sign(object{"alg": "ES256", "kid": "ES256", "typ": kind}, i.claims(nil), signers()["ES256"])
		if good {
			wantSubject(t, "typ", c, text)
		} else {
			wantRefused(t, "typ", c, text)
		}
	}
}

// An issuer is an https URL with at most a path; http is allowed only on the
// loopback interface.
func TestValidIssuer(t *testing.T) {
	for text, want := range map[string]bool{
		"https://login.example.com": true, "https://login.example.com/": true, "https://login.example.com/t/1": true,
		"https://login.example.com:8443": true, "http://127.0.0.1:9000/x": true, "http://[::1]:9000": true, "http://localhost:1": true,
		"http://login.example.com": false, "http://127.0.0.1.example.com": false, "http://10.0.0.1": false,
		"https://": false, "": false, "login.example.com": false, "ftp://login.example.com": false, "https:login": false,
		"https://a@login.example.com": false, "https://login.example.com?x": false, "https://login.example.com?": false,
		"https://login.example.com#": false, "https://login example.com": false,
	} {
		if got := ValidIssuer(text); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
}
