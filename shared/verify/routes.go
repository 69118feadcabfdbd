package verify

import (
	"cmp"
	"net/url"
	"slices"
	"strings"

	"github.com/keyward/keyward/shared/apikey"
)

// anyMethod is the method of a route that takes every method.
const anyMethod = "ANY"

// guarded is a service as requests are checked against it.
type guarded struct {
	id         string
	org        apikey.OrgID
	apis       []apikey.API
	declares   apikey.Permissions
	byTemplate map[routeName]*apikey.Route
	// patterns are the templates, each once, most specific first.
	patterns []pattern
}

type routeName struct{ method, template string }

func guard(service apikey.Service) *guarded {
	g := &guarded{
		id: service.ID, org: service.Org, apis: service.APIs, declares: service.Declares(),
		byTemplate: make(map[routeName]*apikey.Route, len(service.Routes)),
	}
	for i := range service.Routes {
		route := &service.Routes[i]
		g.byTemplate[routeName{route.Method, route.Path}] = route
		g.patterns = append(g.patterns, newPattern(route.Path))
	}
	slices.SortFunc(g.patterns, func(a, b pattern) int {
		return cmp.Or(slices.Compare(a.ranks(), b.ranks()), strings.Compare(a.template, b.template))
	})
	g.patterns = slices.CompactFunc(g.patterns, func(a, b pattern) bool { return a.template == b.template })
	return g
}

// has reports whether the API is one of the service's, in the region and at the
// stage that the service names, if it names one.
func (g *guarded) has(api apikey.API) bool {
	for _, own := range g.apis {
		if own.Same(api) && (own.Region == "" || own.Region == api.Region) && (own.Stage == "" || own.Stage == api.Stage) {
			return true
		}
	}
	return false
}

// known is what of held the service declares; held itself where that is all.
func (g *guarded) known(held apikey.Permissions) apikey.Permissions {
	for _, name := range held {
		if !g.declares.Has(name) {
			return held.And(g.declares)
		}
	}
	return held
}

// route finds the registered route of a request; nil where there is none.
func (g *guarded) route(r Request) *apikey.Route {
	template := r.Route
	if template == "" {
		template = g.templateOf(r.Path)
	}
	if template == "" || r.Method == "" {
		return nil
	}
	if route := g.byTemplate[routeName{r.Method, template}]; route != nil {
		return route
	}
	return g.byTemplate[routeName{anyMethod, template}]
}

// templateOf chooses the most specific template that fits a path; empty where
// none does. The gateway may undo percent-encoding before it chooses, or not:
// where that makes a difference, no template fits. Nor does one fit a path with
// an empty or a dot segment.
func (g *guarded) templateOf(path string) string {
	decoded, err := url.PathUnescape(path)
	if err != nil {
		return ""
	}
	template := g.match(path)
	if decoded != path && template != g.match(decoded) {
		return ""
	}
	return template
}

func (g *guarded) match(path string) string {
	rest, rooted := strings.CutPrefix(path, "/")
	segments := strings.Split(rest, "/")
	odd := func(s string) bool { return s == "" || s == "." || s == ".." }
	if !rooted || rest != "" && slices.ContainsFunc(segments, odd) {
		return ""
	}
	for _, p := range g.patterns {
		if p.fits(segments) {
			return p.template
		}
	}
	return ""
}

// pattern is a template that paths can be matched against.
type pattern struct {
	template string
	segments []string
}

func newPattern(template string) pattern {
	return pattern{template, strings.Split(strings.TrimPrefix(template, "/"), "/")}
}

func (p pattern) fits(path []string) bool {
	for i, segment := range p.segments {
		if i >= len(path) {
			return false
		}
		switch rankOf(segment) {
		case greedy:
			return path[i] != ""
		case literal:
			if segment != path[i] {
				return false
			}
		case parameter:
			if path[i] == "" {
				return false
			}
		}
	}
	return len(path) == len(p.segments)
}

// ranks orders templates: segment by segment, a lower rank is more specific.
func (p pattern) ranks() []int {
	ranks := make([]int, len(p.segments))
	for i, segment := range p.segments {
		ranks[i] = rankOf(segment)
	}
	return ranks
}

const (
	literal = iota
	parameter
	greedy
)

func rankOf(segment string) int {
	switch {
	case !strings.HasPrefix(segment, "{") || !strings.HasSuffix(segment, "}"):
		return literal
	case strings.HasSuffix(segment, "+}"):
		return greedy
	}
	return parameter
}
