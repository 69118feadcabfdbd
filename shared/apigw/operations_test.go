package apigw_test

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sync/errgroup"

	"github.com/keyward/keyward/shared/apigw"
	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/keytext"
	"github.com/keyward/keyward/shared/operations"
)

// Every row of the table has a handler of the right kind, and every route an
// endpoint in its dialect; there are no others.
func TestEveryOperationHasAHandler(t *testing.T) {
	s := newStage(t)
	for _, op := range operations.All() {
		if op.Pages() {
			continue // it is none of the API
		}
		handler, ok := apigw.Find(s.api, op.Name)
		_, isHTTP := handler.(apigw.Handler)
		_, isDirect := handler.(apigw.DirectHandler)
		_, isStreamed := handler.(apigw.StreamHandler)
		if !ok || isStreamed != (op.Stream != "") || isDirect != (op.Direct() && !isStreamed) || isHTTP == op.Direct() {
			t.Errorf("%s has the handler %T", op.Name, handler)
		}
		for _, dialect := range []operations.Dialect{operations.Canonical, operations.Catena, operations.Supermetrics} {
			routed := slices.ContainsFunc(op.Routes, func(r operations.Route) bool { return r.Dialect == dialect })
			switch _, served := apigw.EndpointOf(op.Name, dialect); {
			case routed && !served:
				t.Errorf("%s has no endpoint in the dialect %s: give it a row in shared/apigw, beside the others about the same thing", op.Name, dialect)
			case served && !routed:
				t.Errorf("%s has an endpoint in the dialect %s and no route: give it one in shared/operations", op.Name, dialect)
			}
		}
	}
	var inTable []string
	for _, op := range operations.All() {
		if !op.Pages() {
			inTable = append(inTable, op.Name)
		}
	}
	if names := apigw.Names(); !slices.Equal(names, slices.Sorted(slices.Values(inTable))) {
		t.Errorf("handlers for %v, operations %v", names, inTable)
	}
	if handler, ok := apigw.Find(s.api, "authorizer"); ok {
		t.Errorf("the authorizer has the handler %T", handler)
	}
}

type wireKey struct {
	ID, Name, Description, APIKey, RedactedAPIKey, CreatedOn, LastModifiedOn string
	Type, PolicyID, PolicyName, OnBehalfOf, OnBehalfOfEmail, ExpiresOn       string
	Permissions                                                              []string
	CreatedBy                                                                map[string]string
	LastModifiedBy                                                           map[string]string
}

// A key created over HTTP shows its text once and names the person who created
// it. After its deletion it looks like one that never existed.
func TestLifeOfAKey(t *testing.T) {
	s := newStage(t)
	created := s.call("create-apikey", s.event("create-apikey", "",
		`{"name":"CI","description":"Build <&> deploy","permissions":["ViewTables","ManageFiles","ViewTables"]}`))
	key := decode[wireKey](t, created.Body)
	text, err := keytext.Parse(key.APIKey)
	if err != nil || text.Redacted() != key.RedactedAPIKey || text.ID().String() != key.ID {
		t.Errorf("created %v", key.ID)
	}
	if created.StatusCode != 201 || created.Headers["ETag"] != `"1"` || created.Headers["Location"] != "/v1/apikeys/"+key.ID {
		t.Errorf("%d %v", created.StatusCode, created.Headers)
	}
	actor := map[string]string{"username": s.owner.Email, "userId": s.owner.ID.String()}
	if !maps.Equal(key.CreatedBy, actor) || len(key.LastModifiedBy) != 0 || key.LastModifiedOn != "" || key.CreatedOn != "2026-01-02T03:04:05.678Z" {
		t.Errorf("created by %v on %s, modified by %v on %s", key.CreatedBy, key.CreatedOn, key.LastModifiedBy, key.LastModifiedOn)
	}
	if !slices.Equal(key.Permissions, []string{"ManageFiles", "ViewTables"}) {
		t.Errorf("permissions %v", key.Permissions)
	}

	shown := s.call("get-apikey", s.event("get-apikey", key.ID, ""))
	listed := s.call("list-apikeys", s.event("list-apikeys", "", ""))
	for _, answer := range []string{shown.Body, listed.Body} {
		if strings.Contains(answer, `"apiKey"`) || strings.Contains(answer, key.APIKey) || !strings.Contains(answer, `"Build <&> deploy"`) {
			t.Errorf("shown as %s", answer)
		}
	}

	s.clock.Advance(22e6)
	replaced := s.call("update-apikey", s.event("update-apikey", key.ID, `{"name":"CI 2","permissions":[],"redactedApiKey":null}`))
	after := decode[wireKey](t, replaced.Body)
	if after.Name != "CI 2" || after.Description != "" || after.Permissions == nil || len(after.Permissions) != 0 ||
		after.LastModifiedOn != "2026-01-02T03:04:05.7Z" || !maps.Equal(after.LastModifiedBy, actor) || replaced.Headers["ETag"] != `"2"` {
		t.Errorf("replaced by %s", replaced.Body)
	}

	if deleted := s.call("delete-apikey", s.event("delete-apikey", key.ID, "")); deleted.StatusCode != 204 || deleted.Body != "" || deleted.Headers["Content-Type"] != "" {
		t.Errorf("deleted: %d %q", deleted.StatusCode, deleted.Body)
	}
	s.refused(s.call("get-apikey", s.event("get-apikey", key.ID, "")), 404, "API_KEY_NOT_FOUND")
}

