package clients

import (
	"net/http"
	"testing"
)

// The stack answers the admin's key, so that what fails below is not the stack.
func TestStack(t *testing.T) {
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, running.URL+"/v1/whoami", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+running.AdminKey)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK {
		t.Errorf("whoami answers %d", response.StatusCode)
	}
}
