// Package signin gets access tokens from an OpenID Connect issuer for a program
// that runs at a user's hands: through a browser on the same machine (RFC 8252,
// with PKCE) or through one on any other (RFC 8628).
package signin

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/keyward/keyward/shared/client"
	"github.com/keyward/keyward/shared/cmd/keyward/failure"
	"github.com/keyward/keyward/shared/cmd/keyward/profile"
)

// Client is the command line, as an issuer knows it. It has no secret.
type Client struct {
	// Issuer is the issuer's URL, and ID the client's id there.
	Issuer, ID string
	// Scopes are asked for. Audience is, if the issuer wants it to be named.
	Scopes   []string
	Audience string
	// Transport sends the requests; nil means [http.DefaultTransport].
	Transport http.RoundTripper

	found discovery
}

// discovery is what the client needs of an issuer's document.
type discovery struct {
	Issuer        string `json:"issuer"`
	Authorization string `json:"authorization_endpoint"`
	Token         string `json:"token_endpoint"`
	Device        string `json:"device_authorization_endpoint"`
	// SaysIssuer says that each answer to a browser names its issuer (RFC 9207).
	SaysIssuer bool `json:"authorization_response_iss_parameter_supported"`
}

// maxAnswer is more than an issuer has to say.
const maxAnswer = 1 << 20

// answerTimeout is how long an issuer may take to answer.
const answerTimeout = 30 * time.Second

// discover reads the issuer's document. All its URLs are https, unless the issuer
// itself is on this machine and is not.
func (c *Client) discover(ctx context.Context) error {
	if _, err := profile.CheckServer(c.Issuer); err != nil {
		return failure.Usagef("the issuer's URL must begin with https:// (http:// is for this machine alone)")
	}
	if c.ID == "" {
		return failure.Usagef("the client's id is missing: pass --client-id with the id under which the issuer knows this program")
	}
	address := strings.TrimSuffix(c.Issuer, "/") + "/.well-known/openid-configuration"
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return failure.Usagef("%q is not a URL", c.Issuer)
	}
	if status, err := c.send(request, &c.found); err != nil || status != http.StatusOK {
		return cmp.Or(err, failure.Outagef("the issuer has no OpenID Connect document at %s (status %d)", address, status))
	}
	if strings.TrimSuffix(c.found.Issuer, "/") != strings.TrimSuffix(c.Issuer, "/") {
		return failure.Refusedf("the document at %s is that of another issuer", address)
	}
	for _, endpoint := range []string{c.found.Authorization, c.found.Token, c.found.Device} {
		if u, err := url.Parse(endpoint); endpoint != "" && (err != nil || u.Host == "" || !c.private(u)) {
			return failure.Refusedf("the issuer names an endpoint that is not https")
		}
	}
	if c.found.Token == "" {
		return failure.Refusedf("the issuer has no token endpoint")
	}
	return nil
}

// private reports whether nobody on the way can read what is sent to a URL. An
// issuer with https names no endpoint on this machine: anybody could listen there.
func (c *Client) private(u *url.URL) bool {
	ip := net.ParseIP(u.Hostname())
	local := u.Hostname() == "localhost" || ip != nil && ip.IsLoopback()
	return u.Scheme == "https" || u.Scheme == "http" && local && strings.HasPrefix(strings.ToLower(c.Issuer), "http:")
}

// grant is the answer of a token endpoint.
type grant struct {
	Access    string `json:"access_token"`
	Refresh   string `json:"refresh_token"`
	Type      string `json:"token_type"`
	ExpiresIn int64  `json:"expires_in"`
	Code      string `json:"error"`
}

// refusal is the error code of an issuer (RFC 6749 and RFC 8628).
type refusal string

func (r refusal) Error() string { return "the issuer refuses: " + string(r) }

