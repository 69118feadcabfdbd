package apigw_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/keyward/keyward/shared/apigw"
	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/dialect/canonical"
	"github.com/keyward/keyward/shared/uuid"
)

// do sends a request by the admin; path is "OPERATION ID". If it must be confirmed
// or forced, it is. It must succeed.
func (s *stage) do(path, body string) (id string) {
	s.t.Helper()
	name, id, _ := strings.Cut(path, " ")
	event := s.event(name, id, body)
	response := s.call(name, event)
	if response.StatusCode == http.StatusConflict {
		event.QueryStringParameters = map[string]string{"force": "true"}
		if confirm := decode[struct{ Confirm string }](s.t, response.Body).Confirm; confirm != "" {
			event.QueryStringParameters = map[string]string{"confirm": confirm}
		}
		response = s.call(name, event)
	}
	if response.StatusCode >= http.StatusBadRequest {
		s.t.Fatalf("%s: %d %s", path, response.StatusCode, response.Body)
	}
	if response.Body == "" {
		return ""
	}
	return decode[struct{ ID string }](s.t, response.Body).ID
}

// secrets does all that can happen to a key's secrets.
func (s *stage) secrets() {
	s.t.Helper()
	id := s.do("create-apikey", `{"name":"r","permissions":["ManageFiles"]}`)
	s.do("rotate-apikey "+id, `{"overlapSeconds":60}`)
	s.do("delete-previous-secret "+id, "")
	s.do("rotate-apikey "+id, `{"overlapSeconds":60,"overlapFrom":"firstUse"}`)
	rotated, err := uuid.Parse(id)
	if err != nil {
		s.t.Fatal(err)
	}
	now := s.clock.Now()
	uses := apikey.Uses{Key: rotated, Org: "demo", LastOn: now, Secrets: []apikey.SecretUse{{Generation: 3, On: now, FirstOn: now}}}
	retired := apikey.Uses{
		Key: rotated, Org: "demo", Retired: apikey.SecretUse{Generation: 2, On: s.clock.Advance(2 * time.Minute)}, RetiredFrom: netip.MustParseAddr("192.0.2.7"),
	}
	for _, err := range s.api.Rules.RecordUses(s.t.Context(), []apikey.Uses{uses, retired}) {
		if err != nil {
			s.t.Fatal(err)
		}
	}
	leaked := apikey.ExposureReport{Key: s.key("leaked", "ManageFiles").Text, Source: "pastebin"}
	if err := s.api.Rules.ReportExposures(s.t.Context(), apikey.Caller{}, leaked); err != nil {
		s.t.Fatal(err)
	}
}

// runs runs an operation that is invoked directly, which must succeed.
func (s *stage) runs(name, event string) {
	s.t.Helper()
	operation, _ := apigw.Find(s.api, name)
	if _, err := operation.(apigw.DirectHandler)(s.t.Context(), json.RawMessage(event)); err != nil {
		s.t.Fatal(err)
	}
}

// everything does all that the audit log records.
func (s *stage) everything() {
	s.t.Helper()
	key := s.do("create-apikey", `{"name":"k","permissions":["ManageFiles"],"recoverable":true}`)
	s.do("patch-apikey "+key, `{"description":"d"}`)
	s.do("patch-apikey "+key, `{"enabled":false}`)
	s.do("reveal-apikey "+key, "")
	s.do("delete-apikey "+key, "")
	s.do("restore-apikey "+key, "")
	s.do("delete-apikey "+key, "")
	s.secrets()
	policy := s.do("create-policy", `{"name":"p","permissions":["ManageFiles"]}`)
	s.do("patch-policy "+policy, `{"name":"q"}`)
	s.do("create-apikey", `{"name":"l","policyId":"`+policy+`"}`)
	s.do("delete-policy "+policy, "")
	user := s.do("create-user", `{"email":"u@example.com","name":"U","role":"MEMBER","permissions":[]}`)
	s.do("patch-user "+user, `{"name":"V"}`)
	s.do("delete-user "+user, "")
	service := func(permissions string) string {
		return `{"name":"S","permissions":[` + permissions + `],"apis":[],"routes":[]}`
	}
	s.do("put-service files", service(`{"name":"Fly","description":"d"}`))
	s.do("create-apikey", `{"name":"m","permissions":["Fly"]}`)
	s.do("put-service files", service(""))
	s.do("create-apikey", `{"name":"e","permissions":["ManageFiles"],"expiresOn":"`+s.clock.Now().Add(100*time.Hour).Format(time.RFC3339)+`"}`)
	s.do("patch-organization", `{"staleAfterDays":31}`)
	s.runs("send-notices", "")
	// A withdrawal ends when it is certain that nothing holds the permission, and a
	// deleted key is purged when the time to restore it is over.
	s.clock.Advance(31 * 24 * time.Hour)
	s.runs("sweep", "")
	s.runs("send-notices", "")
	s.do("delete-service files", "")
	s.do("patch-organization", `{"name":"Demo 2"}`)
	for _, suspended := range []string{"true", "false"} {
		s.runs("suspend-organization", `{"organization":"demo","suspended":`+suspended+`,"reason":"A drill"}`)
	}
	s.runs("rotate-pepper", `{"minimumAgeSeconds":0}`)
	s.runs("rotate-pepper", `{"retire":1,"force":100}`)
}

// The event about every kind of record that the rules write fits its schema in
// events/schemas, and no event has a key's text.
func TestEventsFitTheirSchemas(t *testing.T) {
	s := newStage(t)
	s.everything()
	var records []apikey.AuditRecord
	for _, org := range []apikey.OrgID{"demo", apikey.Deployment} {
		page, err := s.store.AuditRecords(t.Context(), org, apikey.AuditFilter{}, apikey.Position{}, 1000)
		if err != nil {
			t.Fatal(err)
		}
		records = append(records, page.Records...)
	}
	missing := map[string]bool{}
	for _, kind := range canonical.EventTypes {
		missing[kind.Type] = true
	}
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	for _, record := range records {
		event := canonical.FromAudit(record)
		delete(missing, event.Type)
		schema, err := compiler.Compile("../../events/schemas/v1/" + event.Type + ".json")
		if err != nil {
			t.Errorf("%s: %v", event.Type, err)
			continue
		}
		whole := fmt.Sprintf(`{"source":%q,"detail-type":%q,"detail":%s}`, canonical.EventSource, event.Type, event.Detail)
		document, err := jsonschema.UnmarshalJSON(strings.NewReader(whole))
		if err == nil {
			err = schema.Validate(document)
		}
		if err != nil || strings.Contains(event.Detail, s.admin.Text.Reveal()) {
			t.Errorf("%s: %v: %s", event.Type, err, whole)
		}
	}
	for kind := range missing {
		t.Errorf("no event is a %s: let everything do what it is about", kind)
	}
}
