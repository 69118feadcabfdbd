package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/keyward/keyward/infra/local/await"
	"github.com/keyward/keyward/infra/local/client"
)

// waitFor repeats a request with a key until it gets a status: the authorizer
// notices a suspension within its cache TTL.
func waitFor(t *testing.T, admin client.Client, status int) {
	t.Helper()
	await.Until(t, http.StatusText(status), func() bool {
		err, got := admin.Answers(context.Background()), http.StatusOK
		if r, ok := errors.AsType[*client.Refused](err); ok {
			got, err = r.Code, nil
		}
		return err == nil && got == status
	})
}

// Events on the running stack suspend an organization and end that, while its
// admin key is refused in between. An event that needs the key then gets a stack
// of its own, with a message.
func TestInvokeWhileSuspended(t *testing.T) {
	c, stdout := testCommand(t)
	s := startBeside(t, c)
	admin := client.New(s.URL, s.AdminKey)
	said := func() string { return fmt.Sprint(c.stderr) }
	suspend := func(on bool) {
		t.Helper()
		event := fmt.Sprintf(`{"organization":"demo","suspended":%t,"reason":"A laptop was stolen"}`, on)
		if err := c.invoke(t.Context(), "suspend-organization", writeEvent(t, event)); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(said(), "stack of its own") {
			t.Errorf("suspended %t elsewhere: %s", on, said())
		}
	}
	suspend(true)
	waitFor(t, admin, http.StatusUnauthorized)
	suspend(false)
	waitFor(t, admin, http.StatusOK)
	suspend(true)
	waitFor(t, admin, http.StatusUnauthorized)
	if err := c.invoke(t.Context(), "get-apikey", writeEvent(t, proxyEvent)); err != nil || !strings.Contains(stdout.String(), "invoke: target") {
		t.Errorf("an event that needs the key: %v %s", err, stdout)
	}
	if !strings.Contains(said(), "refuses the key") || !strings.Contains(said(), "stack of its own") {
		t.Errorf("of the refused key it says %q", said())
	}
}
