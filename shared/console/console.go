// Package console serves the console's files behind Amazon API Gateway.
package console

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
	"strings"

	"github.com/aws/aws-lambda-go/events"

	"github.com/keyward/keyward/shared/static"
)

// SignIn tells the page how people sign in besides with a key. Its zero value
// offers nothing else.
type SignIn struct {
	// Issuer is the OpenID Connect issuer, ClientID the console's id there.
	Issuer   string `json:"issuer"`
	ClientID string `json:"clientId"`
	// Audience is what access tokens must be for.
	Audience string `json:"audience"`
	// TokenEndpoint is where a code becomes a token, if that is not below the
	// issuer's own origin.
	TokenEndpoint string `json:"tokenEndpoint,omitempty"`
}

// Names below /console that are no files.
const (
	entry    = "index.html"
	settings = "config.json"
	// hashed holds files whose names change with their content.
	hashed = "assets/"
)

// placeholder is the entry's base, which is relative to where the page is.
const placeholder = `<base href="./">`

// New returns the handler that serves the files and signIn. It fails if the files
// lack their entry, or have one of an unknown kind.
func New(files fs.FS, signIn SignIn) (static.Handler, error) {
	loaded, err := static.Load(files, caching)
	if err != nil {
		return nil, err
	}
	if !strings.Contains(loaded[entry].Body, placeholder) {
		return nil, fmt.Errorf("console: %s is missing, or lacks %s", entry, placeholder)
	}
	said, err := json.Marshal(signIn)
	loaded[settings] = static.File{Body: string(said), Media: "application/json", Cache: "no-cache"}
	return static.Serve(static.Headers(signIn.policy()), site(loaded).find), err
}

func caching(name string) string {
	if strings.HasPrefix(name, hashed) {
		return "public, max-age=31536000, immutable"
	}
	return "no-cache"
}

// policy returns the pages' Content-Security-Policy. A page loads nothing from
// elsewhere, runs nothing inline, and talks to nobody but its own API and the
// issuer.
func (s SignIn) policy() string {
	connect := "'self'"
	seen := map[string]bool{}
	for _, address := range []string{s.Issuer, s.TokenEndpoint} {
		if u, err := url.Parse(address); err == nil && u.Host != "" && !seen[u.Host] {
			seen[u.Host] = true
			connect += " " + u.Scheme + "://" + u.Host
		}
	}
	return "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src " + connect +
		"; base-uri 'self'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
}

// site is the console's files by name.
type site map[string]static.File

// find returns a file, or the entry for the path of a page.
func (s site) find(event events.APIGatewayProxyRequest) static.Answer {
	name := strings.TrimSuffix(event.PathParameters["proxy"], "/")
	if found, ok := s[name]; ok && name != entry {
		return static.Answer{Status: http.StatusOK, File: found}
	}
	if base, ok := baseOf(name, event.Path); ok {
		found := s[entry]
		found.Body = strings.Replace(found.Body, placeholder, `<base href="`+base+`">`, 1)
		return static.Answer{Status: http.StatusOK, File: found}
	}
	return static.Missing()
}
