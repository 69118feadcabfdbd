package main

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

var noon = time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)

// at returns a request that was sent so long after noon and answered within 10 ms.
func at(after time.Duration, status int) try {
	return try{sent: noon.Add(after), answered: noon.Add(after + 10*time.Millisecond), status: status}
}

// Only what must have passed counts as wrongly refused, and only what was sent
// after the end, or after the bound, as allowed too late.
func TestJudge(t *testing.T) {
	const ok, no = http.StatusOK, http.StatusUnauthorized
	s := secret{from: noon, ends: noon.Add(10 * time.Second), tries: []try{
		at(-time.Millisecond, no), at(0, ok), at(time.Second, no), at(2*time.Second, http.StatusForbidden), at(3*time.Second, http.StatusServiceUnavailable),
		at(10*time.Second-5*time.Millisecond, no), at(11*time.Second-time.Millisecond, ok), at(11*time.Second, ok), at(12*time.Second, ok), at(12*time.Second+time.Millisecond, ok), at(13*time.Second, no), {},
	}}
	want := judged{tries: 12, allowed: 5, refused: 5, unanswered: 2, wrongly: 2, late: 3, beyond: 1}
	if got := s.judge(time.Second, time.Second); got != want {
		t.Errorf("judged %+v, want %+v", got, want)
	}
	s.ends = time.Time{}
	if got := s.judge(time.Second, time.Second); got.late != 0 || got.wrongly != 4 {
		t.Errorf("without an end, judged %+v", got)
	}
}

// The proof fails if anything was refused wrongly or allowed beyond the bound,
// and also if too little was decided.
func TestTheProofCanFail(t *testing.T) {
	const ok, no = http.StatusOK, http.StatusUnauthorized
	first := func(tries ...try) rotated {
		return rotated{settings: settings{rate: 1, ttl: time.Second}, took: time.Second, secrets: []*secret{{from: noon, ends: noon.Add(time.Second), tries: tries}}}
	}
	key := func(tries ...try) revoked {
		return revoked{settings: settings{keys: 1, ttl: time.Second}, took: time.Second, keys: []deleted{{answered: noon, tries: tries}}}
	}
	for name, c := range map[string]struct {
		show func(io.Writer) bool
		want bool
	}{
		"a rotation":                {first(at(0, ok), at(2*time.Second, no)).show, true},
		"refused wrongly":           {first(at(0, ok), at(0, no), at(2*time.Second, no)).show, false},
		"allowed after the end":     {first(at(0, ok), at(3500*time.Millisecond, ok), at(4*time.Second, no)).show, false},
		"nothing refused":           {first(at(0, ok)).show, false},
		"little decided":            {first(at(0, ok), at(0, 503), at(2*time.Second, no)).show, false},
		"a deletion":                {key(at(-time.Second, ok), at(900*time.Millisecond, ok), at(2*time.Second, no)).show, true},
		"allowed beyond the bound":  {key(at(-time.Second, ok), at(1001*time.Millisecond, ok), at(2*time.Second, no)).show, false},
		"never refused":             {key(at(-time.Second, ok), at(900*time.Millisecond, ok)).show, false},
		"never used":                {key(at(2*time.Second, no)).show, false},
		"allowed again much later":  {key(at(-time.Second, ok), at(0, no), at(time.Minute, ok)).show, false},
		"without a decision at all": {key(at(-time.Second, ok), at(0, 503), at(2*time.Second, no)).show, false},
	} {
		var out strings.Builder
		if got := c.show(&out); got != c.want {
			t.Errorf("%s: holds %t\n%s", name, got, out.String())
		}
	}
}
