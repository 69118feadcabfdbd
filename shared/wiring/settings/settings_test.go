package settings_test

import (
	"fmt"
	"maps"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/keyward/keyward/shared/operations"
	"github.com/keyward/keyward/shared/wiring/settings"
)

func environment(values map[string]string) func(string) (string, bool) {
	return func(name string) (string, bool) {
		value, ok := values[name]
		return value, ok
	}
}

func complete() map[string]string {
	return map[string]string{
		"AWS_REGION": "eu-central-1", "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "canary-secret", "AWS_SESSION_TOKEN": "canary-token",
		operations.EnvTable: "keyward", operations.EnvAuditTable: "keyward-audit",
		operations.EnvSecretsTable: "keyward-secrets", operations.EnvUsageTable: "keyward-usage", operations.EnvSecretsKey: "key-2", operations.EnvEventBus: "default",
		operations.EnvPepperKey: "key-1", operations.EnvManagementAPI: "123456789012/abc",
	}
}

// Every function can read the settings that the table gives it, and the
// durations have their documented defaults.
func TestEveryFunctionReads(t *testing.T) {
	for _, op := range operations.Functions() {
		s, err := settings.Read(op, environment(complete()))
		if err != nil {
			t.Errorf("%s: %v", op.Name, err)
		}
		if op.Name == operations.Authorizer.Name && (s.CacheTTL != 5*time.Second || s.PepperMaxAge != 15*time.Minute || s.ManagementAPI.ID != "abc") {
			t.Errorf("authorizer: %+v", s)
		}
	}
}

// All faults are in one error, each with the variable's name.
func TestAllFaultsAtOnce(t *testing.T) {
	values := complete()
	delete(values, "AWS_REGION")
	delete(values, operations.EnvTable)
	values[operations.EnvCacheTTL] = "301"
	values[operations.EnvPepperMaxAge] = "0"
	values[operations.EnvManagementAPI] = "abc"
	_, err := settings.Read(operations.Authorizer, environment(values))
	if err == nil {
		t.Fatal("want faults")
	}
	for _, name := range []string{"AWS_REGION", operations.EnvTable, operations.EnvCacheTTL, operations.EnvPepperMaxAge, operations.EnvManagementAPI} {
		if !strings.Contains(err.Error(), name) {
			t.Errorf("%s is not in %q", name, err)
		}
	}
}

// These are the ranges in the operators' documents.
func TestSeconds(t *testing.T) {
	for name, test := range map[string]struct{ got, want operations.Seconds }{
		operations.EnvCacheTTL:     {operations.CacheTTL, operations.Seconds{Default: 5, Least: 0, Most: 300}},
		operations.EnvPepperMaxAge: {operations.PepperMaxAge, operations.Seconds{Default: 900, Least: 1, Most: 3600}},
	} {
		if test.got != test.want {
			t.Errorf("%s: %+v", name, test.got)
		}
		for text, good := range map[int]bool{test.want.Least: true, test.want.Most: true, test.want.Least - 1: false, test.want.Most + 1: false} {
			values := complete()
			values[name] = strconv.Itoa(text)
			if _, err := settings.Read(operations.Authorizer, environment(values)); (err == nil) != good {
				t.Errorf("%s of %d: %v", name, text, err)
			}
		}
	}
}

// A cache TTL outside 0 to 300 whole seconds is refused, and 0 is accepted.
func TestCacheTTLRange(t *testing.T) {
	for text, good := range map[string]bool{"0": true, "300": true, "301": false, "-1": false, "5s": false, "1.5": false, "": true} {
		values := complete()
		values[operations.EnvCacheTTL] = text
		if _, err := settings.Read(operations.Authorizer, environment(values)); (err == nil) != good {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// Metrics are written unless explicitly turned off.
func TestMetricsSwitch(t *testing.T) {
	for text, want := range map[string]struct{ good, off bool }{
		"": {true, false}, "on": {true, false}, "off": {true, true}, "Off": {}, "false": {}, "0": {}, " off": {},
	} {
		values := complete()
		values[operations.EnvMetrics] = text
		s, err := settings.Read(operations.Authorizer, environment(values))
		if (err == nil) != want.good || want.good && s.NoMetrics != want.off || err != nil && !strings.Contains(err.Error(), operations.EnvMetrics) {
			t.Errorf("%q: off %t, %v", text, s.NoMetrics, err)
		}
	}
}

// Access tokens are off unless an issuer is set; then an audience and an
// organization are required. Half a configuration is a fault and never just
// turns them off.
func TestOIDC(t *testing.T) {
	const issuer, audience, organization = operations.EnvOIDCIssuer, operations.EnvOIDCAudience, operations.EnvOIDCOrganization
	for _, c := range []struct {
		values map[string]string
		want   settings.OIDC
		good   bool
	}{
		{nil, settings.OIDC{Claim: "email"}, true},
		{map[string]string{issuer: "", audience: "", organization: "", operations.EnvOIDCClaim: ""}, settings.OIDC{Claim: "email"}, true},
		{map[string]string{issuer: "https://i", audience: "a", organization: "demo", operations.EnvOIDCClaim: "upn"}, settings.OIDC{Issuer: "https://i", Audience: "a", Claim: "upn", Organization: "demo"}, true},
		{map[string]string{operations.EnvOIDCVerifiesEmail: "on"}, settings.OIDC{Claim: "email", VerifiesEmail: true}, true},
		{map[string]string{operations.EnvOIDCClientAudience: "on"}, settings.OIDC{Claim: "email", ClientAudience: true}, true},
		{map[string]string{operations.EnvOIDCClientAudience: "yes"}, settings.OIDC{}, false},
		{map[string]string{operations.EnvOIDCVerifiesEmail: "off"}, settings.OIDC{Claim: "email"}, true},
		{map[string]string{operations.EnvOIDCVerifiesEmail: "true"}, settings.OIDC{}, false},
		{map[string]string{issuer: "https://i"}, settings.OIDC{}, false},
		{map[string]string{issuer: "https://i", audience: "a"}, settings.OIDC{}, false},
		{map[string]string{audience: "a", organization: "demo"}, settings.OIDC{}, false},
		{map[string]string{issuer: "https://i", audience: "a", organization: "De mo"}, settings.OIDC{}, false},
	} {
		values := complete()
		maps.Copy(values, c.values)
		s, err := settings.Read(operations.Authorizer, environment(values))
		if (err == nil) != c.good || c.good && s.OIDC != c.want {
			t.Errorf("%v: %+v, %v", c.values, s.OIDC, err)
		}
	}
}

// Printing settings never shows the credentials.
func TestCredentialsRedact(t *testing.T) {
	s, _ := settings.Read(operations.Authorizer, environment(complete()))
	for _, form := range []string{"%v", "%+v", "%#v", "%s"} {
		if text := fmt.Sprintf(form, s); strings.Contains(text, "canary") {
			t.Errorf("%s shows a secret", form)
		}
	}
}
