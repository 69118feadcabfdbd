package conformance

import (
	"encoding/json"
	"net/http"
	"regexp"
	"testing"

	"github.com/keyward/keyward/infra/proof/stacktest"
)

func items(t *testing.T) []stacktest.Key {
	t.Helper()
	answer := admin.Do(t, http.MethodGet, "/v1/apikeys", "").Want(t, http.StatusOK)
	return stacktest.JSON[struct{ Items []stacktest.Key }](t, answer).Items
}

func wantFields(t *testing.T, body []byte, names ...string) {
	t.Helper()
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(body, &fields); err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if _, ok := fields[name]; !ok {
			t.Errorf("%s is missing", name)
		}
		delete(fields, name)
	}
	for name := range fields {
		t.Errorf("%s is one field too many", name)
	}
}

func match(t *testing.T, pattern, text string) {
	t.Helper()
	if !regexp.MustCompile(pattern).MatchString(text) {
		t.Errorf("%q does not match %s", text, pattern)
	}
}

// wantTime checks the document's form: RFC 3339, Z, milliseconds without
// trailing zeros.
func wantTime(t *testing.T, text string) {
	t.Helper()
	match(t, `^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{0,2}[1-9])?Z$`, text)
}
