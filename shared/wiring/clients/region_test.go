package clients_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/keyward/keyward/shared/wiring/clients"
	"github.com/keyward/keyward/shared/wiring/settings"
)

// transport fails every request, and records its host and the region of its
// signature.
type transport struct{ host, scope string }

func (t *transport) RoundTrip(r *http.Request) (*http.Response, error) {
	_, scope, _ := strings.Cut(r.Header.Get("Authorization"), "Credential=")
	parts := strings.Split(scope, "/")
	t.host, t.scope = r.URL.Host, parts[min(2, len(parts)-1)]
	return nil, http.ErrServerClosed
}

// A function with a home region uses that region's tables, and decrypts peppers
// with its own region's key. Without a home region, both are its own.
func TestHomeRegion(t *testing.T) {
	for home, tables := range map[string]string{"": "eu-central-1", "eu-central-1": "eu-central-1", "us-east-1": "us-east-1"} {
		for service, region := range map[string]string{"DynamoDB": tables, "KMS": "eu-central-1"} {
			c := clients.New(settings.Settings{
				Region: "eu-central-1", HomeRegion: home,
				Credentials: settings.Credentials{AccessKeyID: "AKIDEXAMPLE", SecretAccessKey: "secret"},
			}, clients.Limits{Attempt: time.Second, Attempts: 1})
			seen := &transport{}
			c.HTTP().Transport = seen
			_ = calls[service](c)(t.Context())
			if want := strings.ToLower(service) + "." + region + ".amazonaws.com"; seen.host != want || seen.scope != region {
				t.Errorf("home %q: %s was asked at %q, signed for %q; want %s", home, service, seen.host, seen.scope, want)
			}
		}
	}
}
