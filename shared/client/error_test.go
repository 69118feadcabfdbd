package client_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/keyward/keyward/shared/client"
	"github.com/keyward/keyward/shared/operations"
)

// sentinels returns the codes of the package's errors, from its source.
func sentinels(t *testing.T) []string {
	t.Helper()
	source, err := os.ReadFile("code.go")
	if err != nil {
		t.Fatal(err)
	}
	var codes []string
	for _, match := range regexp.MustCompile(`(?m)^\tErr\w+ += code\("(\w+)"\)`).FindAllSubmatch(source, -1) {
		codes = append(codes, string(match[1]))
	}
	return codes
}

// There is an error for every code of the OpenAPI document and of the gateway, and
// for no other but those of the authorizer.
func TestEveryCodeHasAnError(t *testing.T) {
	text, err := os.ReadFile("../apigw/openapi.json")
	if err != nil {
		t.Fatal(err)
	}
	var document struct {
		Components struct {
			Responses map[string]struct{ Description string }
		}
	}
	if err := json.Unmarshal(text, &document); err != nil {
		t.Fatal(err)
	}
	want := map[string]bool{}
	for name, response := range document.Components.Responses {
		if _, codes, ok := strings.Cut(response.Description, ": "); ok && !strings.HasPrefix(name, "Catena") && !strings.HasPrefix(name, "Supermetrics") {
			for _, code := range strings.Split(strings.TrimSuffix(codes, "."), ", ") {
				want[code] = true
			}
		}
	}
	if len(want) < 20 {
		t.Fatalf("the document has %d codes only", len(want))
	}
	for _, response := range operations.GatewayResponses() {
		if match := regexp.MustCompile(`"code":"([A-Z_]+)"`).FindStringSubmatch(response.Body); match != nil {
			want[match[1]] = true
		}
	}
	for _, code := range []string{"PERMISSION_MISSING", "SOURCE_NOT_ALLOWED", "SERVICE_NOT_ALLOWED", "SERVICE_NOT_REGISTERED", "ROUTE_NOT_REGISTERED", "ORGANIZATION_NOT_SERVED", "GATEWAY_CACHE"} {
		want[code] = true
	}
	have := sentinels(t)
	for code := range want {
		if !slices.Contains(have, code) {
			t.Errorf("there is no error for %s", code)
		}
	}
	for _, code := range have {
		if !want[code] {
			t.Errorf("nothing answers %s", code)
		}
	}
}

// A problem becomes an Error with all it says, which its code's error matches, and
// no other.
func TestProblem(t *testing.T) {
	s := answers(says(409, `{"code": "POLICY_IN_USE", "title": "Conflict", "detail": "It is in use.", "requestId": "r-1",
		"errors": [{"field": "name", "code": "VALUE", "detail": "is odd"}, {"field": "state", "code": "VALUE", "detail": "state must be one of active, deleted."}], "keyCount": 2, "keys": [{"id": "k", "name": "n"}], "confirm": "yes"}`))
	err := newClient(t, s).Policies.Delete(t.Context(), "p", nil)
	e, ok := errors.AsType[*client.Error](err)
	if !ok || !errors.Is(err, client.ErrPolicyInUse) || errors.Is(err, client.ErrInUse) || errors.Is(err, client.ErrConnection) {
		t.Fatalf("%v", err)
	}
	if e.Status != 409 || e.Title != "Conflict" || e.RequestID != "r-1" || len(e.Fields) != 2 || e.InUse == nil || e.InUse.Keys != 2 || e.InUse.Confirm != "yes" || e.InUse.Examples[0].Name != "n" {
		t.Errorf("%+v", e)
	}
	if want := "keyward: 409 POLICY_IN_USE: It is in use. name: is odd state must be one of active, deleted. (request r-1)"; err.Error() != want {
		t.Errorf("%v", err)
	}
}

// An answer that is not Keyward's is an error that says so, whatever it is.
func TestForeignAnswers(t *testing.T) {
	html := []string{"Content-Type", "text/html"}
	for name, c := range map[string]struct {
		answer func(*http.Request) (*http.Response, error)
		status int
	}{
		"a page for an error":     {says(502, "<html>", html...), 502},
		"a page for a success":    {says(200, "<html>", html...), 200},
		"another API's error":     {says(400, `{"message": "Missing"}`, "Content-Type", "application/json"), 400},
		"a problem without code":  {says(400, `{}`), 400},
		"a problem cut off":       {says(400, `{"code": "INV`), 400},
		"no body":                 {says(200, ""), 200},
		"a success cut off":       {says(200, `{"id": `), 200},
		"another JSON":            {says(200, `[1]`), 200},
		"a number for a text":     {says(200, `{"id": 1}`), 200},
		"an error without a body": {says(404, ""), 404},
		"a content type of junk":  {says(200, `{}`, "Content-Type", ";;"), 200},
		"an informational status": {says(101, ""), 101},
	} {
		_, err := newClient(t, answers(c.answer), client.WithRetries(0)).Keys.Get(t.Context(), "id")
		if e, ok := errors.AsType[*client.Error](err); !ok || e.Status != c.status || e.Code != "" || e.Detail == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// An answer of more than 8 MB is not read to its end.
func TestBoundedAnswer(t *testing.T) {
	huge := `{"id": "` + strings.Repeat("x", 9<<20) + `"}`
	if _, err := newClient(t, answers(says(200, huge))).Keys.Get(t.Context(), "id"); err == nil || !strings.Contains(err.Error(), "8 MB") {
		t.Errorf("%v", err)
	}
	if _, err := newClient(t, answers(refuses(404, strings.Repeat("X", 9<<20)))).Keys.Get(t.Context(), "id"); err == nil || len(err.Error()) > 1000 {
		t.Error("a huge problem")
	}
}

// Retry-After is read in both its forms; a date is compared with the answer's own.
func TestRetryAfterForms(t *testing.T) {
	for _, c := range []struct {
		header []string
		want   time.Duration
	}{
		{nil, 0}, {[]string{"Retry-After", "7"}, 7 * time.Second}, {[]string{"Retry-After", "-7"}, 0}, {[]string{"Retry-After", "soon"}, 0},
		{[]string{"Retry-After", "99999999999999999999"}, 0},
		{[]string{"Retry-After", "Sat, 28 Nov 2026 12:00:09 GMT", "Date", "Sat, 28 Nov 2026 12:00:00 GMT"}, 9 * time.Second},
		{[]string{"Retry-After", "Sat, 28 Nov 2026 12:00:00 GMT", "Date", "Sat, 28 Nov 2026 12:00:09 GMT"}, 0},
	} {
		_, err := newClient(t, answers(refuses(503, "UNAVAILABLE", c.header...)), client.WithRetries(0)).Whoami(t.Context())
		if e, ok := errors.AsType[*client.Error](err); !ok || e.RetryAfter != c.want {
			t.Errorf("%v: %v", c.header, err)
		}
	}
}
