package wiring

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/keyward/keyward/authorizer/gateway"
)

// Whatever happens to DynamoDB or KMS, a cold process answers a good key within
// a decision's limit. If it cannot decide, it answers with a failure and never
// says that the key is invalid. A dependency that is slow only once delays no
// more than that.
func TestOutagesAreAnsweredInTime(t *testing.T) {
	r := record(t)
	for _, host := range []string{dynamodbHost, kmsHost} {
		for kind, test := range map[string]struct {
			fault func(http.Handler) http.Handler
			// allows means that a decision is still possible.
			allows bool
		}{
			"refuses connections":  {fault: nil},
			"never answers":        {fault: late(time.Hour)},
			"is slow each time":    {fault: late(700 * time.Millisecond), allows: host == kmsHost},
			"is too slow, always":  {fault: late(attemptLimits.Attempt + 50*time.Millisecond)},
			"breaks off":           {fault: brokenOff},
			"does not answer once": {fault: lateOnce, allows: true},
		} {
			synctest.Test(t, func(t *testing.T) {
				a := r.authorizer(t, host, test.fault)
				began := time.Now()
				answer, err := a.Invoke(t.Context(), r.event)
				if took := time.Since(began).Truncate(time.Microsecond); took > gateway.DecisionLimit {
					t.Errorf("%s %s: the answer took %s", host, kind, took)
				}
				allowed := err == nil && strings.Contains(string(answer), `"Allow"`)
				if !allowed && !errors.Is(err, gateway.ErrNoDecision) || allowed != test.allows {
					t.Errorf("%s %s: %s, %v", host, kind, answer, err)
				}
			})
		}
	}
}

// late delays a service's answers.
func late(while time.Duration) func(http.Handler) http.Handler {
	return func(behind http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			select {
			case <-time.After(while):
				behind.ServeHTTP(w, r)
			case <-r.Context().Done():
			}
		})
	}
}

// lateOnce delays a service's first answer beyond the limit of an attempt.
func lateOnce(behind http.Handler) http.Handler {
	var asked tally
	slow := late(attemptLimits.Attempt + 100*time.Millisecond)(behind)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if asked.add("") == 1 {
			slow.ServeHTTP(w, r)
			return
		}
		behind.ServeHTTP(w, r)
	})
}

// brokenOff accepts requests, then closes the connection.
func brokenOff(http.Handler) http.Handler {
	return http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
}

// A service that never answers delays neither the start nor a decision beyond
// its limit, and nothing is allowed.
func TestStartsDuringAHang(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := on(t, quiet, unreachable(), map[string]http.Handler{dynamodbHost: late(time.Hour)(nil), kmsHost: late(time.Hour)(nil)})
		began := time.Now()
		a.Prime()
		primed := time.Now()
		answer, err := a.Invoke(t.Context(), tokenEvent(goodText))
		if !errors.Is(err, gateway.ErrNoDecision) || answer != nil {
			t.Errorf("%s, %v", answer, err)
		}
		start, decision := primed.Sub(began).Truncate(time.Microsecond), time.Since(primed).Truncate(time.Microsecond)
		if start > primeLimit || decision > gateway.DecisionLimit {
			t.Errorf("the start took %s and the decision %s", start, decision)
		}
	})
	if all := time.Duration(attemptLimits.Attempts) * attemptLimits.Attempt; attemptLimits.Attempts < 2 || all >= gateway.DecisionLimit {
		t.Errorf("%d attempts of %s do not fit into a decision", attemptLimits.Attempts, attemptLimits.Attempt)
	}
}
