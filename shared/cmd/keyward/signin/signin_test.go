package signin

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/keyward/keyward/shared/client"
	"github.com/keyward/keyward/shared/cmd/keyward/failure"
	"github.com/keyward/keyward/shared/cmd/keyward/profile"
)

// issuer answers the token endpoint with answers, one after the other.
type issuer struct {
	*httptest.Server
	answers []any
	forms   []url.Values
	wrong   string
	// change, if any, changes the document; begun the answer that begins a sign-in
	// by device.
	change, begun map[string]any
}

func newIssuer(t *testing.T, answers ...any) *issuer {
	i := &issuer{answers: answers}
	routes := http.NewServeMux()
	say := func(w http.ResponseWriter, status int, value any) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(value)
	}
	routes.HandleFunc("GET /.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		document := map[string]any{
			"issuer": i.URL + i.wrong, "authorization_endpoint": i.URL + "/authorize?tenant=1", "token_endpoint": i.URL + "/token",
			"device_authorization_endpoint": i.URL + "/device",
		}
		maps.Copy(document, i.change)
		say(w, 200, document)
	})
	routes.HandleFunc("POST /device", func(w http.ResponseWriter, _ *http.Request) {
		answer := map[string]any{"device_code": "d", "user_code": "AB-CD", "verification_uri": i.URL, "expires_in": 60, "interval": 0}
		maps.Copy(answer, i.begun)
		say(w, 200, answer)
	})
	routes.HandleFunc("POST /token", func(w http.ResponseWriter, r *http.Request) {
		_ = r.ParseForm()
		i.forms = append(i.forms, r.PostForm)
		next := i.answers[0]
		i.answers = i.answers[1:]
		if code, refused := next.(string); refused {
			say(w, 400, map[string]string{"error": code})
			return
		}
		say(w, 200, next)
	})
	i.Server = httptest.NewServer(routes)
	t.Cleanup(i.Close)
	return i
}

var good = map[string]any{"access_token": "access", "refresh_token": "refresh", "token_type": "bearer", "expires_in": 60}

func codeOf(err error) int { code, _ := failure.Code(err); return code }

// The browser's way gives tokens to whoever started it, for the answer with its
// state alone.
func TestBrowser(t *testing.T) {
	i := newIssuer(t, good)
	c := Client{Issuer: i.URL + "/", ID: "cli", Scopes: []string{"openid", "email"}, Audience: "api"}
	tokens, err := c.Browser(t.Context(), 0, func(address, _ string) {
		page, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		query := page.Query()
		if query.Get("tenant") != "1" || query.Get("code_challenge_method") != "S256" || query.Get("audience") != "api" || query.Get("scope") != "openid email" {
			t.Error(address)
		}
		back, state := query.Get("redirect_uri"), query.Get("state")
		for answer, want := range map[string]int{
			"?code=c&state=other": 400, "?code=c": 400, "?state=" + state: 400, "x?code=c&state=" + state: 400,
			"?code=c&iss=https://other.example.com&state=" + state: 400,
		} {
			get(t, back+answer, want)
		}
		get(t, back+"?code=c&state="+state, 200)
	})
	if err != nil || tokens.Access.Reveal() != "access" || tokens.Refresh.Reveal() != "refresh" || time.Until(tokens.Expires) > time.Minute {
		t.Fatal(tokens, err)
	}
	if form := i.forms[0]; form.Get("code") != "c" || len(form.Get("code_verifier")) < 43 || form.Get("client_id") != "cli" {
		t.Error(form)
	}
}

func get(t *testing.T, address string, want int) {
	t.Helper()
	response, err := http.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	if response.StatusCode != want {
		t.Errorf("%s answers %d, want %d", address, response.StatusCode, want)
	}
}

