package gateway

import (
	"cmp"
	"net/url"
	"slices"
	"strings"

	"github.com/keyward/keyward/shared/operations"
)

// rank is how specific a part of a template is.
type rank int

const (
	exact rank = iota
	param
	greedy
)

func rankOf(part string) rank {
	switch {
	case strings.HasPrefix(part, "{") && strings.HasSuffix(part, "+}"):
		return greedy
	case strings.HasPrefix(part, "{") && strings.HasSuffix(part, "}"):
		return param
	default:
		return exact
	}
}

// matchPath matches a path, as sent, against a template, and returns the decoded
// values of the template's parameters.
func matchPath(template, path string) (params map[string]string, ok bool) {
	want, got := strings.Split(template, "/"), strings.Split(path, "/")
	params = map[string]string{}
	for i, part := range want {
		if i >= len(got) {
			return nil, false
		}
		value, err := url.PathUnescape(got[i])
		if err != nil {
			return nil, false
		}
		switch rankOf(part) {
		case greedy:
			rest, err := url.PathUnescape(strings.Join(got[i:], "/"))
			params[strings.Trim(part, "{+}")] = rest
			return params, err == nil && rest != ""
		case param:
			if value == "" {
				return nil, false
			}
			params[strings.Trim(part, "{}")] = value
		default:
			if value != part {
				return nil, false
			}
		}
	}
	return params, len(want) == len(got)
}

// moreSpecific compares templates that match the same path, part by part: a
// literal comes before a parameter, a parameter before a greedy one.
func moreSpecific(a, b string) int {
	ranks := func(template string) (list []rank) {
		for part := range strings.SplitSeq(template, "/") {
			list = append(list, rankOf(part))
		}
		return list
	}
	return slices.CompareFunc(ranks(a), ranks(b), cmp.Compare[rank])
}

// matched returns the part of a path that is matched against templates. A REST
// API drops slashes at the end and all but one at the beginning; those inside
// belong to what a {name+} matches. It returns false if the route is uncertain,
// and such a path has no route. API Gateway's documentation does not say what it
// does with a dot segment, or with an empty segment in an HTTP API. HTTP APIs
// also decode the whole path, so an encoded slash or question mark is uncertain
// too.
func (k Kind) matched(path string) (string, bool) {
	rest, rooted := strings.CutPrefix(path, "/")
	if k == REST {
		rest = strings.Trim(rest, "/")
	}
	if !rooted || rest == "" {
		return "/", rooted
	}
	for segment := range strings.SplitSeq(rest, "/") {
		decoded, err := url.PathUnescape(segment)
		if err != nil || decoded == "." || decoded == ".." || k != REST && decoded == "" || k == HTTP && strings.ContainsAny(decoded, "/?") {
			return "", false
		}
	}
	return "/" + rest, true
}

// match is what an API offers for a request.
type match struct {
	route  *Route
	params map[string]string
	// found means that route is set.
	found bool
	// template is the most specific matching template. allowed lists its methods,
	// whether or not the request's is one of them.
	template string
	allowed  []string
}

// before reports whether m takes precedence over another API's match.
func (m match) before(other match) bool {
	switch {
	case m.allowed == nil || other.allowed == nil:
		return m.allowed != nil
	case m.template != other.template:
		return moreSpecific(m.template, other.template) < 0
	}
	return m.found && !other.found
}

// find returns the most specific route for the method. If a template lacks the
// method, it tries less specific ones. The method itself takes precedence over
// ANY.
func (a *API) find(method, path string) (best match) {
	path, certain := a.Kind.matched(path)
	if !certain {
		return match{}
	}
	var fitting []*Route
	for i := range a.Routes {
		if _, ok := matchPath(a.Routes[i].Path, path); ok {
			fitting = append(fitting, &a.Routes[i])
		}
	}
	slices.SortStableFunc(fitting, func(a, b *Route) int { return moreSpecific(a.Path, b.Path) })
	for _, route := range fitting {
		if best.template = fitting[0].Path; route.Path == best.template {
			best.allowed = append(best.allowed, route.Method)
		}
		better := !best.found || route.Path == best.route.Path && route.Method == method
		if better && (route.Method == method || route.Method == operations.Any) {
			best.route, best.found = route, true
		}
	}
	if best.found {
		best.params, _ = matchPath(best.route.Path, path)
	}
	return best
}
