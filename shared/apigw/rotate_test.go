package apigw_test

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/dialect/canonical"
	"github.com/keyward/keyward/shared/keytext"
	"github.com/keyward/keyward/shared/uuid"
)

// rotatedKey is the part of a key's answer that is about its secrets.
type rotatedKey struct {
	ID, APIKey, RedactedAPIKey string
	Secrets                    []struct {
		Start, Redacted, CreatedOn, EndsOn string
		OverlapSeconds                     *int
	}
}

// The answer to a rotation shows the whole key once, with its secrets; later
// answers show when each secret was made and ends, and a key that was never
// rotated shows none. Without a body, the previous secret ends at once.
func TestRotateAnswers(t *testing.T) {
	s := newStage(t)
	made := s.key("CI", "ViewTables")
	id := made.Key.ID.String()
	if plain := s.call("get-apikey", s.event("get-apikey", id, "")).Body; strings.Contains(plain, "secrets") {
		t.Errorf("before the rotation: %s", plain)
	}
	s.clock.Advance(time.Hour)
	answer := s.call("rotate-apikey", s.event("rotate-apikey", id, `{"overlapSeconds":60,"overlapFrom":"firstUse"}`))
	key := decode[rotatedKey](t, answer.Body)
	text, err := keytext.Parse(key.APIKey)
	if answer.StatusCode != 200 || answer.Headers["ETag"] != `"2"` || err != nil || key.ID != id || text.Redacted() != key.RedactedAPIKey || key.RedactedAPIKey == made.Key.Redacted {
		t.Fatalf("%d %v %s", answer.StatusCode, answer.Headers, answer.Body)
	}
	shown := s.call("get-apikey", s.event("get-apikey", id, "")).Body
	if later := decode[rotatedKey](t, shown); strings.Contains(shown, key.APIKey) || later.APIKey != "" || fmt.Sprint(len(later.Secrets)) != "2" {
		t.Errorf("shown %s", shown)
	}
	now, old := key.Secrets[0], key.Secrets[1]
	if now.Redacted != key.RedactedAPIKey || now.Start != text.Start() || now.CreatedOn != "2026-01-02T04:04:05.678Z" || now.EndsOn != "" || now.OverlapSeconds != nil {
		t.Errorf("current %+v", now)
	}
	if old.Redacted != made.Key.Redacted || old.CreatedOn != "2026-01-02T03:04:05.678Z" || old.EndsOn != "2026-02-01T04:04:05.678Z" || *old.OverlapSeconds != 60 {
		t.Errorf("previous %+v", old)
	}
	if ended := s.call("delete-previous-secret", s.event("delete-previous-secret", id, "")); ended.StatusCode != 204 || ended.Body != "" {
		t.Errorf("ended: %d %s", ended.StatusCode, ended.Body)
	}
	s.refused(s.call("delete-previous-secret", s.event("delete-previous-secret", id, "")), 404, "PREVIOUS_SECRET_NOT_FOUND")
	again := s.call("rotate-apikey", s.event("rotate-apikey", id, ""))
	third := decode[rotatedKey](t, again.Body)
	if again.StatusCode != 200 || len(third.Secrets) != 3 || third.Secrets[1].EndsOn != third.Secrets[0].CreatedOn || third.Secrets[1].OverlapSeconds != nil {
		t.Errorf("%d %s", again.StatusCode, again.Body)
	}
	// What was shown can be sent back.
	whole := s.call("get-apikey", s.event("get-apikey", id, ""))
	if put := s.call("update-apikey", s.event("update-apikey", id, whole.Body)); put.StatusCode != 200 || put.Body != whole.Body {
		t.Errorf("put: %d %s", put.StatusCode, put.Body)
	}
}