// PATCH keeps what is absent and clears what is null.
func TestPatch(t *testing.T) {
	s := newStage(t)
	id := s.key("CI", "ViewTables").Key.ID.String()
	for body, want := range map[string]string{
		`{}`:                    "CI||ViewTables",
		`{"description":"d"}`:   "CI|d|ViewTables",
		`{"description":null}`:  "CI||ViewTables",
		`{"name":"CD"}`:         "CD||ViewTables",
		`{"permissions":[]}`:    "CI||",
		`{"permissions":null}`:  "CI||",
		`{"lastModifiedOn":[]}`: "CI||ViewTables",
	} {
		s.call("update-apikey", s.event("update-apikey", id, `{"name":"CI","permissions":["ViewTables"]}`))
		response := s.call("patch-apikey", s.event("patch-apikey", id, body))
		key := decode[wireKey](t, response.Body)
		if got := key.Name + "|" + key.Description + "|" + strings.Join(key.Permissions, ","); got != want || response.StatusCode != 200 {
			t.Errorf("%s gave %d %s, want %s", body, response.StatusCode, got, want)
		}
	}
	s.refused(s.call("patch-apikey", s.event("patch-apikey", id, `{"name":null}`)), 400, "INVALID_REQUEST")
}

// The catalogue and the document can be read.
func TestReading(t *testing.T) {
	s := newStage(t)
	catalogue := s.call("list-permissions", s.event("list-permissions", "", ""))
	if want := `{"name":"ViewTables","description":"Read tables","service":"demo"}`; !strings.Contains(catalogue.Body, want) {
		t.Errorf("catalogue %s", catalogue.Body)
	}
	anonymous := s.event("get-openapi", "", "")
	anonymous.RequestContext.Authorizer = nil
	if response := s.call("get-openapi", anonymous); response.StatusCode != http.StatusOK || response.Body != apigw.Document() {
		t.Errorf("openapi: %d", response.StatusCode)
	}
}

// Callers learn who they are and what they may do now: a service key, a personal
// key, and a person with an access token and no key.
func TestWhoAmI(t *testing.T) {
	s := newStage(t)
	user := s.user("uma@example.com")
	personal := s.make(apikey.Draft{Name: "mine", Type: apikey.TypePersonal, OnBehalfOf: user.ID}).Key
	plain := s.key("plain", "ViewTables").Key
	for name, test := range map[string]struct {
		authorizer            map[string]any
		key, email, effective string
	}{
		"service":  {map[string]any{"orgId": "demo", "keyId": plain.ID.String()}, plain.ID.String(), "", "ViewTables"},
		"personal": {map[string]any{"orgId": "demo", "keyId": personal.ID.String(), "userId": user.ID.String()}, personal.ID.String(), user.Email, "ManageApiKeys ViewTables"},
		"token":    {map[string]any{"orgId": "demo", "keyId": "", "userId": user.ID.String()}, "", user.Email, "ManageApiKeys ViewTables"},
	} {
		event := s.event("whoami", "", "")
		event.RequestContext.Authorizer = test.authorizer
		response := s.call("whoami", event)
		who := decode[struct {
			ID, OrgID   string
			Permissions []string
			User        struct{ ID, Email, Name, Role string }
		}](t, response.Body)
		if who.ID != test.key || who.OrgID != "demo" || who.User.Email != test.email || strings.Join(who.Permissions, " ") != test.effective {
			t.Errorf("%s: %s", name, response.Body)
		}
		if _, tagged := response.Headers["ETag"]; tagged != (test.key != "") || strings.Contains(response.Body, `"apiKey"`) {
			t.Errorf("%s: %v %s", name, response.Headers, response.Body)
		}
	}
}

// One handler serves many requests at once, as managed instances send them,
// without mixing them up.
func TestConcurrentRequests(t *testing.T) {
	s := newStage(t)
	handler, _ := apigw.Find(s.api, "create-apikey")
	var group errgroup.Group
	for n := range 15 {
		event := s.event("create-apikey", "", fmt.Sprintf(`{"name":"key %d","permissions":[]}`, n))
		group.Go(func() error {
			response, err := handler.(apigw.Handler)(t.Context(), event)
			if err == nil && !strings.Contains(response.Body, fmt.Sprintf(`"name":"key %d"`, n)) {
				err = errors.New(response.Body)
			}
			return err
		})
	}
	if err := group.Wait(); err != nil {
		t.Error(err)
	}
	s.nothingWritten(16)
}

// The answer of GET /v1/whoami can be sent back: members that only Keyward
// writes are ignored.
func TestWhoAmICanBeSentBack(t *testing.T) {
	s := newStage(t)
	event := s.event("whoami", "", "")
	shown := s.call("whoami", event).Body
	for _, operation := range []string{"update-apikey", "patch-apikey"} {
		if response := s.call(operation, s.event(operation, s.admin.Key.ID.String(), shown)); response.StatusCode != 200 {
			t.Errorf("%s: %d %s", operation, response.StatusCode, response.Body)
		}
	}
}
