package apigw_test

import (
	"fmt"
	"net/url"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// asked returns the status of a listing with these parameters, and how many
// items its page has.
func (s *stage) asked(operation, query string) (status, items int) {
	s.t.Helper()
	event := s.event(operation, "", "")
	event.QueryStringParameters = map[string]string{}
	values, err := url.ParseQuery(query)
	if err != nil {
		s.t.Fatal(err)
	}
	for name := range values {
		event.QueryStringParameters[name] = values.Get(name)
	}
	response := s.call(operation, event)
	if response.StatusCode != 200 {
		s.refused(response, 400, "INVALID_REQUEST")
		return response.StatusCode, 0
	}
	return 200, len(decode[struct{ Items []any }](s.t, response.Body).Items)
}

// The bounds of the audit log are instants, in any offset and with any fraction.
// The page has the events from the first bound up to, but not including, the
// second.
func TestAuditBoundsAreInstants(t *testing.T) {
	s := newStage(t)
	for range 5 {
		s.clock.Advance(1500 * time.Millisecond)
		s.key(s.clock.Now().String())
	}
	var times []time.Time
	for _, event := range s.auditLog() {
		at, err := time.Parse(time.RFC3339, event.At)
		if err != nil {
			t.Fatal(err)
		}
		times = append(times, at)
	}
	rapid.Check(t, func(r *rapid.T) {
		bound := func(name string) (time.Time, string) {
			at := rapid.SampledFrom(times).Draw(r, name).Add(time.Duration(rapid.Int64Range(-3000, 3000).Draw(r, name+" off")) * time.Millisecond)
			zone := time.FixedZone("", rapid.IntRange(-23*60, 23*60).Draw(r, name+" zone")*60)
			return at, at.In(zone).Format(rapid.SampledFrom([]string{time.RFC3339Nano, "2006-01-02T15:04:05.000000Z07:00", "2006-01-02T15:04:05.000Z07:00"}).Draw(r, name+" form"))
		}
		from, fromText := bound("from")
		to, toText := bound("to")
		want := 0
		for _, at := range times {
			if !at.Before(from) && at.Before(to) {
				want++
			}
		}
		status, got := s.asked("list-audit-events", url.Values{"from": {fromText}, "to": {toText}}.Encode())
		if status != 200 || got != want {
			r.Fatalf("from %s to %s: %d, %d events, want %d", fromText, toText, status, got, want)
		}
	})
}

// A bound that no store can write, in UTC, is refused; it is never ignored.
func TestAuditBoundsFarAway(t *testing.T) {
	s := newStage(t)
	all := len(s.auditLog())
	for bound, want := range map[string]string{
		"0001-01-01T00:00:00Z": "400 400", "0000-01-01T00:00:00Z": "400 400", "1969-12-31T23:59:59Z": "400 400", "1970-01-01T00:00:00+00:01": "400 400",
		"9999-12-31T23:59:59-00:01": "400 400", "10000-01-01T00:00:00Z": "400 400", "2026-01-02 03:04:05Z": "400 400",
		"1970-01-01T00:00:00Z": "all none", "1969-12-31T23:00:00-01:00": "all none",
		"9999-12-31T23:59:59.9999Z": "none all", "9999-12-31T23:59:59Z": "none all",
	} {
		told := func(name string) string {
			status, items := s.asked("list-audit-events", url.Values{name: {bound}}.Encode())
			switch {
			case status != 200:
				return fmt.Sprint(status)
			case items == all:
				return "all"
			case items == 0:
				return "none"
			}
			return fmt.Sprint(items, " events")
		}
		if got := told("from") + " " + told("to"); got != want {
			t.Errorf("from, to %s: %s, want %s", bound, got, want)
		}
	}
}