// A rotated key and the list show when and from where each secret was last used;
// an answer that changes the key does not.
func TestSecretsShowTheirLastUse(t *testing.T) {
	s := newStage(t)
	id := s.key("CI", "ViewTables").Key.ID
	if _, err := s.api.Rules.Rotate(t.Context(), s.by(), id, 0, apikey.Rotation{Overlap: time.Hour}); err != nil {
		t.Fatal(err)
	}
	old, now := s.clock.Now().Add(-time.Minute), s.clock.Now()
	uses := apikey.Uses{Key: id, Org: "demo", LastOn: now, LastFrom: netip.MustParseAddr("192.0.2.2"), Secrets: []apikey.SecretUse{
		{Generation: 2, On: now, From: netip.MustParseAddr("192.0.2.2"), FirstOn: now}, {Generation: 1, On: old, From: netip.MustParseAddr("2001:db8::1"), FirstOn: old},
	}}
	if err := s.api.Rules.RecordUses(t.Context(), []apikey.Uses{uses})[0]; err != nil {
		t.Fatal(err)
	}
	listed := decode[canonical.APIKeyList](t, s.call("list-apikeys", s.event("list-apikeys", "", "")).Body).Items
	at := slices.IndexFunc(listed, func(k canonical.APIKey) bool { return k.ID == id.String() })
	for _, key := range []canonical.APIKey{decode[canonical.APIKey](t, s.call("get-apikey", s.event("get-apikey", id.String(), "")).Body), listed[at]} {
		if got := key.Secrets[0]; got.LastUsedOn != canonical.Time(now) || got.LastUsedFrom != "192.0.2.2" {
			t.Errorf("current %+v", got)
		}
		if got := key.Secrets[1]; got.LastUsedOn != canonical.Time(old) || got.LastUsedFrom != "2001:db8::1" {
			t.Errorf("previous %+v", got)
		}
	}
	if patched := s.call("patch-apikey", s.event("patch-apikey", id.String(), `{"description":"d"}`)); strings.Contains(patched.Body, "lastUsed") {
		t.Errorf("patched: %s", patched.Body)
	}
}

// Bad input is a clear refusal, and changes nothing.
func TestRotateBadInput(t *testing.T) {
	s := newStage(t)
	plain := s.key("plain", "ViewTables").Key.ID
	short := s.make(apikey.Draft{Name: "short", ExpiresOn: s.clock.Now().Add(time.Hour)}).Key.ID
	disabled := s.make(apikey.Draft{Name: "disabled", Disabled: true}).Key.ID
	expired := s.make(apikey.Draft{Name: "expired", ExpiresOn: s.clock.Now().Add(time.Minute)}).Key.ID
	overlapping := s.key("overlapping").Key.ID
	if _, err := s.api.Rules.Rotate(t.Context(), s.by(), overlapping, 0, apikey.Rotation{Overlap: time.Hour}); err != nil {
		t.Fatal(err)
	}
	deleted := s.key("deleted").Key.ID
	if err := s.api.Rules.Delete(t.Context(), s.by(), deleted, 0); err != nil {
		t.Fatal(err)
	}
	s.clock.Advance(time.Minute)
	for _, c := range []struct {
		id     uuid.UUID
		body   string
		status int
		code   string
		field  string
		says   string
	}{
		{plain, `{"overlapSeconds":2592001}`, 400, "INVALID_REQUEST", "overlapSeconds", "2592000"},
		{plain, `{"overlapSeconds":9223372036854775807}`, 400, "INVALID_REQUEST", "overlapSeconds", "2592000"},
		{plain, `{"overlapSeconds":1e300}`, 400, "INVALID_REQUEST", "overlapSeconds", ""},
		{plain, `{"overlapSeconds":-1}`, 400, "INVALID_REQUEST", "overlapSeconds", "0"},
		{plain, `{"overlapSeconds":1.5}`, 400, "INVALID_REQUEST", "overlapSeconds", "whole"},
		{plain, `{"overlapSeconds":"60"}`, 400, "INVALID_REQUEST", "overlapSeconds", "whole"},
		{plain, `{"overlapFrom":"firstuse"}`, 400, "INVALID_REQUEST", "overlapFrom", "firstUse"},
		{plain, `{"overlapFrom":""}`, 400, "INVALID_REQUEST", "overlapFrom", "firstUse"},
		{plain, `{"OverlapSeconds":1}`, 400, "INVALID_REQUEST", "OverlapSeconds", ""},
		{plain, `{"overlapSeconds":1,"overlapSeconds":2}`, 400, "INVALID_REQUEST", "overlapSeconds", ""},
		{plain, `[]`, 400, "INVALID_REQUEST", "", ""},
		{short, `{"overlapSeconds":3600}`, 400, "INVALID_REQUEST", "overlapSeconds", "to 3539, because the API key expires on"},
		{disabled, `{}`, 409, "API_KEY_NOT_ROTATABLE", "", "Enable it"},
		{expired, `{}`, 409, "API_KEY_NOT_ROTATABLE", "", "expired"},
		{overlapping, `{}`, 409, "PREVIOUS_SECRET_LIVE", "", "DELETE"},
		{deleted, `{}`, 404, "API_KEY_NOT_FOUND", "", ""},
	} {
		before, _ := json.Marshal(s.call("get-apikey", s.event("get-apikey", c.id.String(), "")))
		response := s.call("rotate-apikey", s.event("rotate-apikey", c.id.String(), c.body))
		s.refused(response, c.status, c.code)
		told := decode[canonical.Problem](t, response.Body)
		if c.field != "" && (len(told.Errors) != 1 || told.Errors[0].Field != c.field) || !strings.Contains(response.Body, c.says) {
			t.Errorf("%s: %s", c.body, response.Body)
		}
		if after, _ := json.Marshal(s.call("get-apikey", s.event("get-apikey", c.id.String(), ""))); string(after) != string(before) {
			t.Errorf("%s changed %s into %s", c.body, before, after)
		}
	}
}

