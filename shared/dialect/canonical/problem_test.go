package canonical_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/dialect/canonical"
)

// The table has every kind of the rules' errors, with a suitable status. An
// unknown kind is an internal error.
func TestEveryKindHasAClass(t *testing.T) {
	want := map[apikey.Kind]int{
		apikey.Internal: 500, apikey.Invalid: 400, apikey.Unauthenticated: 401, apikey.Forbidden: 403, apikey.NotHeld: 403,
		apikey.NotFound: 404, apikey.NameTaken: 409, apikey.InUse: 409, apikey.QuotaReached: 403, apikey.Reused: 422, apikey.NotRecoverable: 409, apikey.NotRestorable: 409,
		apikey.NotRotatable: 409, apikey.SecretLive: 409,
		apikey.Stale: 503, apikey.PreconditionFailed: 412, apikey.Withdrawing: 409, apikey.LastAdministrator: 409, apikey.Unavailable: 503, apikey.Permanent: 500,
	}
	subjects := []apikey.Subject{
		apikey.SubjectKey, apikey.SubjectPolicy, apikey.SubjectUser, apikey.SubjectService, apikey.SubjectPermission, apikey.SubjectOrganization,
		apikey.SubjectSecret,
	}
	for kind := apikey.Internal; kind <= apikey.Permanent; kind++ {
		for _, subject := range subjects {
			class := canonical.ClassOf(kind, subject)
			if class.Status != want[kind] || class.Code == "" || class.Title != canonical.ClassOf(kind, apikey.SubjectKey).Title {
				t.Errorf("kind %d of %q is %+v, want %d", kind, subject, class, want[kind])
			}
			// Details of failures are only for the log, because they say what was being
			// done.
			if (class.Detail != "") != (class.Status >= http.StatusInternalServerError) {
				t.Errorf("kind %d has the detail %q", kind, class.Detail)
			}
		}
	}
	if class := canonical.ClassOf(apikey.Permanent+1, ""); class != canonical.ClassOf(apikey.Internal, "") {
		t.Errorf("an unknown kind is %+v", class)
	}
}

// A code names its subject.
func TestCodesNameTheirSubject(t *testing.T) {
	for _, test := range []struct {
		kind    apikey.Kind
		subject apikey.Subject
		code    string
	}{
		{apikey.NotFound, apikey.SubjectKey, "API_KEY_NOT_FOUND"},
		{apikey.NotFound, apikey.SubjectPolicy, "POLICY_NOT_FOUND"},
		{apikey.NotFound, apikey.SubjectUser, "USER_NOT_FOUND"},
		{apikey.NotFound, apikey.SubjectService, "SERVICE_NOT_FOUND"},
		{apikey.NotFound, apikey.SubjectPermission, "PERMISSION_NOT_FOUND"},
		{apikey.NotFound, apikey.SubjectOrganization, "ORGANIZATION_NOT_FOUND"},
		{apikey.NameTaken, apikey.SubjectKey, "API_KEY_NAME_TAKEN"},
		{apikey.NameTaken, apikey.SubjectPolicy, "POLICY_NAME_TAKEN"},
		{apikey.NameTaken, apikey.SubjectUser, "USER_EMAIL_TAKEN"},
		{apikey.NameTaken, apikey.SubjectService, "SERVICE_API_TAKEN"},
		{apikey.InUse, apikey.SubjectPolicy, "POLICY_IN_USE"},
		{apikey.InUse, apikey.SubjectPermission, "PERMISSION_IN_USE"},
		{apikey.InUse, apikey.SubjectOrganization, "LAST_OWNER"},
		{apikey.QuotaReached, apikey.SubjectKey, "API_KEY_LIMIT_EXCEEDED"},
		{apikey.QuotaReached, apikey.SubjectUser, "PERSONAL_KEY_LIMIT_EXCEEDED"},
		{apikey.NotRecoverable, apikey.SubjectKey, "API_KEY_NOT_RECOVERABLE"},
		{apikey.PreconditionFailed, apikey.SubjectUser, "PRECONDITION_FAILED"},
	} {
		if got := canonical.ClassOf(test.kind, test.subject).Code; got != test.code {
			t.Errorf("kind %d of %q is %s, want %s", test.kind, test.subject, got, test.code)
		}
	}
}

// A status's codes are those of every class that has it.
func TestCodes(t *testing.T) {
	for status, want := range map[int][]string{
		403: {"API_KEY_LIMIT_EXCEEDED", "FORBIDDEN", "PERMISSION_NOT_HELD", "PERSONAL_KEY_LIMIT_EXCEEDED"},
		413: {"REQUEST_TOO_LARGE"}, 415: {"UNSUPPORTED_MEDIA_TYPE"}, 503: {"UNAVAILABLE"}, 418: nil,
	} {
		if got := canonical.Codes(status); !slices.Equal(got, want) {
			t.Errorf("%d has %v, want %v", status, got, want)
		}
	}
}

// A problem without faults has no "errors", and one with many has the first 20.
func TestProblemForm(t *testing.T) {
	got := encode(t, canonical.ClassOf(apikey.NotFound, "").Problem("/v1/docs/errors/X", "r", "There is no such API key.", nil, nil))
	if got != `{"type":"/v1/docs/errors/X","title":"Not Found","status":404,"detail":"There is no such API key.","code":"API_KEY_NOT_FOUND","requestId":"r"}` {
		t.Error(got)
	}
	problem := canonical.ClassOf(apikey.Invalid, "").Problem("/v1/docs/errors/X", "r", "d", make([]apikey.FieldError, 21), nil)
	if len(problem.Errors) != 20 {
		t.Errorf("%d faults", len(problem.Errors))
	}
}

// A problem about a resource in use says what depends on it: how many, which
// keys, and how to confirm. Zeros are included.
func TestProblemInUse(t *testing.T) {
	key := sample(t)
	use := &apikey.Use{Keys: 2, Users: 1, Examples: []apikey.Key{key}, Confirm: "yes"}
	got := encode(t, canonical.ClassOf(apikey.InUse, apikey.SubjectPolicy).Problem("/v1/docs/errors/X", "r", "d", nil, use))
	want := `,"keyCount":2,"policyCount":0,"userCount":1,"keys":[{"id":"730b0bd3-c770-4501-99f8-f3adff537051","name":"New API key"}],"confirm":"yes"}`
	if !strings.HasSuffix(got, want) {
		t.Error(got)
	}
	got = encode(t, canonical.ClassOf(apikey.InUse, apikey.SubjectOrganization).Problem("/v1/docs/errors/X", "r", "d", nil, &apikey.Use{}))
	if !strings.HasSuffix(got, `,"keyCount":0,"policyCount":0,"userCount":0}`) {
		t.Error(got)
	}
}
