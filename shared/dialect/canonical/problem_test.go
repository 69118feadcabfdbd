package canonical_test

import (
	"net/http"
	"slices"
	"testing"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/dialect/canonical"
)

// Every kind of error that the rules have is in the table, with a status that
// fits; a kind that it does not know is a fault of Keyward's own.
func TestEveryKindHasAClass(t *testing.T) {
	want := map[apikey.Kind]int{
		apikey.Internal: 500, apikey.Invalid: 400, apikey.Unauthenticated: 401, apikey.Forbidden: 403, apikey.NotHeld: 403,
		apikey.NotFound: 404, apikey.NameTaken: 409, apikey.QuotaReached: 403, apikey.Stale: 503,
		apikey.PreconditionFailed: 412, apikey.Unavailable: 503,
	}
	for kind := apikey.Internal; kind <= apikey.Unavailable; kind++ {
		class := canonical.ClassOf(kind)
		if class.Status != want[kind] || class.Code == "" || class.Title == "" {
			t.Errorf("kind %d is %+v, want %d", kind, class, want[kind])
		}
		// Details of failures are for the log: they say what was being done.
		if (class.Detail != "") != (class.Status >= http.StatusInternalServerError) {
			t.Errorf("kind %d has the detail %q", kind, class.Detail)
		}
	}
	if class := canonical.ClassOf(apikey.Unavailable + 1); class != canonical.ClassOf(apikey.Internal) {
		t.Errorf("an unknown kind is %+v", class)
	}
}

// A status's codes are those of every class that has it.
func TestCodes(t *testing.T) {
	for status, want := range map[int][]string{
		403: {"API_KEY_LIMIT_EXCEEDED", "FORBIDDEN", "PERMISSION_NOT_HELD"},
		413: {"REQUEST_TOO_LARGE"}, 415: {"UNSUPPORTED_MEDIA_TYPE"}, 503: {"UNAVAILABLE"}, 418: nil,
	} {
		if got := canonical.Codes(status); !slices.Equal(got, want) {
			t.Errorf("%d has %v, want %v", status, got, want)
		}
	}
}

// A problem without faults has no "errors", and one with many has the first 20.
func TestProblemForm(t *testing.T) {
	got := encode(t, canonical.ClassOf(apikey.NotFound).Problem("r", "There is no such API key.", nil))
	if got != `{"type":"about:blank","title":"Not Found","status":404,"detail":"There is no such API key.","code":"API_KEY_NOT_FOUND","requestId":"r"}` {
		t.Error(got)
	}
	problem := canonical.ClassOf(apikey.Invalid).Problem("r", "d", make([]apikey.FieldError, 21))
	if len(problem.Errors) != 20 {
		t.Errorf("%d faults", len(problem.Errors))
	}
}
