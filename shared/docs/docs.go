// Package docs serves the reference of Keyward's API: its operations, and a page
// about each error code. The pages are made at build time, by package reference,
// from the OpenAPI document. They contain no script, and link to each other
// relative to where they are, so that they work behind any stage or domain.
package docs

import (
	"embed"
	"io/fs"
	"net/http"
	"path"
	"strings"

	"github.com/aws/aws-lambda-go/events"

	"github.com/keyward/keyward/shared/static"
)

//go:generate go run ./reference/generate

//go:embed pages
var pages embed.FS

// policy lets a page load its own style sheet, and nothing else.
const policy = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"

// New returns the handler that serves the pages.
func New() (static.Handler, error) {
	below, err := fs.Sub(pages, "pages")
	if err != nil {
		return nil, err
	}
	files, err := static.Load(below, func(string) string { return "public, max-age=300" })
	return static.Serve(static.Headers(policy), site(files).find), err
}

// site is the files by name. A page's path has no ending.
type site map[string]static.File

// find returns the page or the style sheet. Each has one path. The one with a
// slash at its end redirects there, since the page's links would lead elsewhere;
// a path with an encoded slash is no page's for the same reason.
func (s site) find(event events.APIGatewayProxyRequest) static.Answer {
	name := strings.TrimSuffix(event.PathParameters["proxy"], "/")
	file, found := s[s.fileOf(name)]
	written := strings.TrimSuffix(event.Path, "/")
	if !found || !strings.HasSuffix(written, path.Join("docs", name)) {
		return static.Missing()
	}
	if written != event.Path {
		return static.Answer{
			Status: http.StatusPermanentRedirect, Location: "../" + path.Base(path.Join("docs", name)),
			File: static.File{Body: "This page is without a slash at the end.\n", Media: static.Text, Cache: "no-store"},
		}
	}
	return static.Answer{Status: http.StatusOK, File: file}
}

// fileOf returns the name of the file at a path.
func (s site) fileOf(name string) string {
	switch {
	case name == "":
		return "index.html"
	case path.Ext(name) == "" && name != "index":
		return name + ".html"
	case path.Ext(name) == ".css":
		return name
	}
	return "" // a page with its ending, or the first one by its name, has no path
}
