package client_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/keyward/keyward/shared/client"
)

// demo starts a server that answers as Keyward does.
func demo(byRoute map[string]string) (url string, stop func()) {
	mux := http.NewServeMux()
	for route, body := range byRoute {
		mux.HandleFunc(route, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			if status := r.Header.Get("Idempotency-Key"); status == "full" {
				w.Header().Set("Content-Type", "application/problem+json")
				w.WriteHeader(http.StatusForbidden)
			}
			_, _ = io.WriteString(w, body)
		})
	}
	server := httptest.NewServer(mux)
	return server.URL, server.Close
}

// A key is made; its text is shown only where the program asks for it.
func Example() {
	url, stop := demo(map[string]string{"POST /v1/apikeys": `{"id": "94d470ba-700e-4034-ad17-4326aa3493a2", "name": "CI", "apiKey": "kw_example"}`})
	defer stop()

	c, err := client.New(url, client.NewSecret("kw_myown")) // from the environment, say
	if err != nil {
		fmt.Println(err)
		return
	}
	key, err := c.Keys.Create(context.Background(), client.NewKey{
		Name:        "CI",
		Permissions: []string{"ViewTables"},
		ExpiresOn:   time.Now().AddDate(0, 3, 0),
	}, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(key.Name, key.APIKey, key.APIKey.Reveal())
	// Output: CI [redacted] kw_example
}

// An error's code is compared by errors.Is.
func ExampleError() {
	url, stop := demo(map[string]string{"POST /v1/apikeys": `{"code": "API_KEY_LIMIT_EXCEEDED", "detail": "The organization has 3 of at most 3 API keys.", "requestId": "r"}`})
	defer stop()

	c, err := client.New(url, client.NewSecret("kw_myown"))
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = c.Keys.Create(context.Background(), client.NewKey{Name: "one more"}, &client.CreateKeyParams{IdempotencyKey: "full"})
	if errors.Is(err, client.ErrQuotaReached) {
		fmt.Println("delete a key first:", err)
	}
	// Output: delete a key first: keyward: 403 API_KEY_LIMIT_EXCEEDED: The organization has 3 of at most 3 API keys. (request r)
}

// All reads a list of any length, page by page.
func ExampleKeys_All() {
	url, stop := demo(map[string]string{"GET /v1/apikeys": `{"items": [{"name": "CI"}, {"name": "Backup"}]}`})
	defer stop()

	c, err := client.New(url, client.NewSecret("kw_myown"))
	if err != nil {
		fmt.Println(err)
		return
	}
	for key, err := range c.Keys.All(context.Background(), &client.ListKeysParams{State: client.KeyStateActive}) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(key.Name)
	}
	// Output:
	// CI
	// Backup
}

// A patch changes what it names, of the version that was read.
func ExampleKeys_Patch() {
	url, stop := demo(map[string]string{"PATCH /v1/apikeys/{id}": `{"name": "CI", "enabled": false}`})
	defer stop()

	c, err := client.New(url, client.NewSecret("kw_myown"))
	if err != nil {
		fmt.Println(err)
		return
	}
	patch := client.KeyPatch{Enabled: client.Set(false), ExpiresOn: client.Clear[time.Time]()}
	key, err := c.Keys.Patch(context.Background(), "94d470ba-700e-4034-ad17-4326aa3493a2", patch, &client.PatchKeyParams{IfMatch: `"1"`})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(key.Name, *key.Enabled)
	// Output: CI false
}

// A key is verified as the authorizer would decide.
func ExampleClient_Verify() {
	url, stop := demo(map[string]string{"POST /v1/verify": `{"valid": false, "code": "PERMISSION_MISSING", "ttlSeconds": 0}`})
	defer stop()

	c, err := client.New(url, client.NewSecret("kw_myown"))
	if err != nil {
		fmt.Println(err)
		return
	}
	answer, err := c.Verify(context.Background(), client.NewSecret("kw_acustomers"), client.Question{Permission: "ViewTables"})
	if err != nil {
		fmt.Println(err) // an outage, say: do not let the customer in
		return
	}
	fmt.Println(answer.Valid, answer.Code)
	// Output: false PERMISSION_MISSING
}
