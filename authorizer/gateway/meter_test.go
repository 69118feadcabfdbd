package gateway

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/keyward/keyward/authorizer/metrics"
	"github.com/keyward/keyward/shared/verify"
)

// Each answer is counted once, under its outcome; panics and unknown events
// count as failures. No credential is counted or logged.
func TestAnswersAreCounted(t *testing.T) {
	var lines, log bytes.Buffer
	at := time.Unix(1_700_000_000, 0)
	meter := metrics.New(&lines, "f", func() time.Time { return at })
	payload := load(t, "rest-request")
	for _, d := range []*decider{
		{decision: allowed("/v1/files")}, {decision: verify.Decision{Code: verify.CredentialMalformed}},
		{decision: forbidden(verify.PermissionMissing, "")}, {err: errors.New("down")}, {panics: "x"}, {decision: allowed("")},
	} {
		handler := New(d, slog.New(slog.NewJSONHandler(&log, nil)))
		handler.Meter = meter
		_, _ = handler.Invoke(t.Context(), payload)
		_, _ = handler.Invoke(t.Context(), []byte("{}"))
	}
	meter.Begin(time.Now().Add(time.Hour))
	for _, want := range []string{`"Allowed":1,`, `"Failure":9,`, `"Refused.CREDENTIAL_MALFORMED":1,`, `"Refused.PERMISSION_MISSING":1,`} {
		if !strings.Contains(lines.String(), want) {
			t.Errorf("%s is not in %s", want, &lines)
		}
	}
	if all := lines.String() + log.String(); strings.Contains(all, "CANARY") {
		t.Error("a credential was written")
	}
}

// In a flood, only a fixed number of refusals per second is logged, and the next
// line says how many were left out. An unknown credential is logged by
// fingerprint, a known key by id.
func TestRefusalLines(t *testing.T) {
	var log bytes.Buffer
	at := time.Unix(1_700_000_000, 0)
	d := &decider{decision: verify.Decision{Code: verify.CredentialMalformed}}
	handler := New(d, slog.New(slog.NewJSONHandler(&log, nil)))
	handler.Meter = metrics.New(&log, "f", func() time.Time { return at })
	payload := load(t, "rest-request")
	for range 100 {
		_, _ = handler.Invoke(t.Context(), payload)
	}
	hash := `"credentialHash":"` + metrics.Fingerprint([]string{"Bearer " + canary}) + `"`
	if strings.Count(log.String(), "\n") != 10 || strings.Count(log.String(), hash) != 10 {
		t.Errorf("logged %s", &log)
	}
	log.Reset()
	at = at.Add(time.Second)
	d.decision = forbidden(verify.PermissionMissing, "")
	_, _ = handler.Invoke(t.Context(), payload)
	if text := log.String(); !strings.Contains(text, `"leftOut":90`) || strings.Contains(text, "credentialHash") || !strings.Contains(text, keyIDText) {
		t.Errorf("logged %s", text)
	}
}

// The same limit applies to failures of all kinds, so that an outage under load
// does not flood the log.
func TestFailureLines(t *testing.T) {
	var log bytes.Buffer
	at := time.Unix(1_700_000_000, 0)
	handler := New(&decider{err: errors.New("down")}, slog.New(slog.NewJSONHandler(&log, nil)))
	handler.Meter = metrics.New(&log, "f", func() time.Time { return at })
	payload := load(t, "rest-request")
	for range 50 {
		for _, event := range [][]byte{payload, []byte("{}")} {
			if _, err := handler.Invoke(t.Context(), event); !errors.Is(err, ErrNoDecision) {
				t.Fatal(err)
			}
		}
	}
	if n := strings.Count(log.String(), "\n"); n != 10 {
		t.Errorf("%d lines were logged", n)
	}
	log.Reset()
	at = at.Add(time.Second)
	_, _ = handler.Invoke(t.Context(), payload)
	if text := log.String(); !strings.Contains(text, `"leftOut":90`) || !strings.Contains(text, `"cause":"down"`) {
		t.Errorf("logged %s", text)
	}
}

// BenchmarkCachedMetered measures what BenchmarkCached does, with counting.
func BenchmarkCachedMetered(b *testing.B) {
	h := newHouse(b)
	h.handler.Meter = metrics.New(new(bytes.Buffer), "f", time.Now)
	payload := benchEvent(b, h.admin.Text.Reveal())
	b.ReportAllocs()
	for b.Loop() {
		if _, err := h.handler.Invoke(b.Context(), payload); err != nil {
			b.Fatal(err)
		}
	}
}
