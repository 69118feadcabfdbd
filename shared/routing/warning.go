package routing

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Warning says what a service's [GatewayCache] costs it.
type Warning struct {
	// Route is the route concerned, as "GET /v1/files/{id}". Empty means all of
	// them.
	Route string
	// Detail is for people.
	Detail string
}

// Warnings returns the requests that caching may refuse although their route is
// open: first those that concern all routes, then those of single routes. If the
// routes could not be compared, because a service registered before limits existed
// needs too many steps, a warning says that.
func (a *Analysis) Warnings(cache GatewayCache) []Warning {
	if !cache.Enabled() {
		return nil
	}
	all := []Warning{{Detail: fmt.Sprintf("Access tokens are refused. So are keys that expire within %d seconds.", cache.Seconds+1)}}
	if !cache.Has(BySource) {
		all = append(all, Warning{Detail: "Keys with allowIps are refused, because answers are not cached by source."})
	}
	if !cache.Has(ByHost) {
		all = append(all, Warning{Detail: "If Keyward is deployed with a domain, all callers are refused, because answers are not cached by host."})
	}
	if cache.Has(ByRoute) {
		return append(all, Warning{Detail: "A TOKEN authorizer's answers are cached by the credential alone, whatever by says. Use a REQUEST authorizer."})
	}
	all = append(all,
		Warning{Detail: "A simple response allows only callers who may use every route, and only if no unlisted request has to be refused."},
		Warning{Detail: "For a caller who may not use all of an API, paths with '%', with empty or dot segments or with a trailing slash may be refused."})
	about := a.aboutRoutes()
	if a.Incomplete() {
		return append(all, Warning{Detail: "Any route may be refused although it is open. The routes are too many, too long or too similar to say which."})
	}
	return append(all, about...)
}

// aboutRoutes returns the warnings about single routes, or nil once the budget is
// spent.
func (a *Analysis) aboutRoutes() []Warning {
	var about []Warning
	var surveys []survey
	for _, l := range a.layouts {
		surveys = append(surveys, l.survey(a.budget))
	}
	for _, route := range a.routes {
		var conflicts []routeName
		for _, survey := range surveys {
			conflicts = survey.conflicts(conflicts, route, a.budget)
		}
		if a.Incomplete() {
			return nil
		}
		slices.SortFunc(conflicts, func(a, b routeName) int {
			return cmp.Or(strings.Compare(a.method, b.method), strings.Compare(a.path, b.path))
		})
		if conflicts = slices.Compact(conflicts); len(conflicts) > 0 {
			about = append(about, Warning{route.Method + " " + route.Path, explain(conflicts)})
		}
	}
	return about
}

// maxNamed is how many requests a warning names.
const maxNamed = 3

func explain(conflicts []routeName) string {
	var names []string
	for _, conflict := range conflicts[:min(maxNamed, len(conflicts))] {
		names = append(names, conflict.method+" "+conflict.path)
	}
	more := ""
	if len(conflicts) > maxNamed {
		more = fmt.Sprintf(" and %d more", len(conflicts)-maxNamed)
	}
	return "May be refused although it is open, because a cached answer cannot distinguish all of its requests from those to or near " +
		strings.Join(names, ", ") + more + ". Cache answers by route to avoid this."
}
