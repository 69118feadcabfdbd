package clients

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"
)

// fetch returns an answer of the stack, with the key of the first admin, or with
// none.
func fetch(t *testing.T, method, path, key, body string) (*http.Response, []byte) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, running.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if key != "" {
		request.Header.Set("Authorization", "Bearer "+key)
	}
	if body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	response, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response, text
}

var errorPage = regexp.MustCompile(`href="\./(errors/[A-Z_]+)"`)

// Each error code has a page, which the gateway and the function serve to anybody.
func TestEveryErrorPageIsServed(t *testing.T) {
	response, list := fetch(t, http.MethodGet, "/v1/docs/errors", "", "")
	found := errorPage.FindAllSubmatch(list, -1)
	if response.StatusCode != http.StatusOK || len(found) < 50 {
		t.Fatalf("%d, with %d codes", response.StatusCode, len(found))
	}
	for _, m := range found {
		path := "/v1/docs/" + string(m[1])
		response, text := fetch(t, http.MethodGet, path, "", "")
		if response.StatusCode != http.StatusOK || !bytes.Contains(text, []byte("What to do")) {
			t.Errorf("%s: %d", path, response.StatusCode)
		}
	}
	if response, _ := fetch(t, http.MethodGet, "/v1/docs/errors/NOTHING", "", ""); response.StatusCode != http.StatusNotFound {
		t.Errorf("a code that does not exist: %d", response.StatusCode)
	}
}

// Wherever an error comes from, a function or the gateway, its type leads from the
// URL of the request to the page about its code. A Host header does not change
// that.
func TestTypesLeadToTheirPages(t *testing.T) {
	for _, c := range []struct{ method, path, key, body, code string }{
		{"GET", "/v1/whoami", "", "", "UNAUTHENTICATED"},
		{"GET", "/v1/nothing", running.AdminKey, "", "NOT_FOUND"},
		{"POST", "/v1/apikeys", running.AdminKey, `{"nme": "x"}`, "INVALID_REQUEST"},
		{"GET", "/v1/apikeys/11111111-2222-4333-8444-555555555555", running.AdminKey, "", "API_KEY_NOT_FOUND"},
		{"DELETE", "/v1/services/nothing", running.AdminKey, "", "SERVICE_NOT_FOUND"},
	} {
		response, text := fetch(t, c.method, c.path, c.key, c.body)
		var problem struct{ Type, Code string }
		if err := json.Unmarshal(text, &problem); err != nil || problem.Code != c.code {
			t.Errorf("%s: %d %s", c.path, response.StatusCode, text)
			continue
		}
		led, err := response.Request.URL.Parse(problem.Type)
		if err != nil || led.Host != response.Request.URL.Host {
			t.Errorf("%s: the type is %q", c.path, problem.Type)
			continue
		}
		if page, text := fetch(t, http.MethodGet, led.Path, "", ""); page.StatusCode != http.StatusOK || !bytes.Contains(text, []byte("<h1><code>"+c.code+"</code></h1>")) {
			t.Errorf("%s leads to %d", led, page.StatusCode)
		}
	}
}

// The commands of the reference are right: those without an id answer with success
// or, where they change things with an example's ids, with a problem about them.
func TestCommandsOfTheReference(t *testing.T) {
	_, page := fetch(t, http.MethodGet, "/v1/docs", "", "")
	commands := regexp.MustCompile(`(?s)<pre><code>(curl .*?)</code></pre>`).FindAllSubmatch(page, -1)
	if len(commands) < 40 {
		t.Fatalf("%d commands", len(commands))
	}
	read := 0
	for _, m := range commands {
		command := unescape(string(m[1]))
		if strings.Contains(command, " -X ") || strings.Contains(command, "--json") || strings.Contains(command, "--data") || strings.Contains(command, "$ID") {
			continue
		}
		read++
		output, err := bash(t, `curl() { command curl -s -o /dev/null -w '%{http_code}' "$@"; }; `+command)
		if err != nil || output != "200" {
			t.Errorf("%s: %s %v", command, output, err)
		}
	}
	if read < 10 {
		t.Errorf("%d commands were run", read)
	}
}

// The first load of the reference, compressed, stays below 30 kB.
func TestSizeOfTheReference(t *testing.T) {
	total := 0
	for _, path := range []string{"/v1/docs", "/v1/docs/style.css"} {
		_, text := fetch(t, http.MethodGet, path, "", "")
		var packed bytes.Buffer
		writer := gzip.NewWriter(&packed)
		if _, err := writer.Write(text); err != nil || writer.Close() != nil {
			t.Fatal(err)
		}
		total += packed.Len()
	}
	t.Logf("the first load is %d bytes, compressed", total)
	if total > 30_000 {
		t.Errorf("the first load is %d bytes, compressed", total)
	}
}

func unescape(text string) string {
	return strings.NewReplacer("&#34;", `"`, "&#39;", "'", "&lt;", "<", "&gt;", ">", "&amp;", "&").Replace(text)
}
