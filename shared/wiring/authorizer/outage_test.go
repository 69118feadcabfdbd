package authorizer

import (
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/keyward/keyward/authorizer/gateway"
)

// Whatever becomes of DynamoDB or KMS, a cold process answers a good key within
// a decision's limit: with a failure where it cannot know better, and never that
// the key is bad. A dependency that is slow only once costs no more than that.
func TestOutagesAreAnsweredInTime(t *testing.T) {
	values, key := deployment(t)
	const arn = "arn:aws:execute-api:eu-central-1:123456789012:abc/v1/GET/v1/whoami"
	event := []byte(`{"type":"TOKEN","authorizationToken":"Bearer ` + key + `","methodArn":"` + arn + `"}`)
	for _, name := range []string{"AWS_ENDPOINT_URL_DYNAMODB", "AWS_ENDPOINT_URL_KMS"} {
		for kind, test := range map[string]struct {
			url string
			// allows says that the answer can be found all the same.
			allows bool
		}{
			"refuses connections":  {url: "http://127.0.0.1:1"},
			"never answers":        {url: late(t, values[name], time.Hour)},
			"is slow each time":    {url: late(t, values[name], 700*time.Millisecond), allows: strings.HasSuffix(name, "KMS")},
			"is too slow, always":  {url: late(t, values[name], attemptLimits.Attempt+50*time.Millisecond)},
			"breaks off":           {url: front(t, values[name], func(*http.Request) { panic(http.ErrAbortHandler) })},
			"does not answer once": {url: lateOnce(t, values[name]), allows: true},
		} {
			broken := unreachable()
			for variable, value := range values {
				broken[variable] = value
			}
			broken[name] = test.url
			a, err := New(lookup(broken), slog.New(slog.DiscardHandler))
			if err != nil {
				t.Fatal(err)
			}
			began := time.Now()
			answer, err := a.Invoke(t.Context(), event)
			if took := time.Since(began); took > gateway.DecisionLimit+300*time.Millisecond {
				t.Errorf("%s %s: the answer took %s", name, kind, took)
			}
			allowed := err == nil && strings.Contains(string(answer), `"Allow"`)
			if !allowed && !errors.Is(err, gateway.ErrNoDecision) || allowed != test.allows {
				t.Errorf("%s %s: %s, %v", name, kind, answer, err)
			}
		}
	}
}

// late stands before a service, and answers after a while.
func late(t *testing.T, behind string, while time.Duration) string {
	t.Helper()
	over := make(chan struct{})
	url := front(t, behind, func(*http.Request) {
		select {
		case <-over:
		case <-time.After(while):
		}
	})
	t.Cleanup(func() { close(over) }) // before the front waits for its requests
	return url
}

// lateOnce stands before a service, and leaves its first request unanswered for
// longer than an attempt may take.
func lateOnce(t *testing.T, behind string) string {
	t.Helper()
	var asked tally
	return front(t, behind, func(*http.Request) {
		if asked.add("") == 1 {
			time.Sleep(attemptLimits.Attempt + 100*time.Millisecond)
		}
	})
}
