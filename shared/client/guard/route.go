package guard

import (
	"errors"
	"net/http"
	"path"
	"strings"

	"github.com/keyward/keyward/shared/client"
)

// methods are those that a route can have.
var methods = map[string]bool{
	http.MethodGet: true, http.MethodHead: true, http.MethodPost: true, http.MethodPut: true, http.MethodPatch: true,
	http.MethodDelete: true, http.MethodOptions: true,
}

// errNoRoute is the error for a request that no registered route can be meant by.
var errNoRoute = errors.New("guard: the request is for no route")

// routeOf returns the question whether a request's route may be used. The error is
// [errNoRoute] if the method is not one of HTTP, or the path could be read in more
// than one way.
func routeOf(r *http.Request) (client.Question, error) {
	q := client.Question{Method: r.Method}
	route, ok := template(r.Pattern)
	switch {
	case !methods[r.Method]:
		return q, errNoRoute
	case ok:
		q.Route = route
	case plain(r.URL.EscapedPath()):
		q.Path = r.URL.EscapedPath()
	default:
		return q, errNoRoute
	}
	return q, nil
}

// template returns a mux's pattern as the template of a registered route:
// "GET /files/{id}" is /files/{id}, and "/files/{rest...}" is /files/{rest+}. It is
// not ok if the pattern stands for several routes.
func template(pattern string) (route string, ok bool) {
	start := strings.IndexByte(pattern, '/')
	if start < 0 {
		return "", false
	}
	route = pattern[start:]
	if exact, found := strings.CutSuffix(route, "/{$}"); found {
		return exact, exact != ""
	}
	route = strings.ReplaceAll(route, "...}", "+}")
	return route, !strings.HasSuffix(route, "/")
}

// plain reports whether a path has one spelling: without empty or dot segments, a
// slash at its end, or characters that another reader could take for these.
func plain(escaped string) bool {
	lower := strings.ToLower(escaped)
	for _, hidden := range []string{"%2f", "%5c", "%2e", "\\", ";"} {
		if strings.Contains(lower, hidden) {
			return false
		}
	}
	return strings.HasPrefix(escaped, "/") && path.Clean(escaped) == escaped
}
