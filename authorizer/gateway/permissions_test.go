package gateway

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/keyward/keyward/shared/identity"
	"github.com/keyward/keyward/shared/verify"
)

// many returns n permissions of the maximum length, with a common prefix.
func many(n int) []string {
	names := make([]string, n)
	for i := range names {
		names[i] = strings.Repeat("p", 61) + fmt.Sprintf("%03d", i)
	}
	return names
}

// most returns the decision with the longest answer, apart from its route.
func most() verify.Decision {
	i := identityOf(many(500)...)
	i.Org, i.UserID, i.KeyType = "an-organization-with-forty-characters-in", userID, "personal"
	return verify.Decision{Outcome: verify.Allowed, Template: "/" + strings.Repeat("t", 1000), Identity: i}
}

// A caller with 500 permissions of 64 characters gets an answer of less than 8
// kB from every kind of API, and the backend reads all of them from it.
func TestLongestAnswers(t *testing.T) {
	for _, name := range []string{"rest-token", "rest-request", "http-payload1", "http-policy", "http-simple", "websocket", "appsync"} {
		answer, _, err := call(t, &decider{decision: most()}, load(t, name))
		if err != nil || len(answer) >= 8<<10 {
			t.Errorf("%s: %d bytes, %v", name, len(answer), err)
		}
		var said struct{ Context, ResolverContext map[string]any }
		if err := json.Unmarshal([]byte(answer), &said); err != nil {
			t.Fatal(err)
		}
		context := said.Context
		if name == "appsync" {
			context = said.ResolverContext
		}
		caller, err := identity.From(context)
		if err != nil || caller.OrgID != "an-organization-with-forty-characters-in" || caller.KeyID != keyIDText || caller.UserID != userIDText {
			t.Errorf("%s: %+v, %v", name, caller, err)
		}
		for _, permission := range many(501) {
			if caller.Has(permission) != (permission != many(501)[500]) {
				t.Errorf("%s: %s is not told apart", name, permission)
			}
		}
	}
}

// Each set gets its own text, however many are written concurrently and in turn.
func TestCompactTextsAreTheirOwn(t *testing.T) {
	var texts compactTexts
	var wait sync.WaitGroup
	for range 4 {
		wait.Go(func() {
			for n := range 3 * len(texts.made) {
				names := many(20 + n%(2*len(texts.made)))
				if got, want := texts.text(names), string(identity.Append(nil, names)); got != want {
					t.Errorf("%d names: %.40s, want %.40s", len(names), got, want)
				}
			}
		})
	}
	wait.Wait()
}

// A recently written set costs no hash and no allocation, even as another slice
// of the same names.
func TestCompactTextsAreKept(t *testing.T) {
	var texts compactTexts
	names := many(500)
	want, again, into := texts.text(names), slices.Clone(names), make([]byte, 0, identity.MaxText)
	if n := testing.AllocsPerRun(100, func() { into = append(into[:0], texts.text(again)...) }); n != 0 || string(into) != want {
		t.Errorf("%v allocations", n)
	}
}

// Neither form adds allocations to a cached decision.
func TestPermissionsAreFree(t *testing.T) {
	into := make([]byte, 0, identity.MaxText)
	for _, n := range []int{0, 1, 15, 500} {
		names := many(n)
		appendPermissions(into, names)
		if allocated := testing.AllocsPerRun(100, func() { _ = appendPermissions(into, names) }); allocated != 0 {
			t.Errorf("%d permissions: %v allocations", n, allocated)
		}
	}
}

func BenchmarkCompactPermissions(b *testing.B) {
	into, names := make([]byte, 0, identity.MaxText), many(500)
	for b.Loop() {
		_ = appendPermissions(into, names)
	}
}
