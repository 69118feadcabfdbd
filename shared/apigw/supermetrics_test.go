package apigw_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/dialect/supermetrics"
	"github.com/keyward/keyward/shared/operations"
)

type teamKeys struct {
	Data []struct {
		ID string `json:"api_key_id"`
	}
}

// The dialects without pages return all keys, even if the store has several
// pages.
func TestWholeListsSpanPages(t *testing.T) {
	s := newStage(t)
	const count = 2*apikey.MaxPage + 50
	most := count + 1
	if _, err := s.api.Rules.ChangeSettings(t.Context(), s.by(), 0, apikey.SettingsEdit{MaxKeys: &most}); err != nil {
		t.Fatal(err)
	}
	for n := range count {
		s.key(fmt.Sprint("key ", n))
	}
	listed := decode[teamKeys](t, s.call("list-apikeys", s.at(operations.Supermetrics, "list-apikeys", "", "")).Body)
	catena := decode[struct {
		Keys []struct{ ID string } `json:"api_keys"`
	}](t, s.call("list-apikeys", s.at(operations.Catena, "list-apikeys", "", "")).Body)
	different := map[string]bool{}
	for _, key := range listed.Data {
		different[key.ID] = true
	}
	if len(different) != count+1 || len(catena.Keys) != count+1 {
		t.Errorf("listed %d and %d keys, want %d", len(different), len(catena.Keys), count+1)
	}
}

// A failure, including a panic, is API_KEY_UPDATE_FAILED during an update, and
// has its usual code elsewhere. The answer never shows the cause.
func TestSupermetricsFailures(t *testing.T) {
	for name, read := range map[string]func() error{
		"outage": func() error { return apikey.UnavailableError("read the cause", errors.New("the cause")) },
		"crash":  func() error { panic("the cause") },
	} {
		s := newStage(t)
		s.broken(read)
		id := supermetrics.KeyID(s.admin.Key.ID)
		for operation, want := range map[string]string{
			"patch-apikey": "500 API_KEY_UPDATE_FAILED", "list-apikeys": map[string]string{"outage": "503 UNAVAILABLE", "crash": "500 INTERNAL"}[name],
		} {
			body, path := "", ""
			if operation == "patch-apikey" {
				body, path = `{"description":"d"}`, id
			}
			response := s.call(operation, s.at(operations.Supermetrics, operation, path, body))
			got := decode[supermetrics.ErrorAnswer](t, response.Body)
			if fmt.Sprint(response.StatusCode, " ", got.Error.Code) != want || got.Meta.RequestID != "request-1" || strings.Contains(response.Body, "the cause") {
				t.Errorf("%s, %s: %d %s, want %s", name, operation, response.StatusCode, response.Body, want)
			}
		}
	}
}

// A key's value is shown only after the audit log has recorded it, and not at
// all if that fails. A key that is not recoverable has no value and no record.
func TestSupermetricsRecordsBeforeItShows(t *testing.T) {
	s := newStage(t)
	kept := s.make(apikey.Draft{Nameless: true, Type: apikey.TypeShared, Recoverable: true})
	lost := s.make(apikey.Draft{Nameless: true, Type: apikey.TypeShared})
	ask := func(key apikey.Key) (int, string) {
		event := s.at(operations.Supermetrics, "reveal-apikey", supermetrics.KeyID(key.ID), "")
		event.QueryStringParameters = map[string]string{"show_key_value": "true"}
		response := s.call("reveal-apikey", event)
		return response.StatusCode, response.Body
	}
	if status, body := ask(lost.Key); status != http.StatusOK || !strings.Contains(body, `"key_value":null`) {
		t.Errorf("not recoverable: %d %s", status, body)
	}
	if status, body := ask(kept.Key); status != http.StatusOK || !strings.Contains(body, `"key_value":"`+kept.Text.Reveal()+`"`) {
		t.Errorf("recoverable: %d", status)
	}
	part, err := s.store.AuditRecords(t.Context(), "demo", apikey.AuditFilter{Action: apikey.ActionRevealKey}, apikey.Position{}, apikey.MaxPage)
	records := part.Records
	if err != nil || len(records) != 1 || records[0].Target != kept.Key.ID.String() || records[0].Actor.Username != s.owner.Email {
		t.Errorf("recorded %+v, %v", records, err)
	}
	s.api.Rules.Store = unrecorded{s.store}
	if status, body := ask(kept.Key); status != http.StatusServiceUnavailable || strings.Contains(body, kept.Text.Reveal()) {
		t.Errorf("without a record: %d", status)
	}
	if strings.Contains(s.log.String(), kept.Text.Reveal()) {
		t.Error("the value is in the log")
	}
}

// A key of type user without a user belongs to the caller.
func TestSupermetricsOwnKey(t *testing.T) {
	s := newStage(t)
	user := s.user("manager@example.com")
	event := s.at(operations.Supermetrics, "create-apikey", "", `{"key_type":"user","scope_names":"ViewTables"}`)
	event.RequestContext.Authorizer = map[string]any{"orgId": "demo", "keyId": "", "userId": user.ID.String()}
	response := s.call("create-apikey", event)
	got := decode[supermetrics.KeyAnswer](t, response.Body).Data
	if response.StatusCode != http.StatusCreated || got.BehalfOf == nil || got.BehalfOf.Email != user.Email || got.Type != supermetrics.TypeUser {
		t.Errorf("%d %+v", response.StatusCode, got)
	}
}
