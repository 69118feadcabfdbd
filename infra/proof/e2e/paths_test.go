package e2e

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/keyward/keyward/infra/local/await"
	"github.com/keyward/keyward/infra/local/demo"
)

// raw sends a request line unchanged, which Go's client would normalize.
func raw(t *testing.T, method, path, authorization string) (status int, body string) {
	t.Helper()
	address := strings.TrimPrefix(running.URL, "http://")
	connection, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = connection.Close() }()
	_ = connection.SetDeadline(time.Now().Add(await.Limit))
	_, err = fmt.Fprintf(connection, "%s %s HTTP/1.1\r\nHost: %s\r\nAuthorization: %s\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", method, path, address, authorization)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.ReadResponse(bufio.NewReader(connection), nil)
	if err != nil {
		t.Fatalf("%.60q: %v", path, err)
	}
	defer func() { _ = response.Body.Close() }()
	text := new(strings.Builder)
	if _, err := bufio.NewReader(response.Body).WriteTo(text); err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, text.String()
}

// A path only ever opens its own route or none, on every kind of API with paths.
// Odd characters are part of a parameter's value, and a REST API ignores a slash
// at the end. A path that API Gateway might read in two ways has no route. Only
// TOKEN events leave the route to be found from the path, so an encoded slash
// opens nothing there.
func TestOddPaths(t *testing.T) {
	good := "Bearer " + admin.Create(t, "paths, good", "AccessQueries").APIKey
	other := "Bearer " + admin.Create(t, "paths, other", "ManageFiles").APIKey
	// A request without a route goes to the first API, which takes its key for a
	// signature.
	const pass, none = http.StatusOK, http.StatusForbidden
	long := strings.Repeat("a", 8000)
	for id, template := range demo.Echoes {
		base, _, _ := strings.Cut(template, "{name}")
		rest := id == demo.RequestAPI || id == demo.TokenAPI
		for value, c := range map[string]struct {
			rest, http int
			name       string
		}{
			"x": {pass, pass, "x"}, "*": {pass, pass, "*"}, "%2A": {pass, pass, "*"}, "?": {none, none, ""}, "%3F": {pass, none, "?"}, "%3f": {pass, none, "?"},
			"$%7Baws:username%7D": {pass, pass, "${aws:username}"}, "a%20b": {pass, pass, "a b"}, "%22%7D%5D,": {pass, pass, `\"}],`}, long: {pass, pass, long},
			"": {none, none, ""}, "x/": {pass, none, "x"}, "/x": {none, none, ""}, "x//": {pass, none, "x"}, "x/y": {none, none, ""},
			"..": {none, none, ""}, ".": {none, none, ""}, "%2e%2e": {none, none, ""}, "%2E": {none, none, ""}, "../" + strings.TrimPrefix(base, "/demo/") + "x": {none, none, ""},
			"x/../y": {none, none, ""}, "x/%2e%2e/y": {none, none, ""}, "x%2Fy": {pass, none, "x/y"}, "%2F": {pass, none, "/"},
		} {
			want := c.http
			if rest {
				want = c.rest
			}
			if id == demo.TokenAPI && strings.Contains(value, "%2F") {
				want = none
			}
			status, body := raw(t, http.MethodGet, base+value, good)
			if status != want || want == pass && !strings.Contains(body, `"name":"`+c.name+`"`) {
				t.Errorf("%s%.40s: %d %.200s, want %d", base, value, status, body, want)
			}
			if status, _ := raw(t, http.MethodGet, base+value, other); status == pass {
				t.Errorf("%s%.40s: open to a key without the permission", base, value)
			}
		}
	}
}

// uses matches what an answer tells about the last use of a key, which every
// request changes.
var uses = regexp.MustCompile(`"lastUsed(On|From)":"[^"]*",?`)

// On Keyward's own API, no spelling of a path reaches an operation that its
// plain spelling does not reach, or writes anything.
func TestOddPathsOfManagement(t *testing.T) {
	key := admin.Create(t, "paths, target", "ManageFiles")
	weak := "Bearer " + key.APIKey
	before := snapshot(t)
	for _, path := range []string{
		"/v1/apikeys/" + key.ID, "/v1/whoami/../apikeys/" + key.ID, "/v1/whoami%2F..%2Fapikeys%2F" + key.ID, "/v1/apikeys//" + key.ID, "//v1/apikeys/" + key.ID,
		"/v1/apikeys/" + key.ID + "/", "/v1/apikeys/*", "/v1/apikeys/%2A", "/v1/apikeys/%3F", "/v1/apikeys/%2e%2e/whoami", "/V1/apikeys/" + key.ID, "/v1/%61pikeys/" + key.ID, "*",
		"/v1/apikeys/" + strings.Repeat("a", 9000),
	} {
		for _, method := range []string{http.MethodGet, http.MethodDelete, http.MethodPatch} {
			if status, body := raw(t, method, path, weak); status < 400 || status >= 500 {
				t.Errorf("%s %.60s: %d %s", method, path, status, body)
			}
		}
	}
	if snapshot(t) != before {
		t.Error("something was written")
	}
	// A slash at the end does not make another path either.
	for _, path := range []string{"/v1/whoami", "/v1/apikeys", "/v1/apikeys/" + key.ID} {
		plain, want := raw(t, http.MethodGet, path, admin.Authorization)
		if got, body := raw(t, http.MethodGet, path+"/", admin.Authorization); got != plain || got != http.StatusOK || uses.ReplaceAllString(body, "") != uses.ReplaceAllString(want, "") {
			t.Errorf("%s/: %d %s, want %s", path, got, body, want)
		}
	}
	// A policy names the route's template, so another spelling of its fixed part is
	// refused for everyone.
	if status, body := raw(t, http.MethodGet, "/v1/%61pikeys/"+key.ID, admin.Authorization); status != http.StatusForbidden {
		t.Errorf("an encoded letter: %d %s", status, body)
	}
}
