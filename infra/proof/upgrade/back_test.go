package upgrade

import (
	"net/http"
	"strings"
	"testing"

	"github.com/keyward/keyward/shared/dynamo/schema"
)

// Going back from a newer version only stops what uses its format. Such a key is
// an outage wherever it is used or changed, neither valid nor invalid. Lists
// leave it out and count it. All other keys are unchanged.
func TestGoingBack(t *testing.T) {
	data, err := readData("testdata/owners.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, item := range data.Tables[schema.TableName] {
		switch item.position() {
		case "KEY#" + data.Made[Renamed].ID + " KEY", "ORG#demo POLICY#" + data.Made[Analysts].ID:
			item["format"] = map[string]any{"N": "1000000"}
		}
	}
	s := started(t, data)
	d := deployment{Data: data, stack: s, admin: s.Admin().Down()}

	d.use(t, Uploader, files, http.StatusOK)
	d.use(t, Disabled, files, http.StatusUnauthorized)
	d.use(t, Renamed, files, http.StatusServiceUnavailable)
	d.use(t, Analyst, files, http.StatusServiceUnavailable) // by its policy
	path := "/v1/apikeys/" + data.Made[Renamed].ID
	for _, c := range []struct{ method, path, body string }{
		{http.MethodGet, path, ""}, {http.MethodPatch, path, `{"name":"n"}`}, {http.MethodDelete, path, ""},
	} {
		if got := d.admin.Do(t, c.method, c.path, c.body).Status; got != http.StatusServiceUnavailable {
			t.Errorf("%s %s: status %d", c.method, c.path, got)
		}
	}
	for _, list := range []string{"/v1/apikeys?limit=100", "/v1/policies"} {
		answer := d.admin.Do(t, http.MethodGet, list, "")
		if answer.Status != http.StatusOK || !strings.Contains(string(answer.Body), `"damaged":1`) {
			t.Errorf("%s: %d %s", list, answer.Status, answer.Body)
		}
	}
}
