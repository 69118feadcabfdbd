package gateway

import (
	"cmp"
	"net/url"
	"slices"
	"strings"
)

// rank says how specific a part of a template is.
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

// matchPath matches a path, as sent, with a template, and returns the decoded
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

// moreSpecific orders templates that match the same path: part by part, an
// exact one before a parameter before a greedy one.
func moreSpecific(a, b string) int {
	ranks := func(template string) (list []rank) {
		for part := range strings.SplitSeq(template, "/") {
			list = append(list, rankOf(part))
		}
		return list
	}
	return slices.CompareFunc(ranks(a), ranks(b), cmp.Compare[rank])
}

// decides reports whether it is certain which route API Gateway gives a path. Its
// documents do not say what it makes of an empty segment (a slash at the end makes
// one) or a dot segment; nor, since HTTP APIs undo the percent-encoding of the whole
// path, of a slash or a question mark that was encoded. Such a path has no route.
func (k Kind) decides(path string) bool {
	if path == "/" {
		return true
	}
	for segment := range strings.SplitSeq(strings.TrimPrefix(path, "/"), "/") {
		decoded, err := url.PathUnescape(segment)
		if err != nil || decoded == "" || decoded == "." || decoded == ".." || k == HTTP && strings.ContainsAny(decoded, "/?") {
			return false
		}
	}
	return true
}

// match is what an API has for a request.
type match struct {
	route  *Route
	params map[string]string
	// found says that route is set; allowed are the methods of the path,
	// whether or not the request's is among them.
	found   bool
	allowed []string
}

// find picks the most specific route. A REST API first picks the resource and
// then its method; an HTTP API picks among the routes of the method.
func (a *API) find(method, path string) (best match) {
	template := ""
	if !a.Kind.decides(path) {
		return match{}
	}
	for i := range a.Routes {
		route := &a.Routes[i]
		params, ok := matchPath(route.Path, path)
		if !ok || a.Kind == HTTP && route.Method != method && route.Method != "ANY" {
			continue
		}
		if len(best.allowed) > 0 && moreSpecific(route.Path, template) > 0 {
			continue
		}
		if route.Path != template {
			template, best = route.Path, match{}
		}
		best.allowed = append(best.allowed, route.Method)
		if route.Method == method || route.Method == "ANY" && !best.found {
			best.route, best.params, best.found = route, params, true
		}
	}
	return best
}
