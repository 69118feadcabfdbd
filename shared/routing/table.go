package routing

import (
	"net/url"
	"slices"
	"strings"
)

// Table finds the route of a request. It is safe for concurrent use.
type Table struct {
	byName    map[routeName]*Route
	templates []template
}

type routeName struct{ method, path string }

// NewTable returns a table of routes. It keeps the slice, which must not change
// afterwards.
func NewTable(routes []Route) *Table {
	t := &Table{byName: make(map[routeName]*Route, len(routes))}
	var paths []string
	for i := range routes {
		route := &routes[i]
		t.byName[routeName{route.Method, route.Path}] = route
		if strings.HasPrefix(route.Path, "/") {
			paths = append(paths, route.Path)
		}
	}
	t.templates = newTemplates(paths)
	return t
}

// Route returns the route with this method and path template. Without one it
// returns the template's [AnyMethod] route. If there is neither, it returns the route
// that [Table.Match] picks among the templates that differ only in the names of their
// parameters, or nil.
func (t *Table) Route(method, template string) *Route {
	if template == "" || method == "" {
		return nil
	}
	if route := t.named(method, template); route != nil || !strings.HasPrefix(template, "/") {
		return route
	}
	shape := newTemplate(template)
	for _, candidate := range t.templates {
		if !slices.Equal(candidate.segments, shape.segments) {
			continue
		}
		if route := t.named(method, candidate.path); route != nil {
			return route
		}
	}
	return nil
}

// Listed reports whether [Table.Route] finds one of the routes. It makes no table for
// a template that is listed under the same name.
func Listed(routes []Route, method, template string) bool {
	named := func(r Route) bool { return r.Path == template && (r.Method == method || r.Method == AnyMethod) }
	return slices.ContainsFunc(routes, named) || NewTable(routes).Route(method, template) != nil
}

// named returns the route with this template, by its method or by [AnyMethod].
func (t *Table) named(method, template string) *Route {
	if route := t.byName[routeName{method, template}]; route != nil {
		return route
	}
	return t.byName[routeName{AnyMethod, template}]
}

// Match returns the route of a request to a REST API. Like the gateway, it
// picks the most specific of the templates that match the path and have the
// method. It ignores all slashes at the end, and all but one at the beginning.
//
// plain is false for a path that does not begin with a slash, and for one that
// gateways may read in more than one way: between other segments it has an empty one,
// or anywhere a dot segment. A gateway may or may not decode percent escapes before it
// chooses. If they are malformed, or if decoding them changes the result, Match
// returns no route and plain is false.
func (t *Table) Match(method, path string) (route *Route, plain bool) {
	decoded, err := url.PathUnescape(path)
	if err != nil {
		return nil, false
	}
	route, plain = t.match(method, path)
	if decoded == path {
		return route, plain
	}
	other, plainToo := t.match(method, decoded)
	if route != other || !plainToo {
		return nil, false
	}
	return route, plain
}

func (t *Table) match(method, path string) (route *Route, plain bool) {
	rest := strings.Trim(path, "/")
	segments := strings.Split(rest, "/")
	odd := func(s string) bool { return s == "" || s == "." || s == ".." }
	if !strings.HasPrefix(path, "/") || rest != "" && slices.ContainsFunc(segments, odd) {
		return nil, false
	}
	for _, candidate := range t.templates {
		if !candidate.matches(segments) {
			continue
		}
		if route := t.named(method, candidate.path); route != nil {
			return route, true
		}
	}
	return nil, true
}
