package gateway

import (
	"errors"
	"slices"
	"strings"

	"github.com/keyward/keyward/shared/routing"
)

// methodARN is the ARN of a request:
// arn:PARTITION:execute-api:REGION:ACCOUNT:API/STAGE/METHOD/PATH.
type methodARN struct {
	// stage is the ARN up to and including the stage. It holds nothing from the
	// request and nothing special to a policy.
	stage string
	api   routing.API
	// method and path are those of the request.
	method, path string
}

var errARN = errors.New("the event's ARN is not one of an API's method")

func parseARN(text string) (methodARN, error) {
	var parts [5]string
	rest := text
	for i := range parts {
		var found bool
		if parts[i], rest, found = strings.Cut(rest, ":"); !found {
			return methodARN{}, errARN
		}
	}
	id, rest, _ := strings.Cut(rest, "/")
	stage, rest, found := strings.Cut(rest, "/")
	if !found || parts[0] != "arn" || parts[2] != "execute-api" || !isAccount(parts[4]) ||
		!isName(parts[1]) || !isName(parts[3]) || !isName(id) || stage != "$default" && !isName(stage) {
		return methodARN{}, errARN
	}
	method, _, rooted := strings.Cut(rest, "/")
	path := "/"
	if rooted {
		path = rest[len(method):]
	}
	return methodARN{
		stage:  text[:len(text)-len(rest)-1],
		api:    routing.API{Account: parts[4], ID: id, Region: parts[3], Stage: stage},
		method: method, path: path,
	}, nil
}

var methods = routing.Methods()

func isMethod(text string) bool { return slices.Contains(methods, text) }

// methodOf returns text as one of the HTTP methods, or "" if it is none.
func methodOf(text []byte) string {
	for _, method := range methods {
		if method == string(text) {
			return method
		}
	}
	return ""
}

// matches reports whether the ARN can belong to a request with this method on the
// route. For the default route, the ARN may hold the route's name in place of
// the method.
func (a *methodARN) matches(method, template string) bool {
	return a.method == method || template == routing.Default && a.method == routing.Default && a.path == "/"
}

// appendRoute appends the policy resource for a method and a path template, with
// a wildcard for each {parameter}. It returns false if a character of the
// template has another meaning in a policy. $default and $connect are their own
// resource, if the gateway chose that route and the ARN names it.
func (a *methodARN) appendRoute(into []byte, method, template, chosen string) (resource []byte, ok bool) {
	switch {
	case template == chosen && a.method == template && (template == routing.Default || template == routing.Connect):
		return append(append(append(into, a.stage...), '/'), template...), true
	case !isMethod(method):
		return into, false
	case template == chosen && template == routing.Default:
		template = "/{rest+}"
	}
	if template == "" {
		return into, false
	}
	resource = append(append(append(into, a.stage...), '/'), method...)
	for rest := template; rest != ""; {
		if rest[0] != '/' {
			return into, false
		}
		segment := rest[1:]
		if next := strings.IndexByte(segment, '/'); next >= 0 {
			segment = segment[:next]
		}
		rest = rest[1+len(segment):]
		resource = append(resource, '/')
		switch {
		case strings.HasPrefix(segment, "{") && strings.HasSuffix(segment, "}"):
			resource = append(resource, '*')
		case strings.ContainsFunc(segment, func(r rune) bool { return !isPlain(r) && !strings.ContainsRune(".~:@!&'()+,;=", r) }):
			return into, false
		default:
			resource = append(resource, segment...)
		}
	}
	return resource, true
}

// everything returns the resource of the whole stage, to deny a request that has
// no template.
func (a methodARN) everything() string { return a.stage + "/*" }

func isAccount(text string) bool {
	for i := range len(text) {
		if text[i] < '0' || '9' < text[i] {
			return false
		}
	}
	return len(text) == 12
}

// isName reports whether a partition, region, API id or stage consists only of
// letters, digits, '-' and '_'.
func isName(text string) bool {
	for i := range len(text) {
		if !isPlain(rune(text[i])) {
			return false
		}
	}
	return text != ""
}

func isPlain(r rune) bool {
	return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || r == '-' || r == '_'
}
