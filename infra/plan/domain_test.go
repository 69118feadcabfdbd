package plan

import (
	"strings"
	"testing"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/operations"
	"github.com/keyward/keyward/shared/wiring/settings"
)

// The settings and the authorizer accept the same domains, although they check
// them by different code.
func TestDomainIsTheAuthorizers(t *testing.T) {
	for _, domain := range []string{
		"", "example.com", "keys.example-1.co.uk", "xn--bcher-kva.example", "9.com", "a.b", strings.Repeat("a", 63) + ".com",
		strings.Repeat("a", 64) + ".com", strings.Repeat("a.", 88) + "comm", strings.Repeat("a.", 88) + "commm", "example", "Example.com",
		"example.com.", ".example.com", "a..b", "-a.com", "a-.com", "a.c-", "a.-c", "a.1c", "192.0.2.1", "exa_mple.com", "a.com:443", "a.com\n",
	} {
		raw := map[string]any{"domain": domain}
		if domain != "" {
			raw["hostedZoneId"] = NoZone
		}
		_, deployed := ParseSettings(raw)
		_, started := settings.Read(operations.Authorizer, func(name string) (string, bool) {
			if name == operations.EnvDomain {
				return domain, true
			}
			return map[string]string{operations.EnvManagementAPI: "123456789012/keyward"}[name], name == operations.EnvManagementAPI
		})
		if refused := strings.Contains(started.Error(), operations.EnvDomain); refused != (deployed != nil) {
			t.Errorf("%q: %v when deployed; started: refused %t", domain, deployed, refused)
		}
	}
}

// Labels below api.DOMAIN that are reserved cannot be organization ids: neither
// when an organization is created, nor in the settings.
func TestOurNamesAreNoOrganizations(t *testing.T) {
	s := Settings{Domain: "example.com", HostedZoneID: "Z1"}
	var ours []string
	for _, host := range s.HostNames("eu-central-1") {
		below, inside := strings.CutSuffix(host.Name, ".api.example.com")
		if label := below[strings.LastIndexByte(below, '.')+1:]; inside && label != "*" {
			ours = append(ours, label)
		}
	}
	if len(ours) == 0 {
		t.Fatal("there are no names of ours")
	}
	for _, label := range ours {
		if label != apikey.RegionsLabel {
			t.Errorf("bootstrap takes an organization called %s", label)
		}
		_, err := ParseSettings(map[string]any{"oidcIssuer": "https://login.example.com", "oidcAudience": "keyward", "oidcOrganization": label})
		if err == nil || !strings.Contains(err.Error(), "oidcOrganization") {
			t.Errorf("the settings take an organization called %s: %v", label, err)
		}
	}
}
