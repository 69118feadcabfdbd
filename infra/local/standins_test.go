package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/keyward/keyward/infra/local/client"
)

// full accepts creations until it is full, and deletions of what still exists.
// It records the deletions.
func full(t *testing.T, room int) (admin client.Client, deleted *[]string) {
	t.Helper()
	deleted = &[]string{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.Method == http.MethodDelete && strings.HasSuffix(r.URL.Path, "/1"):
			w.WriteHeader(http.StatusNotFound)
		case r.Method == http.MethodDelete:
			*deleted = append(*deleted, r.URL.Path)
			w.WriteHeader(http.StatusNoContent)
		case room == 0:
			w.WriteHeader(http.StatusForbidden)
			_, _ = fmt.Fprint(w, `{"detail":"No room.","errors":[{"detail":"Not here."}]}`)
		default:
			_, _ = fmt.Fprintf(w, `{"id":"%d","apiKey":"k"}`, room)
			room--
		}
	}))
	t.Cleanup(server.Close)
	return client.New(server.URL, "key"), deleted
}

// If some resources for an event cannot be created, the others are deleted
// again, and the error gives the service's reason. It is no fault if one is
// already gone.
func TestRemoveAfterFailure(t *testing.T) {
	admin, deleted := full(t, 2)
	_, made, err := fillPlaceholders(t.Context(), admin, "KEYWARD_API_KEY KEYWARD_TARGET_ID KEYWARD_TARGET_POLICY_ID")
	if err == nil || !strings.HasSuffix(err.Error(), "403 Forbidden: No room. Not here.") {
		t.Errorf("error %v", err)
	}
	c, _ := testCommand(t)
	c.remove(t.Context(), admin, made)
	if !slices.Equal(*deleted, []string{"/v1/apikeys/2"}) || fmt.Sprint(c.stderr) != "" {
		t.Errorf("made %q, deleted %q, said %q", made, *deleted, c.stderr)
	}
}

// A failed deletion is reported.
func TestWhatIsLeftIsTold(t *testing.T) {
	c, _ := testCommand(t)
	c.remove(t.Context(), client.New("http://127.0.0.1:1", "key"), []string{"/v1/policies/a"})
	if text := fmt.Sprint(c.stderr); !strings.Contains(text, "is left") || strings.Count(text, "\n") != 1 {
		t.Errorf("said %q", text)
	}
}

// The message distinguishes a stack that does not answer from one that refuses
// the key.
func TestWhyAStackIsOfNoUse(t *testing.T) {
	admin, _ := full(t, 0)
	if err := admin.Answers(t.Context()); err == nil || !strings.Contains(why(admin.URL, err), "refuses the key") {
		t.Errorf("refused: %v", err)
	}
	if err := client.New("http://127.0.0.1:1", "key").Answers(t.Context()); err == nil || !strings.Contains(why("url", err), "nothing answers") {
		t.Errorf("absent: %v", err)
	}
}
