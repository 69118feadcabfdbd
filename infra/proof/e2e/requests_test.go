package e2e

import (
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/keyward/keyward/infra/proof/stacktest"
)

// A function makes as many AWS requests as package apigw's tests count calls of
// a store: each call is one request here, and there are no others. Requests at a
// function's start, or retries on a busy machine, do not count.
func TestRequestsOfAFunction(t *testing.T) {
	user := admin.CreateUser(t, "counted@example.com", "MEMBER", "AccessQueries")
	key := admin.CreateKey(t, stacktest.Member{"name": "counted", "type": "personal", "onBehalfOf": user.ID})
	for _, c := range []struct {
		function, method, path, body string
		want                         int
	}{
		{"whoami", http.MethodGet, "/v1/whoami", "", 1},
		{"get-apikey", http.MethodGet, "/v1/apikeys/" + key.ID, "", 3},
		{"list-apikeys", http.MethodGet, "/v1/apikeys", "", 4},
		{"list-policies", http.MethodGet, "/v1/policies", "", 2},
		{"get-user", http.MethodGet, "/v1/users/" + user.ID, "", 1},
		{"patch-apikey", http.MethodPatch, "/v1/apikeys/" + key.ID, `{"description":"N"}`, 3},
		{"create-apikey", http.MethodPost, "/v1/apikeys", `{"name":"counted too","permissions":[]}`, 2},
	} {
		got := 0
		for n := 0; got != c.want && n < 5; n++ {
			before := running.Requests(c.function)
			answer := admin.Do(t, c.method, c.path, strings.ReplaceAll(c.body, "N", strconv.Itoa(n)))
			got = running.Requests(c.function) - before
			if answer.Status >= http.StatusMultipleChoices {
				t.Fatalf("%s: status %d: %s", c.function, answer.Status, answer.Body)
			}
			if c.method == http.MethodPost {
				admin.Delete(t, stacktest.JSON[stacktest.Key](t, answer).ID)
			}
		}
		if got != c.want {
			t.Errorf("%s: %d requests, want %d", c.function, got, c.want)
		}
	}
}
