package stacktest

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"

	"github.com/keyward/keyward/infra/local/demo"
)

// The ids under which an [Issuer] knows the console and the command line.
const (
	ConsoleClient     = "console"
	CommandLineClient = "command-line"
)

func known(client string) bool { return client == ConsoleClient || client == CommandLineClient }

// authorize signs the demo organization's owner in without asking, and sends a code
// back: the first half of the authorization code flow.
func (i *Issuer) authorize(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	back, err := url.Parse(query.Get("redirect_uri"))
	if err != nil || query.Get("response_type") != "code" || !known(query.Get("client_id")) || query.Get("code_challenge_method") != "S256" {
		http.Error(w, "not a request for a code with PKCE", http.StatusBadRequest)
		return
	}
	code := rand.Text()
	i.codes.Store(code, query.Get("code_challenge")+" "+query.Get("redirect_uri"))
	back.RawQuery = url.Values{"code": {code}, "state": {query.Get("state")}}.Encode()
	http.Redirect(w, r, back.String(), http.StatusFound)
}

// token answers a grant with an access token of the demo organization's owner. The
// command line gets a refresh token, too, and is told that the access token ends
// soon, so that it uses it.
func (i *Issuer) token(w http.ResponseWriter, r *http.Request) {
	client := r.PostFormValue("client_id")
	refused := i.refuses(r)
	if refused == "" && !known(client) {
		refused = "invalid_client"
	}
	if refused != "" {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusBadRequest)
		_ = json.NewEncoder(w).Encode(map[string]string{"error": refused})
		return
	}
	token, err := i.sign(i.claims(demo.OwnerEmail))
	if err != nil {
		http.Error(w, "no token", http.StatusInternalServerError)
		return
	}
	answer := map[string]any{"access_token": token, "token_type": "Bearer", "expires_in": 300}
	if client == CommandLineClient {
		refresh := rand.Text()
		i.refreshes.Store(refresh, true)
		answer["refresh_token"], answer["expires_in"] = refresh, 10
	}
	answerJSON(w, answer)
}

// refuses returns the error code of a request for tokens; "" if it is right. A code
// is for whoever knows the verifier of its challenge, once; so is a refresh token.
// A device's user has signed in when it asks for the second time.
func (i *Issuer) refuses(r *http.Request) string {
	switch r.PostFormValue("grant_type") {
	case "authorization_code":
		digest := sha256.Sum256([]byte(r.PostFormValue("code_verifier")))
		want := base64.RawURLEncoding.EncodeToString(digest[:]) + " " + r.PostFormValue("redirect_uri")
		if got, issued := i.codes.LoadAndDelete(r.PostFormValue("code")); issued && got == want {
			return ""
		}
	case "refresh_token":
		if _, issued := i.refreshes.LoadAndDelete(r.PostFormValue("refresh_token")); issued {
			return ""
		}
	case "urn:ietf:params:oauth:grant-type:device_code":
		code := r.PostFormValue("device_code")
		asked, issued := i.devices.Load(code)
		switch {
		case issued && asked == false:
			i.devices.Store(code, true)
			return "authorization_pending"
		case issued:
			i.devices.Delete(code)
			return ""
		}
	default:
		return "unsupported_grant_type"
	}
	return "invalid_grant"
}

// device begins a sign-in by device (RFC 8628).
func (i *Issuer) device(w http.ResponseWriter, r *http.Request) {
	if r.PostFormValue("client_id") != CommandLineClient {
		http.Error(w, "no such client", http.StatusBadRequest)
		return
	}
	code := rand.Text()
	i.devices.Store(code, false)
	answerJSON(w, map[string]any{
		"device_code": code, "user_code": "WDJB-MJHT", "verification_uri": i.server.URL + "/activate", "expires_in": 60, "interval": 1,
	})
}
