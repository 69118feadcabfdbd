package apikey_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/keyward/keyward/shared/apikey"
)

// at is a time as a caller writes it.
func at(t *testing.T, text string) time.Time {
	t.Helper()
	parsed, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}

// wantFault is about an error that names the field, and says what to send.
func wantFault(t *testing.T, err error, field, says string) {
	t.Helper()
	var e *apikey.Error
	if !errors.As(err, &e) || e.Kind != apikey.Invalid {
		t.Fatalf("error %v, want Invalid about %s", err, field)
	}
	for _, fault := range e.Fields {
		if fault.Field == field && strings.Contains(fault.Detail, says) {
			return
		}
	}
	t.Errorf("faults %+v, want one of %s that says %q", e.Fields, field, says)
}

// A time is within the years that a record can hold once it is in UTC, whatever
// its own offset says; at either end, the last second that fits is taken.
func TestTimesAreBoundedInUTC(t *testing.T) {
	h := newHouse(t)
	const last, first = "9999-12-31T23:59:59Z", "0001-01-01T00:00:01Z"
	for _, text := range []string{
		"9999-12-31T23:59:59-14:00", "9999-12-31T23:59:59-00:01", "0001-01-01T00:00:00+00:01", "0000-06-01T00:00:00Z", "0000-01-01T00:00:00+14:00",
	} {
		when := at(t, text)
		for field, d := range map[string]apikey.Draft{
			"expiresOn": {Name: text, ExpiresOn: when}, "notBefore": {Name: text, NotBefore: when},
		} {
			_, err := h.Create(t.Context(), h.admin, d)
			wantFault(t, err, field, last)
			_, _, err = h.Patch(t.Context(), h.owner, h.own.ID, 0, apikey.Edit{NotBefore: &d.NotBefore, ExpiresOn: &d.ExpiresOn})
			wantFault(t, err, field, last)
		}
	}
	minted, err := h.Create(t.Context(), h.admin, apikey.Draft{Name: "widest", NotBefore: at(t, first), ExpiresOn: at(t, "9999-12-31T22:59:59-01:00")})
	if err != nil || !minted.Key.ExpiresOn.Equal(at(t, last)) || !minted.Key.NotBefore.Equal(at(t, first)) {
		t.Errorf("the widest bounds give %v to %v, %v", minted.Key.NotBefore, minted.Key.ExpiresOn, err)
	}
}
