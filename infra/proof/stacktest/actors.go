package stacktest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"testing"

	"github.com/keyward/keyward/infra/local/await"
	"github.com/keyward/keyward/infra/local/client"
	"github.com/keyward/keyward/infra/local/demo"
	"github.com/keyward/keyward/infra/local/stack"
	"github.com/keyward/keyward/shared/dialect/canonical"
)

// Service returns a client with a new service key that holds every permission of
// the demo organization, for tests whose actor is a key and not a person.
func (s *Stack) Service(name string) (Client, error) {
	owner := s.Admin()
	var catalogue struct{ Items []struct{ Name string } }
	if err := owner.plain().Do(context.Background(), http.MethodGet, "/v1/permissions", nil, &catalogue); err != nil {
		return Client{}, err
	}
	permissions := []string{}
	for _, p := range catalogue.Items {
		permissions = append(permissions, p.Name)
	}
	var key Key
	err := owner.plain().Do(context.Background(), http.MethodPost, "/v1/apikeys", Member{"name": name, "permissions": permissions}, &key)
	if err != nil || key.APIKey == "" {
		return Client{}, fmt.Errorf("make the service key %q: %w", name, errors.Join(err, errors.New("no key in the answer")))
	}
	return owner.With(key.APIKey), nil
}

// Organization creates another organization and returns a client with its
// owner's key. It lasts as long as the stack.
func (s *Stack) Organization(t testing.TB, id string) Client {
	t.Helper()
	setup := demo.Setup(stack.Account, "Admin")
	setup.Organization.ID, setup.Services = id, setup.Services[:0]
	event, err := json.Marshal(setup)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := s.Invoke(t.Context(), "bootstrap", event)
	if err != nil {
		t.Fatal(err)
	}
	var result canonical.SetupResult
	if err := json.Unmarshal(answer, &result); err != nil || result.AdminKey == nil {
		t.Fatalf("%v: no admin key", err)
	}
	return s.Admin().With(string(result.AdminKey.Text))
}

// plain returns a client that checks nothing and needs no test's context, which
// ends before cleanups.
func (c Client) plain() client.Client {
	return client.Client{URL: c.URL, Authorization: c.Authorization, Transport: c.base}
}

// Member is a request's body, with the canonical names.
type Member = map[string]any

// Send sends a body as JSON, like [Client.Do].
func (c Client) Send(t testing.TB, method, path string, body Member) Answer {
	t.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	return c.Do(t, method, path, string(text))
}

// CreateKey creates a key from that body. It is deleted after the test.
func (c Client) CreateKey(t testing.TB, body Member) Key {
	t.Helper()
	key := JSON[Key](t, c.Send(t, http.MethodPost, "/v1/apikeys", body).Want(t, http.StatusCreated))
	t.Cleanup(func() { c.Delete(t, key.ID) })
	return key
}

// User is a user in the canonical format.
type User struct {
	ID          string   `json:"id"`
	Email       string   `json:"email"`
	Role        string   `json:"role"`
	Permissions []string `json:"permissions"`
}

// CreateUser creates a user who is deleted after the test.
func (c Client) CreateUser(t testing.TB, email, role string, permissions ...string) User {
	t.Helper()
	body := Member{"email": email, "name": email, "role": role, "permissions": append([]string{}, permissions...)}
	user := JSON[User](t, c.Send(t, http.MethodPost, "/v1/users", body).Want(t, http.StatusCreated))
	t.Cleanup(func() { c.Remove(t, "/v1/users/"+user.ID) })
	return user
}

// Policy is a policy in the canonical format.
type Policy struct {
	ID          string   `json:"id"`
	Name        string   `json:"name"`
	Permissions []string `json:"permissions"`
	KeyCount    int      `json:"keyCount"`
}

// CreatePolicy creates a policy that is deleted, with its keys, after the test.
func (c Client) CreatePolicy(t testing.TB, name string, permissions ...string) Policy {
	t.Helper()
	policy := JSON[Policy](t, c.Send(t, http.MethodPost, "/v1/policies", Member{"name": name, "permissions": permissions}).Want(t, http.StatusCreated))
	t.Cleanup(func() { c.Remove(t, "/api/v1/api_keys/policies/"+policy.ID) })
	return policy
}

// Restore puts a resource back. It also works in a cleanup, after the test's
// context has ended.
func (c Client) Restore(t testing.TB, path string, body Member) {
	t.Helper()
	if err := c.tidy(t, http.MethodPut, path, body); err != nil {
		t.Error(err)
	}
}

// Remove deletes what the path names. It is no fault if that is already gone.
func (c Client) Remove(t testing.TB, path string) {
	t.Helper()
	if err := c.tidy(t, http.MethodDelete, path, nil); err != nil && statusOf(err) != http.StatusNotFound {
		t.Error(err)
	}
}

// tidy sends a change after a test, when its context has ended. Like [Client.Do], it
// tries again after a 503.
func (c Client) tidy(t testing.TB, method, path string, body any) (err error) {
	t.Helper()
	await.Until(t, "an answer that is not 503", func() bool {
		err = c.plain().Do(context.Background(), method, path, body, nil)
		return statusOf(err) != http.StatusServiceUnavailable
	})
	return err
}

// statusOf returns the status of a refusal; 0 for any other error.
func statusOf(err error) int {
	if refused, ok := errors.AsType[*client.Refused](err); ok {
		return refused.Code
	}
	return 0
}
