package apikey

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Warning says what a service's [GatewayCache] costs it.
type Warning struct {
	// Route is the route that it is about, as "GET /v1/files/{id}"; empty for one
	// about all of them.
	Route string
	// Detail is for people.
	Detail string
}

// Warnings says what may be refused although it should be open, because the
// gateways of the service's APIs keep answers. A route without a warning of its
// own is decided as if they did not, unless a warning says that this is not
// known: a service that was registered before there were limits may need too
// much work.
func (s Service) Warnings() []Warning {
	if !s.Cache.Keeps() {
		return nil
	}
	w := &work{left: maxWork}
	return s.warn(s.layouts(w), w)
}

// warn makes the warnings of a service that keeps answers. Where w is spent those
// about single routes are left out.
func (s Service) warn(layouts []layout, w *work) []Warning {
	all := []Warning{{Detail: fmt.Sprintf("Access tokens are refused, and keys that expire within %d seconds and one more.", s.Cache.Seconds)}}
	if !s.Cache.Has(BySource) {
		all = append(all, Warning{Detail: "Keys with allowIps are refused: answers are not kept by source."})
	}
	if !s.Cache.Has(ByHost) {
		all = append(all, Warning{Detail: "Where Keyward is deployed with a domain, all keys are refused: answers are not kept by host."})
	}
	if s.Cache.Has(ByRoute) {
		return append(all, Warning{Detail: "A TOKEN authorizer keeps answers by the credential alone, as if route, source and host were not there. Use REQUEST."})
	}
	all = append(all,
		Warning{Detail: "A simple response is a yes only to a caller who may use every route, and where no unlisted request is to be refused."},
		Warning{Detail: "Unless a caller may use all of an API, paths with '%', with empty or dot segments or with a slash at the end may be refused."})
	about := s.warnOfRoutes(layouts, w)
	if w.spent() {
		return append(all, Warning{Detail: "Any route may be refused although it is open: they are too many, too long or too much alike to say which."})
	}
	return append(all, about...)
}

// warnOfRoutes makes the warnings about single routes.
func (s Service) warnOfRoutes(layouts []layout, w *work) []Warning {
	var about []Warning
	var surveys []survey
	for _, l := range layouts {
		surveys = append(surveys, l.survey(w))
	}
	for _, route := range s.Routes {
		var spoilers []routeName
		for _, survey := range surveys {
			spoilers = survey.spoilers(spoilers, route, w)
		}
		if w.spent() {
			return nil
		}
		slices.SortFunc(spoilers, func(a, b routeName) int {
			return cmp.Or(strings.Compare(a.method, b.method), strings.Compare(a.path, b.path))
		})
		if spoilers = slices.Compact(spoilers); len(spoilers) > 0 {
			about = append(about, Warning{route.Method + " " + route.Path, explain(spoilers)})
		}
	}
	return about
}

// named is how many requests a warning names.
const named = 3

func explain(spoilers []routeName) string {
	var names []string
	for _, spoiler := range spoilers[:min(named, len(spoilers))] {
		names = append(names, spoiler.method+" "+spoiler.path)
	}
	more := ""
	if len(spoilers) > named {
		more = fmt.Sprintf(" and %d more", len(spoilers)-named)
	}
	return "May be refused although it is open: a kept answer cannot tell all of its requests from those of, or beside, " +
		strings.Join(names, ", ") + more + ". Keep answers by route to have it exact."
}
