// Package static serves files behind Amazon API Gateway, to people's browsers. All
// of them are in memory: nothing that a request says reaches a file system.
package static

import (
	"context"
	"fmt"
	"io/fs"
	"maps"
	"net/http"
	"path"

	"github.com/aws/aws-lambda-go/events"
)

// Handler answers a REST proxy event. Its error is always nil.
type Handler = func(context.Context, events.APIGatewayProxyRequest) (events.APIGatewayProxyResponse, error)

// File is a file, with its media type and its Cache-Control.
type File struct{ Body, Media, Cache string }

// Answer is what a request gets: a file, or where to go.
type Answer struct {
	Status int
	File
	// Location is set in a redirection only.
	Location string
}

// Text is the media type of plain text.
const Text = "text/plain; charset=utf-8"

var media = map[string]string{
	".css": "text/css; charset=utf-8", ".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8",
	".json": "application/json", ".svg": "image/svg+xml", ".txt": Text,
}

// Load returns all files by name, each with the Cache-Control that caching
// returns. It fails if the kind of one is unknown.
func Load(files fs.FS, caching func(name string) string) (map[string]File, error) {
	all := map[string]File{}
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
			return fmt.Errorf("static: %s is of an unknown kind", name)
		}
		all[name] = File{string(body), kind, caching(name)}
		return nil
	})
	return all, err
}

// Headers returns the headers of every answer of a site: policy, which is its
// Content-Security-Policy, and those that keep its pages to themselves.
func Headers(policy string) map[string]string {
	return map[string]string{
		"Content-Security-Policy":   policy,
		"X-Content-Type-Options":    "nosniff",
		"Referrer-Policy":           "no-referrer",
		"Strict-Transport-Security": "max-age=31536000",
		// A page at which one signs in opens in a window of its own.
		"Cross-Origin-Opener-Policy":   "same-origin-allow-popups",
		"Cross-Origin-Resource-Policy": "same-origin",
		"X-Frame-Options":              "DENY",
	}
}

// Serve returns a handler that answers GET with what find returns, HEAD with the
// same but its body, and refuses all other methods.
func Serve(headers map[string]string, find func(events.APIGatewayProxyRequest) Answer) Handler {
	return func(_ context.Context, event events.APIGatewayProxyRequest) (events.APIGatewayProxyResponse, error) {
		if event.HTTPMethod != http.MethodGet && event.HTTPMethod != http.MethodHead {
			response := respond(headers, Answer{Status: http.StatusMethodNotAllowed, File: File{"These pages answer GET and HEAD only.\n", Text, "no-store"}})
			response.Headers["Allow"] = "GET, HEAD"
			return response, nil
		}
		response := respond(headers, find(event))
		if event.HTTPMethod == http.MethodHead {
			response.Body = ""
		}
		return response, nil
	}
}

// Missing returns the answer to the path of no page.
func Missing() Answer {
	return Answer{Status: http.StatusNotFound, File: File{"There is no such page.\n", Text, "no-store"}}
}

func respond(headers map[string]string, a Answer) events.APIGatewayProxyResponse {
	all := maps.Clone(headers)
	all["Content-Type"], all["Cache-Control"] = a.Media, a.Cache
	if a.Location != "" {
		all["Location"] = a.Location
	}
	return events.APIGatewayProxyResponse{StatusCode: a.Status, Headers: all, Body: a.Body}
}
