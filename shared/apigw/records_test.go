package apigw_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/permission"
)

// unrecorded is a store whose writes fail.
type unrecorded struct{ apikey.Store }

func (unrecorded) Commit(context.Context, apikey.Change) error {
	return apikey.UnavailableError("commit", errors.New("connection refused"))
}

type wireEvent struct {
	ID, At, Action, KeyID, Target, Source, RequestID string
	Actor                                            struct{ Username, UserID string }
	Before, After                                    map[string]string
}

func (s *stage) auditLog(filter ...string) []wireEvent {
	s.t.Helper()
	event := s.event("list-audit-events", "", "")
	event.QueryStringParameters = map[string]string{}
	for i := 0; i+1 < len(filter); i += 2 {
		event.QueryStringParameters[filter[i]] = filter[i+1]
	}
	response := s.call("list-audit-events", event)
	if response.StatusCode != 200 {
		s.t.Fatalf("%v: %d %s", filter, response.StatusCode, response.Body)
	}
	return decode[struct{ Items []wireEvent }](s.t, response.Body).Items
}

// The audit log shows what was done to a key, newest first: by whom, with which
// key, from where and by which request. Each filter keeps exactly what it names.
func TestAuditEvents(t *testing.T) {
	s := newStage(t)
	id := decode[wireKey](t, s.call("create-apikey", s.event("create-apikey", "", `{"name":"a","permissions":[]}`)).Body).ID
	created := s.clock.Now().UTC()
	s.clock.Advance(time.Minute)
	s.call("patch-apikey", s.event("patch-apikey", id, `{"name":"b"}`))
	log := s.auditLog("target", id)
	if len(log) != 2 || log[0].Action != "apikey.update" || log[1].Action != "apikey.create" {
		t.Fatalf("%+v", log)
	}
	update := log[0]
	if update.Actor.Username != s.owner.Email || update.Actor.UserID != s.owner.ID.String() || update.KeyID != s.admin.Key.ID.String() ||
		update.Source != "192.0.2.1" || update.RequestID != "request-1" || update.Before["name"] != "a" || update.After["name"] != "b" || log[1].Before != nil {
		t.Errorf("%+v", log)
	}
	admin := s.admin.Key.ID.String()
	if used := s.auditLog("target", id, "keyId", admin); len(used) != 2 || len(s.auditLog("keyId", id)) != 0 {
		t.Errorf("with the key that was used: %+v", used)
	}
	at := created.Add(time.Second).Format(time.RFC3339)
	for filter, want := range map[string]int{
		"action apikey.update": 1, "actor " + s.owner.ID.String(): 2, "actor " + unknownID: 0, "from " + at: 1, "to " + at: 1, "action apikey.delete": 0,
	} {
		name, value, _ := strings.Cut(filter, " ")
		if got := s.auditLog("target", id, name, value); len(got) != want {
			t.Errorf("%s shows %+v", filter, got)
		}
	}
	both := s.event("list-audit-events", "", "")
	both.QueryStringParameters = map[string]string{"target": id, "keyId": "nothing"}
	s.refused(s.call("list-audit-events", both), 400, "INVALID_REQUEST")
}

// A caller with the permission can reveal a recoverable key, and the audit log
// records it. If the record cannot be written, nothing is revealed.
func TestReveal(t *testing.T) {
	s := newStage(t)
	key := decode[wireKey](t, s.call("create-apikey", s.event("create-apikey", "", `{"name":"a","permissions":[],"recoverable":true}`)).Body)
	plain := s.key("plain").Key
	revealed := s.call("reveal-apikey", s.event("reveal-apikey", key.ID, ""))
	if revealed.StatusCode != 200 || revealed.Body != `{"id":"`+key.ID+`","apiKey":"`+key.APIKey+`"}` || revealed.Headers["Cache-Control"] != "no-store" {
		t.Errorf("%d %v", revealed.StatusCode, revealed.Headers)
	}
	if log := s.auditLog("action", "apikey.reveal"); len(log) != 1 || log[0].Target != key.ID || log[0].Actor.Username != s.owner.Email {
		t.Errorf("%+v", log)
	}
	s.refused(s.call("reveal-apikey", s.event("reveal-apikey", plain.ID.String(), "")), 409, "API_KEY_NOT_RECOVERABLE")
	s.refused(s.call("reveal-apikey", s.event("reveal-apikey", unknownID, "")), 404, "API_KEY_NOT_FOUND")
	s.refused(s.call("reveal-apikey", s.event("reveal-apikey", key.ID, `{"a":1}`)), 400, "INVALID_REQUEST")
	event := s.event("reveal-apikey", key.ID, "")
	s.as(&event, s.key("manager", permission.AdministerAPIKeys).Key)
	s.refused(s.call("reveal-apikey", event), 403, "FORBIDDEN")

	s.api.Rules.Store = unrecorded{s.store}
	if response := s.call("reveal-apikey", s.event("reveal-apikey", key.ID, "")); strings.Contains(response.Body, key.APIKey) {
		t.Error("shown without a record")
	} else {
		s.refused(response, 503, "UNAVAILABLE")
	}
}

