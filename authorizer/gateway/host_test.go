package gateway

import (
	"errors"
	"log/slog"
	"strings"
	"testing"

	"github.com/keyward/keyward/shared/verify"
)

// local is a decider that needs no host names.
type local struct{ decider }

func (*local) NeedsHost() bool { return false }

// The host name is API Gateway's, whatever a header says. An event without one,
// such as every TOKEN event, asks without.
func TestHostName(t *testing.T) {
	const name = "acme.api.example.com"
	for _, test := range []struct {
		about   string
		payload []byte
		want    string
	}{
		{"REQUEST", edit(t, "rest-request", name, "requestContext", "domainName"), name},
		{"HTTP API", edit(t, "http-simple", name, "requestContext", "domainName"), name},
		{"escaped", []byte(strings.Replace(string(load(t, "http-simple")), `"domainName": "demo-http.`, `"domainName": "demo\u002dhttp.`, 1)), "demo-http.execute-api.us-east-1.amazonaws.com"},
		{"another Host header", edit(t, "rest-request", map[string]string{"Host": name, "X-Forwarded-Host": name, "Forwarded": "host=" + name}, "headers"), "keyward.execute-api.us-east-1.amazonaws.com"},
		{"null", edit(t, "rest-request", nil, "requestContext", "domainName"), ""},
		{"TOKEN", load(t, "rest-token"), ""},
	} {
		d := &decider{decision: allowed("/v1/files")}
		if _, _, err := call(t, d, test.payload); err != nil || len(d.asked) != 1 || d.asked[0].Host != test.want {
			t.Errorf("%s: asked %+v, %v; want %q", test.about, d.asked, err, test.want)
		}
	}
}

// A host name of the wrong type makes the event invalid.
func TestHostNameOfWrongType(t *testing.T) {
	for _, value := range []any{1, true, []string{"a"}, map[string]string{}} {
		d := &decider{decision: allowed("/v1/files")}
		if got, _, err := call(t, d, edit(t, "rest-request", value, "requestContext", "domainName")); !errors.Is(err, ErrNoDecision) || got != "" {
			t.Errorf("%v: answered %q, %v", value, got, err)
		}
	}
}

// If host names are not needed, an event with one takes no more allocations than
// one with an unknown member instead.
func TestHostNameCostsNothingUnneeded(t *testing.T) {
	d := &local{decider{decision: allowed("/v1/files")}}
	h := New(d, slog.New(slog.DiscardHandler))
	allocations := func(payload []byte) float64 {
		return testing.AllocsPerRun(100, func() {
			d.asked = d.asked[:0]
			if _, err := h.Invoke(t.Context(), payload); err != nil || d.asked[0].Host != "" {
				t.Errorf("%v, host %q", err, d.asked[0].Host)
			}
		})
	}
	event := load(t, "rest-request")
	with, without := allocations(event), allocations([]byte(strings.Replace(string(event), `"domainName"`, `"domainLame"`, 1)))
	if with > without {
		t.Errorf("%v allocations with a name, %v without", with, without)
	}
}

// The verifier itself says whether it needs host names, so one with a domain
// always gets them.
func TestVerifierSaysWhetherHostsCount(t *testing.T) {
	for domain, want := range map[string]bool{"": false, "example.com": true} {
		if h := New(verify.New(verify.Config{Domain: domain}), slog.New(slog.DiscardHandler)); h.needsHost != want {
			t.Errorf("%q: needs host names: %t", domain, h.needsHost)
		}
	}
}
