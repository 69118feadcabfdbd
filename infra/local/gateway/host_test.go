package gateway

import (
	"net/http"
	"testing"
)

// An event has the requested host name, as with custom domains, without its
// port. X-Forwarded-Host does not change it.
func TestDomainName(t *testing.T) {
	for host, want := range map[string]string{
		"acme.api.example.com": "acme.api.example.com", "ACME.api.example.com.:443": "ACME.api.example.com.", "127.0.0.1:3000": "127.0.0.1",
	} {
		for path, method := range map[string]string{"/v1/apikeys/a": http.MethodGet, "/api/x": http.MethodPost} {
			r := newRig(t, nil)
			request, err := http.NewRequestWithContext(t.Context(), method, r.URL+path, http.NoBody)
			if err != nil {
				t.Fatal(err)
			}
			request.Host = host
			request.Header.Set("Authorization", "Bearer key")
			request.Header.Set("X-Forwarded-Host", "other.api.example.com")
			response, err := http.DefaultClient.Do(request)
			if err != nil {
				t.Fatal(err)
			}
			_ = response.Body.Close()
			expect(t, r.authorizerEvent, map[string]any{"requestContext.domainName": want})
		}
	}
}