// Rotations honor If-Match like other changes.
func TestRotateIfMatch(t *testing.T) {
	s := newStage(t)
	id := s.key("CI").Key.ID.String()
	for _, c := range []struct {
		tag    string
		status int
	}{{`"2"`, 412}, {`W/"1"`, 412}, {`1`, 400}, {`"1"`, 200}, {`"1"`, 412}, {`"1", "2"`, 200}, {`*`, 200}} {
		event := s.event("rotate-apikey", id, `{}`)
		event.Headers["If-Match"] = c.tag
		if response := s.call("rotate-apikey", event); response.StatusCode != c.status {
			t.Errorf("%s: %d %s", c.tag, response.StatusCode, response.Body)
		}
	}
	s.changed("patch-apikey", id, `{"name":"n"}`)
	if _, err := s.api.Rules.Rotate(t.Context(), s.by(), mustID(t, id), 0, apikey.Rotation{Overlap: time.Hour}); err != nil {
		t.Fatal(err)
	}
	event := s.event("delete-previous-secret", id, "")
	event.Headers["If-Match"] = `"1"`
	s.refused(s.call("delete-previous-secret", event), 412, "PRECONDITION_FAILED")
}

func mustID(t *testing.T, text string) uuid.UUID {
	t.Helper()
	id, err := uuid.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// The authorizer says which secret the caller used. One that has ended since is
// refused, and so is a text that is no number.
func TestCallerWithAnEndedSecret(t *testing.T) {
	s := newStage(t)
	key := s.key("self", "SelfRotate").Key
	for _, c := range []struct {
		generation any
		status     int
	}{{nil, 200}, {"1", 401}, {nil, 401}, {"", 401}, {"2x", 401}, {"3", 401}, {"2", 200}, {"2", 401}, {"3", 200}} {
		event := s.event("rotate-apikey", key.ID.String(), "")
		s.as(&event, key)
		if c.generation != nil {
			event.RequestContext.Authorizer["keyGeneration"] = c.generation
		}
		if response := s.call("rotate-apikey", event); response.StatusCode != c.status {
			t.Errorf("%v: %d %s", c.generation, response.StatusCode, response.Body)
		}
	}
}
