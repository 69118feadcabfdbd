package apigw_test

import (
	"net/http"
	"strings"
	"testing"
)

// An operator suspends an organization and ends the suspension. The answer gives
// the current state. Meanwhile, its keys get the same answer as a caller without
// a key.
func TestSuspendOrganization(t *testing.T) {
	s := newStage(t)
	for _, c := range []struct {
		suspended string
		status    int
	}{{"true", http.StatusUnauthorized}, {"true", http.StatusUnauthorized}, {"false", http.StatusOK}} {
		answer, err := s.direct("suspend-organization", `{"organization":"demo","suspended":`+c.suspended+`,"reason":"A drill"}`)
		if want := `{"organization":"demo","suspended":` + c.suspended + `}`; err != nil || answer != want {
			t.Errorf("answer %s, %v", answer, err)
		}
		response := s.call("whoami", s.event("whoami", "", ""))
		if response.StatusCode != c.status || strings.Contains(response.Body, "suspend") {
			t.Errorf("suspended %s: %d %s", c.suspended, response.StatusCode, response.Body)
		}
	}
}

// Nothing has a default: an event with a missing or wrong member changes
// nothing, and all its faults are named.
func TestSuspendOrganizationFaults(t *testing.T) {
	s := newStage(t)
	for event, want := range map[string][]string{
		`{}`:                      {"INVALID_REQUEST", "organization: ", "suspended: ", "reason: "},
		`{"organization":"demo"}`: {"INVALID_REQUEST", "suspended: ", "reason: "},
		`{"organization":"demo","suspended":"true","reason":"r"}`:           {"INVALID_REQUEST", "suspended: "},
		`{"organization":"demo","suspended":null,"reason":"r"}`:             {"INVALID_REQUEST", "suspended: "},
		`{"organization":"demo","Suspended":true,"reason":"r"}`:             {"INVALID_REQUEST", "Suspended: ", "suspended: "},
		`{"organization":"De mo","suspended":true,"reason":" "}`:            {"INVALID_REQUEST", "organization: ", "reason: "},
		`{"organization":"nobody","suspended":true,"reason":"r"}`:           {"ORGANIZATION_NOT_FOUND"},
		`{"organization":"demo","suspended":true,"reason":"r","until":"x"}`: {"INVALID_REQUEST", "until: "},
	} {
		answer, err := s.direct("suspend-organization", event)
		if err == nil || answer != "" {
			t.Errorf("%s gave %s", event, answer)
			continue
		}
		for _, part := range want {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("%s gave %v, without %q", event, err, part)
			}
		}
	}
	if response := s.call("whoami", s.event("whoami", "", "")); response.StatusCode != http.StatusOK {
		t.Errorf("the organization is stopped: %s", response.Body)
	}
}
