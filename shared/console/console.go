// Package console serves the console's files behind Amazon API Gateway. All of
// them are in memory: nothing that a request says reaches a file system.
package console

import (
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"net/http"
	"net/url"
	"path"
	"strings"

	"github.com/aws/aws-lambda-go/events"
)

// Handler answers a REST proxy event. Its error is always nil.
type Handler = func(context.Context, events.APIGatewayProxyRequest) (events.APIGatewayProxyResponse, error)

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

type file struct{ body, media, cache string }

type site struct {
	files   map[string]file
	headers map[string]string
}

var media = map[string]string{
	".css": "text/css; charset=utf-8", ".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8",
	".json": "application/json", ".svg": "image/svg+xml", ".txt": "text/plain; charset=utf-8",
}

// New returns the handler that serves the files and signIn. It fails if the files
// lack their entry, or have one of an unknown kind.
func New(files fs.FS, signIn SignIn) (Handler, error) {
	s := site{files: map[string]file{}, headers: signIn.headers()}
	err := fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		body, err := fs.ReadFile(files, name)
		if err != nil {
			return err
		}
		kind, known := media[path.Ext(name)]
		if !known {
			return fmt.Errorf("console: %s is of an unknown kind", name)
		}
		s.files[name] = file{string(body), kind, caching(name)}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if !strings.Contains(s.files[entry].body, placeholder) {
		return nil, fmt.Errorf("console: %s is missing, or lacks %s", entry, placeholder)
	}
	said, err := json.Marshal(signIn)
	s.files[settings] = file{string(said), media[".json"], "no-cache"}
	return s.answer, err
}

func caching(name string) string {
	if strings.HasPrefix(name, hashed) {
		return "public, max-age=31536000, immutable"
	}
	return "no-cache"
}

// headers returns the headers of every answer. The page loads nothing from
// elsewhere, runs nothing inline, and talks to nobody but its own API and the
// issuer.
func (s SignIn) headers() map[string]string {
	connect := "'self'"
	seen := map[string]bool{}
	for _, address := range []string{s.Issuer, s.TokenEndpoint} {
		if u, err := url.Parse(address); err == nil && u.Host != "" && !seen[u.Host] {
			seen[u.Host] = true
			connect += " " + u.Scheme + "://" + u.Host
		}
	}
	return map[string]string{
		"Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src " + connect +
			"; base-uri 'self'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
		"X-Content-Type-Options":    "nosniff",
		"Referrer-Policy":           "no-referrer",
		"Strict-Transport-Security": "max-age=31536000",
		// The page at which one signs in opens in a window of its own.
		"Cross-Origin-Opener-Policy":   "same-origin-allow-popups",
		"Cross-Origin-Resource-Policy": "same-origin",
		"X-Frame-Options":              "DENY",
	}
}

// answer serves a file, or the entry for the path of a page.
func (s site) answer(_ context.Context, event events.APIGatewayProxyRequest) (events.APIGatewayProxyResponse, error) {
	if event.HTTPMethod != http.MethodGet && event.HTTPMethod != http.MethodHead {
		response := s.respond(http.StatusMethodNotAllowed, file{"The console answers GET and HEAD only.\n", media[".txt"], "no-store"})
		response.Headers["Allow"] = "GET, HEAD"
		return response, nil
	}
	response := s.find(event)
	if event.HTTPMethod == http.MethodHead {
		response.Body = ""
	}
	return response, nil
}

func (s site) find(event events.APIGatewayProxyRequest) events.APIGatewayProxyResponse {
	name := strings.TrimSuffix(event.PathParameters["proxy"], "/")
	if found, ok := s.files[name]; ok && name != entry {
		return s.respond(http.StatusOK, found)
	}
	if base, ok := baseOf(name, event.Path); ok {
		found := s.files[entry]
		found.body = strings.Replace(found.body, placeholder, `<base href="`+base+`">`, 1)
		return s.respond(http.StatusOK, found)
	}
	return s.respond(http.StatusNotFound, file{"There is no such page.\n", media[".txt"], "no-store"})
}

func (s site) respond(status int, f file) events.APIGatewayProxyResponse {
	headers := maps.Clone(s.headers)
	headers["Content-Type"], headers["Cache-Control"] = f.media, f.cache
	return events.APIGatewayProxyResponse{StatusCode: status, Headers: headers, Body: f.body}
}
