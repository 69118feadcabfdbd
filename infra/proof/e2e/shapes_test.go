package e2e

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/coder/websocket"

	"github.com/keyward/keyward/infra/local/demo"
)

// shapes hold how to call each kind of API, by the kind of its authorizer, with
// or without a key. A WebSocket's result is its first message, or the refusal of
// its handshake.
func shapes() map[string]func(t *testing.T, url, key string) (status int, body string) {
	asked := map[string]func(t *testing.T, url, key string) (int, string){
		"WebSocket": askSocket, "AppSync": askGraphQL,
	}
	for id, template := range demo.Echoes {
		path := strings.Replace(template, "{name}", "x", 1)
		asked[id] = func(t *testing.T, url, key string) (int, string) {
			return ask(t, http.MethodGet, url+path, "", bearer(key))
		}
	}
	return asked
}

func bearer(key string) string {
	if key == "" {
		return ""
	}
	return "Bearer " + key
}

func ask(t *testing.T, method, url, body, authorization string) (status int, answer string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if authorization != "" {
		request.Header.Set("Authorization", authorization)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(text)
}

func askGraphQL(t *testing.T, url, key string) (status int, body string) {
	t.Helper()
	authorization := ""
	if key != "" {
		authorization = "Basic " + key
	}
	return ask(t, http.MethodPost, url+"/graphql", `{"query":"{ caller }"}`, authorization)
}

func askSocket(t *testing.T, url, key string) (status int, body string) {
	t.Helper()
	header := http.Header{}
	if key != "" {
		header.Set("Authorization", "Bearer "+key)
	}
	socket, response, err := websocket.Dial(t.Context(), url+"/demo/websocket", &websocket.DialOptions{HTTPHeader: header})
	if response == nil {
		t.Fatal(err)
	}
	if err != nil {
		text, _ := io.ReadAll(response.Body)
		return response.StatusCode, string(text)
	}
	defer func() { _ = socket.CloseNow() }()
	if err := socket.Write(t.Context(), websocket.MessageText, []byte("hello")); err != nil {
		t.Fatal(err)
	}
	_, message, err := socket.Read(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(message)
}

// On every kind of API and authorizer, a key with the permission is allowed, and
// the API learns its owner. Without the permission it is 403; a bad or missing
// key is 401. AppSync only has the 401.
func TestEveryShape(t *testing.T) {
	good := admin.Create(t, "shapes, good", "AccessQueries")
	other := admin.Create(t, "shapes, other", "ManageFiles")
	for name, ask := range shapes() {
		passes, forbidden := http.StatusOK, http.StatusForbidden
		switch name {
		case "WebSocket":
			passes = http.StatusSwitchingProtocols
		case "AppSync":
			forbidden = http.StatusUnauthorized
		}
		t.Run(name, func(t *testing.T) {
			for about, c := range map[string]struct {
				key    string
				status int
			}{
				"good": {good.APIKey, passes}, "without the permission": {other.APIKey, forbidden}, "none": {"", http.StatusUnauthorized},
				"junk": {"junk", http.StatusUnauthorized}, "mistyped": {good.APIKey[:len(good.APIKey)-1] + "!", http.StatusUnauthorized},
			} {
				status, body := ask(t, running.URL, c.key)
				if status != c.status {
					t.Errorf("%s: status %d, want %d: %s", about, status, c.status, body)
				}
				if told := strings.Contains(body, `"orgId":"demo"`) && strings.Contains(body, good.ID); told != (about == "good") {
					t.Errorf("%s: answered %s", about, body)
				}
			}
		})
	}
}
