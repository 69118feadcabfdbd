package apigw_test

import (
	"strings"
	"testing"
	"time"

	"github.com/keyward/keyward/shared/dialect/canonical"
)

// rotatePepper invokes the function and returns the versions of its answer.
func (s *stage) rotatePepper(event string) canonical.PepperVersions {
	s.t.Helper()
	answer, err := s.direct("rotate-pepper", event)
	if err != nil {
		s.t.Fatal(err)
	}
	return decode[canonical.PepperVersions](s.t, answer)
}

// An operator rotates, sees which keys need which version, is told how many would
// die, and retires a version with that number.
func TestRotatePepper(t *testing.T) {
	s := newStage(t)
	s.clock.Advance(time.Hour)
	s.key("CI", "ViewTables")
	before := s.rotatePepper(`{"status":true}`)
	if len(before.Versions) != 1 || before.Versions[0].State != "active" || before.Versions[0].Keys == 0 || before.Versions[0].AgeSeconds != 3600 {
		t.Fatalf("at first %+v", before)
	}
	keys := before.Versions[0].Keys
	rotated := s.rotatePepper(`{}`)
	if again := s.rotatePepper(`{}`); len(again.Versions) != 2 || !strings.Contains(again.Note, "less than 1h0m0s ago") || rotated.Note != "" {
		t.Errorf("rotated twice: %+v", again)
	}
	if v := rotated.Versions; v[0].State != "verifying" || v[0].ReplacedOn == "" || v[0].Keys != keys || v[1].State != "active" || v[1].CreatedOn != v[0].ReplacedOn || v[1].Keys != 0 {
		t.Errorf("rotated %+v", rotated)
	}
	_, err := s.direct("rotate-pepper", `{"retire":1}`)
	if err == nil || !strings.HasPrefix(err.Error(), "IN_USE: ") || !strings.Contains(err.Error(), `{"retire":1,"force":`) {
		t.Errorf("refused with %v", err)
	}
	if retired := s.rotatePepper(`{"retire":1,"force":1000}`); retired.Versions[0].State != "retired" || retired.Versions[0].Keys != keys {
		t.Errorf("retired %+v", retired)
	}
	if more := s.rotatePepper(`{"minimumAgeSeconds":0}`); len(more.Versions) != 3 || more.Versions[2].State != "active" {
		t.Errorf("rotated again: %+v", more)
	}
}

// A command that says nothing clear does nothing. An absent event is none.
func TestRotatePepperFaults(t *testing.T) {
	s := newStage(t)
	for event, want := range map[string][]string{
		``:                                      {"INVALID_REQUEST", "body: "},
		`null`:                                  {"INVALID_REQUEST", "body: "},
		`{"status":false}`:                      {"INVALID_REQUEST", "status: "},
		`{"status":true,"retire":1}`:            {"INVALID_REQUEST", "retire: "},
		`{"status":true,"minimumAgeSeconds":1}`: {"INVALID_REQUEST", "minimumAgeSeconds: "},
		`{"minimumAgeSeconds":-1}`:              {"INVALID_REQUEST", "minimumAgeSeconds: "},
		`{"minimumAgeSeconds":315360001}`:       {"INVALID_REQUEST", "minimumAgeSeconds: "},
		`{"force":1}`:                           {"INVALID_REQUEST", "force: "},
		`{"retire":0}`:                          {"INVALID_REQUEST", "retire: "},
		`{"retire":"1"}`:                        {"INVALID_REQUEST", "retire: "},
		`{"retire":1,"force":-1}`:               {"INVALID_REQUEST", "force: "},
		`{"retire":1,"force":true}`:             {"INVALID_REQUEST", "force: "},
		`{"retire":1}`:                          {"INVALID_REQUEST", "retire: Version 1 is active."},
		`{"retire":9,"force":0}`:                {"INVALID_REQUEST", "retire: There is no version 9"},
		`{"rotate":true}`:                       {"INVALID_REQUEST", "rotate: "},
	} {
		answer, err := s.direct("rotate-pepper", event)
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
	if now := s.rotatePepper(`{"status":true}`); len(now.Versions) != 1 || now.Versions[0].State != "active" {
		t.Errorf("there are %+v", now)
	}
}