// The door, which a program's arguments show, leads to the sign-in once and contains
// nothing of it: with the state, somebody else on this machine could answer.
func TestBrowserIsOpenedByADoor(t *testing.T) {
	i := newIssuer(t, good)
	c := Client{Issuer: i.URL, ID: "cli"}
	_, err := c.Browser(t.Context(), 0, func(address, door string) {
		page, _ := url.Parse(address)
		back, state := page.Query().Get("redirect_uri"), page.Query().Get("state")
		if strings.Contains(door, state) || strings.Contains(door, page.Query().Get("code_challenge")) || len(door) > 64 {
			t.Error(door)
		}
		get(t, door+"x", 400)
		get(t, strings.Replace(door, "127.0.0.1", "localhost", 1), 400)
		still := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
		response, err := still.Get(door)
		if err != nil {
			t.Fatal(err)
		}
		_ = response.Body.Close()
		if response.StatusCode != http.StatusFound || response.Header.Get("Location") != address || response.Header.Get("Referrer-Policy") != "no-referrer" {
			t.Error(response.Status, response.Header)
		}
		get(t, door, 400)
		get(t, back+"?code=c&state="+state, 200)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// A user who refuses in the browser ends the sign-in, and so does the caller.
func TestBrowserIsRefused(t *testing.T) {
	i := newIssuer(t)
	c := Client{Issuer: i.URL, ID: "cli"}
	_, err := c.Browser(t.Context(), 0, func(address, _ string) {
		page, _ := url.Parse(address)
		get(t, page.Query().Get("redirect_uri")+"?error=access_denied&state="+page.Query().Get("state"), 200)
	})
	if codeOf(err) != failure.Refused || !strings.Contains(err.Error(), "access_denied") {
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	if _, err := c.Browser(ctx, 0, func(string, string) { cancel() }); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// The device's way asks until the user has decided.
func TestDevice(t *testing.T) {
	second = time.Millisecond
	t.Cleanup(func() { second = time.Second })
	i := newIssuer(t, "authorization_pending", good)
	c := Client{Issuer: i.URL, ID: "cli"}
	var shown Invitation
	tokens, err := c.Device(t.Context(), func(i Invitation) { shown = i })
	if err != nil || tokens.Access.Reveal() != "access" || shown.Code != "AB-CD" || shown.URL != i.URL {
		t.Fatal(tokens, err, shown)
	}
	for _, refused := range []string{"access_denied", "expired_token", "\x1b[31m"} {
		i := newIssuer(t, refused)
		c := Client{Issuer: i.URL, ID: "cli"}
		if _, err := c.Device(t.Context(), func(Invitation) {}); codeOf(err) != failure.Refused || strings.Contains(err.Error(), "\x1b") {
			t.Errorf("%q: %v", refused, err)
		}
	}
}

// A renewed credential keeps the refresh token that the issuer does not replace. One
// that the issuer refuses has ended.
func TestRefresh(t *testing.T) {
	i := newIssuer(t, map[string]any{"access_token": "new", "token_type": "Bearer"}, "invalid_grant", map[string]any{"access_token": "a b", "token_type": "Bearer"})
	old := profile.Tokens{Refresh: client.NewSecret("r"), Endpoint: i.URL + "/token", Client: "cli"}
	got, err := Refresh(t.Context(), old, nil)
	if err != nil || got.Access.Reveal() != "new" || got.Refresh.Reveal() != "r" || !got.Expires.IsZero() {
		t.Error(got, err)
	}
	if _, err := Refresh(t.Context(), old, nil); codeOf(err) != failure.SignIn {
		t.Error(err)
	}
	if _, err := Refresh(t.Context(), old, nil); codeOf(err) != failure.Refused {
		t.Error(err)
	}
	i.Close()
	if _, err := Refresh(t.Context(), old, nil); codeOf(err) != failure.Outage {
		t.Error(err)
	}
}

// An issuer that is not the one of its document, or not private, is refused.
func TestIssuerIsChecked(t *testing.T) {
	i := newIssuer(t)
	i.wrong = "/other"
	for issuer, want := range map[string]int{i.URL: failure.Refused, "http://issuer.example.com": failure.Usage, i.URL + "/missing": failure.Outage} {
		c := Client{Issuer: issuer, ID: "cli"}
		if _, err := c.Device(t.Context(), func(Invitation) {}); codeOf(err) != want {
			t.Errorf("%s: %v", issuer, err)
		}
	}
}

// What an issuer says to show is a page and a code. A text that tells its reader to
// do something else is not shown.
func TestInvitationIsPlain(t *testing.T) {
	for _, begun := range []map[string]any{
		{"verification_uri": "http://issuer.example.com/device"},
		{"verification_uri": "javascript:alert(1)"},
		{"verification_uri": "https://issuer.example.com/ or run curl https://evil.example.com"},
		{"verification_uri": "https://issuer.example.com@evil.example.com/"},
		{"user_code": "AB-CD and then paste your key here"},
		{"user_code": strings.Repeat("A", 1000)},
	} {
		i := newIssuer(t)
		i.begun = begun
		c := Client{Issuer: i.URL, ID: "cli"}
		if _, err := c.Device(t.Context(), func(i Invitation) { t.Error("shown:", i) }); codeOf(err) != failure.Refused {
			t.Errorf("%v: %v", begun, err)
		}
	}
}

// An issuer that says that its answers name it has no answer without its name.
func TestAnswerNamesItsIssuer(t *testing.T) {
	i := newIssuer(t, good)
	i.change = map[string]any{"authorization_response_iss_parameter_supported": true}
	c := Client{Issuer: i.URL, ID: "cli"}
	if _, err := c.Browser(t.Context(), 0, func(address, _ string) {
		page, _ := url.Parse(address)
		answer := page.Query().Get("redirect_uri") + "?code=c&state=" + page.Query().Get("state")
		get(t, answer, 400)
		get(t, answer+"&iss=https%3A%2F%2Fother.example.com", 400)
		get(t, answer+"&iss="+url.QueryEscape(i.URL), 200)
	}); err != nil {
		t.Error(err)
	}
}

// An issuer with https names no endpoint that anybody on this machine could take.
func TestNoLocalEndpoint(t *testing.T) {
	c := Client{Issuer: "https://issuer.example.com"}
	for address, want := range map[string]bool{"https://login.example.com": true, "http://127.0.0.1:8000": false, "http://localhost": false, "http://example.com": false} {
		u, err := url.Parse(address)
		if err != nil || c.private(u) != want {
			t.Errorf("%s: %v", address, err)
		}
	}
}
