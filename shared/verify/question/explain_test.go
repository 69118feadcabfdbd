package question

import (
	"strings"
	"testing"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/verify"
)

// Every code that an answer can have is explained in its own words. The others
// need a gateway, a host name or an access token, which no question has.
func TestEveryCodeIsExplained(t *testing.T) {
	impossible := map[verify.Code]bool{
		verify.TokenRefused: true, verify.UserUnknown: true, verify.OrganizationHost: true, verify.GatewayCached: true,
		verify.ServiceNotRegistered: true, verify.OrganizationNotServed: true,
	}
	told := map[string]verify.Code{}
	for _, code := range verify.Codes() {
		rule, change := explain(verify.Request{}, verify.Decision{Code: code}, apikey.Key{}, apikey.Service{})
		if impossible[code] {
			continue
		}
		if rule == "" || change == "" || strings.Contains(rule, string(code)) {
			t.Errorf("%s: %q, %q", code, rule, change)
		}
		if other, twice := told[rule]; twice {
			t.Errorf("%s is explained as %s", code, other)
		}
		told[rule] = code
	}
}
