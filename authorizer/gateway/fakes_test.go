package gateway

import (
	"context"
	"encoding/json"
	"log/slog"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/keyward/keyward/shared/uuid"
	"github.com/keyward/keyward/shared/verify"
)

// canary stands for the key in every event: it must never be logged or
// answered.
const canary = "kw_CANARY0123456789CANARY"

// decider gives a fixed answer and records its requests.
type decider struct {
	decision verify.Decision
	err      error
	panics   any

	mu    sync.Mutex
	asked []verify.Request
}

func (d *decider) Decide(ctx context.Context, r verify.Request) (verify.Decision, error) {
	if _, limited := ctx.Deadline(); !limited {
		panic("a decision has no deadline")
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	r.Authorization = slices.Clone(r.Authorization)
	d.asked = append(d.asked, r)
	if d.panics != nil {
		panic(d.panics)
	}
	return d.decision, d.err
}

var keyID = uuid.UUID{1, 2, 3, 4, 5, 6, 0x47, 8, 0x89, 10, 11, 12, 13, 14, 15, 16}

const keyIDText = "01020304-0506-4708-890a-0b0c0d0e0f10"

func allowed(template string) verify.Decision {
	return verify.Decision{Outcome: verify.Allowed, Template: template, Identity: identityOf("AccessQueries", "ManageFiles")}
}

func forbidden(code verify.Code, template string) verify.Decision {
	return verify.Decision{Outcome: verify.Forbidden, Code: code, Template: template, Identity: identityOf()}
}

func identityOf(permissions ...string) verify.Identity {
	return verify.Identity{Org: "acme", KeyID: keyID, KeyType: "service", Permissions: permissions}
}

// userID is the user of a caller with an access token.
var userID = uuid.UUID{16, 15, 14, 13, 12, 11, 0x4a, 9, 0x88, 7, 6, 5, 4, 3, 2, 1}

const userIDText = "100f0e0d-0c0b-4a09-8807-060504030201"

// allowedUser returns the answer to a good access token.
func allowedUser(template string) verify.Decision {
	return verify.Decision{Outcome: verify.Allowed, Template: template, Identity: verify.Identity{
		Org: "acme", UserID: userID, Permissions: []string{"ManageFiles"},
	}}
}

// call invokes a handler whose decider gives a fixed answer.
func call(t testing.TB, d *decider, payload []byte) (answer string, log string, err error) {
	t.Helper()
	var lines strings.Builder
	handler := New(d, slog.New(slog.NewJSONHandler(&lines, nil)))
	text, err := handler.Invoke(t.Context(), payload)
	if strings.Contains(lines.String(), "CANARY") || strings.Contains(string(text), "CANARY") {
		t.Errorf("the credential was logged or answered")
	}
	return string(text), lines.String(), err
}

// load reads an event file and puts the canary in the key's place.
func load(t testing.TB, name string) []byte {
	t.Helper()
	text, err := os.ReadFile("../../events/authorizer-" + name + ".json")
	if err != nil {
		t.Fatal(err)
	}
	return []byte(strings.ReplaceAll(string(text), "KEYWARD_API_KEY", canary))
}

// edit changes an event file at a path of names; nil removes the last name.
func edit(t testing.TB, name string, value any, path ...string) []byte {
	t.Helper()
	var event map[string]any
	if err := json.Unmarshal(load(t, name), &event); err != nil {
		t.Fatal(err)
	}
	object := event
	for _, step := range path[:len(path)-1] {
		object = object[step].(map[string]any)
	}
	object[path[len(path)-1]] = value
	text, err := json.Marshal(event)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// changed returns an event file with other members.
func changed(t testing.TB, name string, members map[string]any) []byte {
	t.Helper()
	var event map[string]any
	if err := json.Unmarshal(load(t, name), &event); err != nil {
		t.Fatal(err)
	}
	maps.Copy(event, members)
	text, err := json.Marshal(event)
	if err != nil {
		t.Fatal(err)
	}
	return text
}
