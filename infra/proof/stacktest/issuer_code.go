package stacktest

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"net/url"
	"time"

	"github.com/keyward/keyward/infra/local/demo"
)

// ConsoleClient is the id under which an [Issuer] knows the console.
const ConsoleClient = "console"

// authorize signs the demo organization's owner in without asking, and sends a code
// back: the first half of the authorization code flow.
func (i *Issuer) authorize(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	back, err := url.Parse(query.Get("redirect_uri"))
	if err != nil || query.Get("response_type") != "code" || query.Get("client_id") != ConsoleClient || query.Get("code_challenge_method") != "S256" {
		http.Error(w, "not a request for a code with PKCE", http.StatusBadRequest)
		return
	}
	code := rand.Text()
	i.codes.Store(code, query.Get("code_challenge")+" "+query.Get("redirect_uri"))
	back.RawQuery = url.Values{"code": {code}, "state": {query.Get("state")}}.Encode()
	http.Redirect(w, r, back.String(), http.StatusFound)
}

// token exchanges a code for an access token, once, for whoever knows the verifier
// of its challenge: the second half.
func (i *Issuer) token(w http.ResponseWriter, r *http.Request) {
	digest := sha256.Sum256([]byte(r.PostFormValue("code_verifier")))
	want := base64.RawURLEncoding.EncodeToString(digest[:]) + " " + r.PostFormValue("redirect_uri")
	got, known := i.codes.LoadAndDelete(r.PostFormValue("code"))
	if !known || got != want || r.PostFormValue("grant_type") != "authorization_code" || r.PostFormValue("client_id") != ConsoleClient {
		http.Error(w, "no such code", http.StatusBadRequest)
		return
	}
	token, err := i.sign(map[string]any{
		"iss": i.server.URL, "aud": issuerAudience, "sub": "owner", "email": demo.OwnerEmail, "email_verified": true,
		"iat": time.Now().Unix(), "exp": time.Now().Add(5 * time.Minute).Unix(),
	})
	if err != nil {
		http.Error(w, "no token", http.StatusInternalServerError)
		return
	}
	answerJSON(w, map[string]any{"access_token": token, "token_type": "Bearer", "expires_in": 300})
}