// The organization's settings can be read. Only an OWNER can change them, with
// the right version.
func TestOrganization(t *testing.T) {
	const life = `"retentionSeconds":2592000,"onExposure":"disable","staleAfterDays":90}`
	s := newStage(t)
	shown := s.call("get-organization", s.event("get-organization", "", ""))
	if shown.Body != `{"id":"demo","name":"","keyPrefix":"kw","maxKeys":20,"keyCount":1,"recoverable":true,"maxKeyLifetimeSeconds":0,"selfService":true,`+life {
		t.Error(shown.Body)
	}
	event := s.event("update-organization", "", `{"id":"x","keyCount":9,"name":"Demo","keyPrefix":"demo","maxKeys":3,"maxKeyLifetimeSeconds":60}`)
	event.Headers["If-Match"] = shown.Headers["ETag"]
	changed := s.call("update-organization", event)
	if changed.Body != `{"id":"demo","name":"Demo","keyPrefix":"demo","maxKeys":3,"keyCount":1,"recoverable":true,"maxKeyLifetimeSeconds":60,"selfService":true,`+life {
		t.Errorf("%d %s", changed.StatusCode, changed.Body)
	}
	s.refused(s.call("update-organization", event), 412, "PRECONDITION_FAILED")
	expires := s.clock.Now().Add(30 * time.Second).UTC().Format(time.RFC3339)
	key := decode[wireKey](t, s.call("create-apikey", s.event("create-apikey", "", `{"name":"a","permissions":["AdministerApiKeys"],"expiresOn":"`+expires+`"}`)).Body)
	if !strings.HasPrefix(key.APIKey, "demo_") || key.ExpiresOn != expires {
		t.Errorf("made %s of %s", key.ExpiresOn, key.ID)
	}
	event = s.event("update-organization", "", `{"name":"x","keyPrefix":"kw","maxKeys":3}`)
	event.RequestContext.Authorizer = map[string]any{"orgId": "demo", "keyId": key.ID}
	s.refused(s.call("update-organization", event), 403, "FORBIDDEN")
}

// How deleted, leaked and unused keys are treated can be changed within bounds,
// and a change that does not name it leaves it.
func TestLifeSettings(t *testing.T) {
	s := newStage(t)
	for body, field := range map[string]string{
		`{"retentionSeconds":-1}`: "retentionSeconds", `{"retentionSeconds":31536001}`: "retentionSeconds", `{"retentionSeconds":9223372036854775807}`: "retentionSeconds",
		`{"retentionSeconds":1.5}`: "retentionSeconds", `{"retentionSeconds":null}`: "retentionSeconds",
		`{"onExposure":"Report"}`: "onExposure", `{"onExposure":""}`: "onExposure", `{"onExposure":null}`: "onExposure",
		`{"staleAfterDays":-1}`: "staleAfterDays", `{"staleAfterDays":3651}`: "staleAfterDays", `{"staleAfterDays":null}`: "staleAfterDays",
	} {
		response := s.call("patch-organization", s.event("patch-organization", "", body))
		if response.StatusCode != 400 || !strings.Contains(response.Body, `"field":"`+field+`"`) {
			t.Errorf("%s: %d %s", body, response.StatusCode, response.Body)
		}
	}
	const life = `"retentionSeconds":31536000,"onExposure":"report","staleAfterDays":3650}`
	for _, body := range []string{"{" + life, `{"name":"Demo"}`} {
		if response := s.call("patch-organization", s.event("patch-organization", "", body)); !strings.HasSuffix(response.Body, life) {
			t.Errorf("%s: %d %s", body, response.StatusCode, response.Body)
		}
	}
	put := s.call("update-organization", s.event("update-organization", "", `{"name":"Demo","keyPrefix":"kw","maxKeys":20}`))
	if !strings.HasSuffix(put.Body, life) {
		t.Errorf("PUT: %d %s", put.StatusCode, put.Body)
	}
	back := s.call("patch-organization", s.event("patch-organization", "", `{"retentionSeconds":0,"onExposure":"disable","staleAfterDays":0}`))
	if !strings.HasSuffix(back.Body, `"retentionSeconds":0,"onExposure":"disable","staleAfterDays":0}`) {
		t.Errorf("%d %s", back.StatusCode, back.Body)
	}
}

// A sweep finishes what is left and says how much it finished.
func TestSweep(t *testing.T) {
	s := newStage(t)
	if text, err := s.direct("sweep", `{"source":"aws.scheduler"}`); err != nil || text != `{"tasks":0,"keys":0}` {
		t.Errorf("%s, %v", text, err)
	}
}
