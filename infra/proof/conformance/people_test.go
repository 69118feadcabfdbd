package conformance

import (
	"fmt"
	"net/http"
	"sync/atomic"
	"testing"

	"github.com/keyward/keyward/infra/proof/stacktest"
)

// made counts what tests create, to make names unique.
var made atomic.Int64

// address returns an unused e-mail address.
func address() string { return fmt.Sprintf("person-%d@example.com", made.Add(1)) }

// person creates a user and a personal key of that user, which are deleted after
// the test, and returns a client with the key.
func person(t *testing.T, role string, permissions ...string) (stacktest.Client, stacktest.User) {
	t.Helper()
	user := owner.CreateUser(t, address(), role, permissions...)
	key := owner.CreateKey(t, stacktest.Member{"name": "of " + user.Email, "type": "personal", "onBehalfOf": user.ID})
	return owner.With(key.APIKey), user
}

// replaceUser changes a user's role and permissions.
func replaceUser(t *testing.T, user stacktest.User, role string, permissions ...string) {
	t.Helper()
	body := stacktest.Member{"email": user.Email, "name": user.Email, "role": role, "permissions": append([]string{}, permissions...)}
	owner.Send(t, http.MethodPut, "/v1/users/"+user.ID, body).Want(t, http.StatusOK)
}

// settings changes the organization's settings until the test ends.
func settings(t *testing.T, change func(stacktest.Member)) {
	t.Helper()
	before := organization(t)
	changed := organization(t)
	change(changed)
	owner.Send(t, http.MethodPut, "/v1/organization", changed).Want(t, http.StatusOK)
	t.Cleanup(func() { owner.Restore(t, "/v1/organization", before) })
}

func organization(t *testing.T) stacktest.Member {
	t.Helper()
	return stacktest.JSON[stacktest.Member](t, owner.Do(t, http.MethodGet, "/v1/organization", "").Want(t, http.StatusOK))
}
