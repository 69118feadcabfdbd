package client_test

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/keyward/keyward/shared/client"
)

// pages answers with pages of keys by cursor.
func pages(byCursor map[string]string) *server {
	return answers(func(r *http.Request) (*http.Response, error) {
		return says(200, byCursor[r.URL.Query().Get("cursor")])(r)
	})
}

// All gives the items of all pages in order, empty pages too, and asks for a page
// only when it is needed. A second iteration starts again.
func TestAll(t *testing.T) {
	s := pages(map[string]string{
		"":  `{"items": [{"id": "1"}, {"id": "2"}], "nextCursor": "a"}`,
		"a": `{"items": [], "nextCursor": "b", "damaged": 1}`,
		"b": `{"items": [{"id": "3"}]}`,
	})
	keys := newClient(t, s).Keys.All(t.Context(), &client.ListKeysParams{Q: "x"})
	for range 2 {
		var ids []string
		for key, err := range keys {
			if err != nil {
				t.Fatal(err)
			}
			ids = append(ids, key.ID)
		}
		if !slices.Equal(ids, []string{"1", "2", "3"}) {
			t.Errorf("%v", ids)
		}
	}
	if len(s.requests) != 6 || s.requests[2].URL.Query().Get("q") != "x" {
		t.Errorf("%d requests", len(s.requests))
	}
	for _, err := range keys {
		if err != nil {
			t.Error(err)
		}
		break
	}
	if len(s.requests) != 7 {
		t.Errorf("%d requests, one for an iteration that ends at once", len(s.requests)-6)
	}
}

// All ends with the first error, and with one for a list that has no end.
func TestAllEnds(t *testing.T) {
	for name, c := range map[string]struct {
		s        *server
		items    int
		requests int
	}{
		"an error":          {answers(says(200, `{"items": [{"id": "1"}], "nextCursor": "a"}`), refuses(403, "FORBIDDEN")), 1, 2},
		"a cursor again":    {pages(map[string]string{"": `{"items": [{"id": "1"}], "nextCursor": "a"}`, "a": `{"items": [{"id": "1"}], "nextCursor": "a"}`}), 2, 2},
		"a circle":          {pages(map[string]string{"": `{"items": [], "nextCursor": "a"}`, "a": `{"items": [], "nextCursor": "b"}`, "b": `{"items": [], "nextCursor": "a"}`}), 0, 3},
		"from a cursor, it": {pages(map[string]string{"": `{"items": [], "nextCursor": ""}`}), 0, 1},
	} {
		items, failures := 0, 0
		for _, err := range newClient(t, c.s).Keys.All(t.Context(), nil) {
			if err != nil {
				failures++
			} else {
				items++
			}
		}
		if want := min(1, c.requests-1); items != c.items || failures != want || len(c.s.requests) != c.requests {
			t.Errorf("%s: %d items, %d errors, %d requests", name, items, failures, len(c.s.requests))
		}
	}
}

// A list's answers are in the order of the questions, and a wrong number of them is
// an error.
func TestVerifyAll(t *testing.T) {
	s := answers(says(200, `{"valid": false, "ttlSeconds": 0, "results": [{"valid": true, "ttlSeconds": 5, "keyId": "k"}, {"valid": false, "code": "KEY_UNKNOWN", "ttlSeconds": 0}]}`))
	c := newClient(t, s)
	keys := []client.Secret{client.NewSecret("a"), client.NewSecret("b")}
	results, err := c.VerifyAll(t.Context(), keys, client.Question{Permission: "P"})
	if err != nil || !results[0].Valid || results[1].Code != "KEY_UNKNOWN" || s.bodies[0] != `{"keys":["a","b"],"permission":"P"}` {
		t.Errorf("%+v, %v, %s", results, err, s.bodies[0])
	}
	if _, err := c.VerifyAll(t.Context(), keys[:1], client.Question{}); err == nil {
		t.Error("two answers to one question")
	}
	asked := len(s.requests)
	for _, wrong := range [][]client.Secret{nil, make([]client.Secret, client.MaxKeys+1), {client.NewSecret("Bearer kw_x")}, {client.NewSecret("kw_x\n")}} {
		if _, err := c.VerifyAll(t.Context(), wrong, client.Question{}); err == nil || strings.Contains(err.Error(), "kw_x") {
			t.Errorf("%d keys: %v", len(wrong), err)
		}
	}
	if _, err := c.Verify(t.Context(), client.NewSecret("kw_ x"), client.Question{}); err == nil || len(s.requests) != asked {
		t.Errorf("a key with a space: %v, %d requests", err, len(s.requests)-asked)
	}
	if _, err := newClient(t, answers(says(200, `{}`))).Verify(t.Context(), keys[0], client.Question{}); err == nil || errors.Is(err, client.ErrUnauthenticated) {
		t.Errorf("an answer without a decision: %v", err)
	}
}
