package gateway

import (
	"errors"
	"slices"
	"strings"

	"github.com/keyward/keyward/shared/apikey"
)

// methodARN is the ARN of what was asked for:
// arn:PARTITION:execute-api:REGION:ACCOUNT:API/STAGE/METHOD/PATH.
type methodARN struct {
	// stage is all up to and with the stage. Nothing in it comes from the
	// request, and nothing in it is special to a policy.
	stage string
	api   apikey.API
	// method and path are as they were asked for.
	method, path string
}

var errARN = errors.New("the event's ARN is not one of an API's method")

func parseARN(text string) (methodARN, error) {
	parts := strings.SplitN(text, ":", 6)
	if len(parts) != 6 || parts[0] != "arn" || parts[2] != "execute-api" || !isAccount(parts[4]) {
		return methodARN{}, errARN
	}
	rest := strings.SplitN(parts[5], "/", 4)
	if len(rest) < 3 || !isName(parts[1]) || !isName(parts[3]) || !isName(rest[0]) || rest[1] != "$default" && !isName(rest[1]) {
		return methodARN{}, errARN
	}
	a := methodARN{
		stage:  strings.Join(parts[:5], ":") + ":" + rest[0] + "/" + rest[1],
		api:    apikey.API{Account: parts[4], ID: rest[0], Region: parts[3], Stage: rest[1]},
		method: rest[2], path: "/",
	}
	if len(rest) == 4 {
		a.path += rest[3]
	}
	return a, nil
}

// methods are those that API Gateway knows.
var methods = []string{"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"}

func isMethod(text string) bool { return slices.Contains(methods, text) }

// route is the resource that stands for a method and a path template in a
// policy: {parameters} become wildcards. It is false for a template of which a
// character would mean something else in a policy.
func (a methodARN) route(method, template string) (resource string, ok bool) {
	if !isMethod(method) || !strings.HasPrefix(template, "/") {
		return "", false
	}
	segments := strings.Split(template, "/")
	for i, segment := range segments {
		switch {
		case strings.HasPrefix(segment, "{") && strings.HasSuffix(segment, "}"):
			segments[i] = "*"
		case strings.ContainsFunc(segment, func(r rune) bool { return !isPlain(r) && !strings.ContainsRune(".~:@!&'()+,;=", r) }):
			return "", false
		}
	}
	return a.stage + "/" + method + strings.Join(segments, "/"), true
}

// everything is the resource that stands for the whole stage, for a denial of
// what has no template.
func (a methodARN) everything() string { return a.stage + "/*" }

func isAccount(text string) bool {
	return len(text) == 12 && !strings.ContainsFunc(text, func(r rune) bool { return r < '0' || r > '9' })
}

// isName reports whether a partition, region, API id or stage has nothing but
// letters, digits, '-' and '_'.
func isName(text string) bool {
	return text != "" && !strings.ContainsFunc(text, func(r rune) bool { return !isPlain(r) })
}

func isPlain(r rune) bool {
	return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || r == '-' || r == '_'
}
