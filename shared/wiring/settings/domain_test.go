package settings_test

import (
	"strings"
	"testing"

	"github.com/keyward/keyward/shared/operations"
	"github.com/keyward/keyward/shared/wiring/settings"
)

// A domain is a name in lower case, as in host names, or empty. A wrong one is a
// fault that names the variable; it never just turns the feature off.
func TestDomain(t *testing.T) {
	long := strings.Repeat("a.", (operations.MaxDomain-3)/2) + "com"
	for text, good := range map[string]bool{
		"": true, "example.com": true, "keys.example-1.co.uk": true, "xn--bcher-kva.example": true, "9.com": true, long: true,
		strings.Repeat("a", 63) + ".com": true, strings.Repeat("a", 64) + ".com": false, "a" + strings.Repeat(".aa", 60): false,
		"example": false, "Example.com": false, ".example.com": false, "example.com.": false, "example..com": false,
		"-a.com": false, "a-.com": false, "exa_mple.com": false, "example.com:443": false, "https://example.com": false,
		"*.example.com": false, "192.0.2.1": false, " example.com": false, "b\u00fccher.example": false, "example.com\n": false,
	} {
		values := complete()
		values[operations.EnvDomain] = text
		s, err := settings.Read(operations.Authorizer, environment(values))
		if (err == nil) != good || good && s.Domain != text || err != nil && !strings.Contains(err.Error(), operations.EnvDomain) {
			t.Errorf("%q: %q, %v", text, s.Domain, err)
		}
	}
}
