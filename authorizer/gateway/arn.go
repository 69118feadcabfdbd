package gateway

import (
	"errors"
	"slices"
	"strings"

	"github.com/keyward/keyward/shared/routing"
)

// methodARN is the ARN of what was asked for:
// arn:PARTITION:execute-api:REGION:ACCOUNT:API/STAGE/METHOD/PATH.
type methodARN struct {
	// stage is all up to and with the stage. Nothing in it comes from the
	// request, and nothing in it is special to a policy.
	stage string
	api   routing.API
	// method and path are as they were asked for.
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

// methodOf is one of the methods; empty for what is none.
func methodOf(text []byte) string {
	for _, method := range methods {
		if method == string(text) {
			return method
		}
	}
	return ""
}

// catchAll is the key of an HTTP API's route for what no other takes.
const catchAll = "$default"

// is reports whether the ARN can be that of a request of the method on the
// route. That of the catch-all route may name the route in the method's place.
func (a methodARN) is(method, template string) bool {
	return a.method == method || template == catchAll && a.method == catchAll && a.path == "/"
}

// appendRoute writes the resource that stands for a method and a path template
// in a policy: {parameters} become wildcards. It is false for a template of
// which a character would mean something else in a policy. Routes without a path
// stand for themselves, where the gateway itself chose them.
func (a methodARN) appendRoute(into []byte, method, template, chosen string) (resource []byte, ok bool) {
	switch {
	case template == chosen && a.method == template && (template == catchAll || template == connectRoute):
		return append(append(append(into, a.stage...), '/'), template...), true
	case !isMethod(method):
		return into, false
	case template == chosen && template == catchAll:
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

// everything is the resource that stands for the whole stage, for a denial of
// what has no template.
func (a methodARN) everything() string { return a.stage + "/*" }

func isAccount(text string) bool {
	for i := range len(text) {
		if text[i] < '0' || '9' < text[i] {
			return false
		}
	}
	return len(text) == 12
}

// isName reports whether a partition, region, API id or stage has nothing but
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