// token asks the token endpoint. A refusal is a [refusal].
func (c *Client) token(ctx context.Context, form url.Values) (profile.Tokens, error) {
	form.Set("client_id", c.ID)
	var got grant
	status, err := c.post(ctx, c.found.Token, form, &got)
	switch {
	case err != nil:
		return profile.Tokens{}, err
	case got.Code != "":
		return profile.Tokens{}, refusal(code(got.Code))
	case status >= http.StatusInternalServerError || status == http.StatusTooManyRequests:
		return profile.Tokens{}, failure.Outagef("the issuer's token endpoint answers %d: try again later", status)
	case status != http.StatusOK || !strings.EqualFold(got.Type, "Bearer") || !visible(got.Access):
		return profile.Tokens{}, failure.Refusedf("the issuer gives no access token (status %d)", status)
	}
	tokens := profile.Tokens{Access: client.NewSecret(got.Access), Refresh: client.NewSecret(got.Refresh), Endpoint: c.found.Token, Client: c.ID}
	if got.ExpiresIn > 0 {
		tokens.Expires = time.Now().Add(time.Duration(min(got.ExpiresIn, 1<<31)) * time.Second)
	}
	return tokens, nil
}

// Refresh returns new tokens for a credential. The issuer may keep the refresh
// token as it is. If it gives none, the user has to sign in again.
func Refresh(ctx context.Context, old profile.Tokens, transport http.RoundTripper) (profile.Tokens, error) {
	c := Client{ID: old.Client, Transport: transport, found: discovery{Token: old.Endpoint}}
	tokens, err := c.token(ctx, url.Values{"grant_type": {"refresh_token"}, "refresh_token": {old.Refresh.Reveal()}})
	if _, refused := errors.AsType[refusal](err); refused {
		return profile.Tokens{}, failure.SignInf("the sign-in has ended: run keyward login again")
	}
	if err == nil && tokens.Refresh.IsZero() {
		tokens.Refresh = old.Refresh
	}
	return tokens, err
}

func (c *Client) post(ctx context.Context, address string, form url.Values, into any) (status int, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, address, strings.NewReader(form.Encode()))
	if err != nil {
		return 0, failure.Refusedf("the issuer names an endpoint that is not a URL")
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return c.send(request, into)
}

// send follows no redirect: what is sent is for the endpoint alone.
func (c *Client) send(request *http.Request, into any) (status int, err error) {
	ctx, cancel := context.WithTimeout(request.Context(), answerTimeout)
	defer cancel()
	request.Header.Set("Accept", "application/json")
	sending := http.Client{Transport: c.Transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	response, err := sending.Do(request.WithContext(ctx))
	if err != nil {
		if request.Context().Err() != nil {
			return 0, request.Context().Err()
		}
		return 0, failure.Outagef("the issuer at %s cannot be reached", request.URL.Host)
	}
	defer func() { _ = response.Body.Close() }()
	media, _, _ := mime.ParseMediaType(response.Header.Get("Content-Type"))
	if media != "application/json" {
		return response.StatusCode, nil
	}
	if err := json.NewDecoder(io.LimitReader(response.Body, maxAnswer)).Decode(into); err != nil {
		return 0, failure.Outagef("the issuer at %s gives an answer that is not JSON", request.URL.Host)
	}
	return response.StatusCode, nil
}

// code returns an error code of an issuer, or "unknown" if the text is not one.
func code(text string) string {
	if len(text) > 64 || strings.Trim(text, "abcdefghijklmnopqrstuvwxyz_") != "" {
		return "unknown"
	}
	return text
}

// visible reports whether a token can stand in a header.
func visible(token string) bool {
	return token != "" && strings.IndexFunc(token, func(c rune) bool { return c <= ' ' || c > '~' }) < 0
}

func (c *Client) asked() url.Values {
	form := url.Values{"client_id": {c.ID}, "scope": {strings.Join(c.Scopes, " ")}}
	if c.Audience != "" {
		form.Set("audience", c.Audience)
	}
	return form
}

// told returns a refusal as a line for people, and any other error as it is.
func told(err error) error {
	if r, refused := errors.AsType[refusal](err); refused {
		return failure.Refusedf("%s", r.Error())
	}
	return err
}
