package supermetrics

import (
	"strings"
	"testing"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/dialect/wire"
)

// Each code of the document is used exactly for what it documents. A failure has
// the document's code only during an update.
func TestDocumentedCodes(t *testing.T) {
	field := func(code apikey.FieldCode) []apikey.FieldError { return []apikey.FieldError{{Field: "f", Code: code}} }
	for _, c := range []struct {
		kind     apikey.Kind
		subject  apikey.Subject
		fields   []apikey.FieldError
		updating bool
		code     string
		status   int
	}{
		{kind: apikey.Invalid, fields: field(apikey.FieldAddress), code: AllowIPInvalid, status: 400},
		{kind: apikey.Invalid, fields: field(apikey.FieldPermission), code: ScopeNameInvalid, status: 400},
		{kind: apikey.Invalid, fields: field(apikey.FieldUser), code: UserInvalid, status: 400},
		{kind: apikey.Invalid, fields: append(field(apikey.FieldTooLong), field(apikey.FieldUser)...), code: UserInvalid, status: 400},
		{kind: apikey.Invalid, fields: field(apikey.FieldTooLong)},
		{kind: apikey.Invalid},
		{kind: apikey.QuotaReached, code: LimitExceeded, status: 403},
		{kind: apikey.QuotaReached, updating: true},
		{kind: apikey.QuotaReached, subject: apikey.SubjectUser},
		{kind: apikey.NotFound, code: NotFound, status: 404},
		{kind: apikey.NotFound, updating: true, code: NotFound, status: 404},
		{kind: apikey.NotFound, subject: apikey.SubjectPolicy},
		{kind: apikey.Internal, updating: true, code: UpdateFailed, status: 500},
		{kind: apikey.Unavailable, updating: true, code: UpdateFailed, status: 500},
		{kind: apikey.Stale, updating: true, code: UpdateFailed, status: 500},
		{kind: apikey.Permanent, updating: true, code: UpdateFailed, status: 500}, {kind: apikey.Permanent},
		{kind: apikey.Internal}, {kind: apikey.Unavailable}, {kind: apikey.Stale},
		{kind: apikey.Forbidden}, {kind: apikey.Unauthenticated}, {kind: apikey.NotHeld, fields: field(apikey.FieldNotHeld)},
		{kind: apikey.Forbidden, updating: true},
	} {
		class, ok := Documented(c.kind, c.subject, c.fields, c.updating)
		if ok != (c.code != "") || class.Code != c.code || class.Status != c.status {
			t.Errorf("%+v: %+v, %t", c, class, ok)
		}
	}
}

// The dialect's own faults have the document's codes: an invalid user id, an
// unknown type.
func TestFaultsOfTheDialect(t *testing.T) {
	for _, id := range []string{"usr_1", "apk_73000000000040008000000000000001", "info@example.com"} {
		if _, faults := (KeyBody{BehalfOf: id}).Draft(); len(faults) != 1 || faults[0].Code != apikey.FieldUser {
			t.Errorf("%s: %v", id, faults)
		}
		if _, faults := (KeyPatch{BehalfOf: &id}).Edit(); len(faults) != 1 || faults[0].Code != apikey.FieldUser {
			t.Errorf("%s in a change: %v", id, faults)
		}
	}
	for _, kind := range []string{"none", "QUERY", "personal", "service"} {
		if _, faults := (KeyBody{Type: kind}).Draft(); len(faults) != 1 || faults[0].Field != "key_type" {
			t.Errorf("%s: %v", kind, faults)
		}
	}
}

// An error names the request, and each fault by the document's member name. It
// stays small for any request.
func TestErrorAnswer(t *testing.T) {
	class, _ := Documented(apikey.Invalid, "", []apikey.FieldError{{Code: apikey.FieldPermission}}, false)
	got := encoded(t, class.Answer("r1", "unused", []apikey.FieldError{
		{Field: "permissions[2]", Detail: "There is no x."}, {Field: "allowIps[0]", Detail: "No."}, {Field: "onBehalfOf", Detail: "No."}, {Field: "scope_names", Detail: "No."},
	}))
	const want = `{"meta":{"request_id":"r1"},"error":{"code":"API_KEY_SCOPE_NAME_INVALID","message":"A scope name is not supported.",` +
		`"description":"scope_names[2]: There is no x. allow_ips[0]: No. behalf_of_user_id: No. scope_names: No."}}`
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if plain := class.Answer("r1", "A sentence.", nil); plain.Error.Description != "A sentence." {
		t.Errorf("without fields: %+v", plain)
	}
	many := make([]apikey.FieldError, 1000)
	for i := range many {
		many[i] = apikey.FieldError{Field: "permissions", Detail: "No."}
	}
	if long := class.Answer("r1", "", many); strings.Count(long.Error.Description, "No.") != wire.MaxFaults {
		t.Errorf("%d bytes", len(long.Error.Description))
	}
}
