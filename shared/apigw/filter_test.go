package apigw_test

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"

	"github.com/keyward/keyward/shared/apigw"
	"github.com/keyward/keyward/shared/operations"
)

// lists returns the paged listings with the parameters that the document gives
// them.
func lists(t *testing.T) map[string][]string {
	t.Helper()
	var document struct {
		Paths map[string]map[string]struct {
			OperationID string
			Parameters  []struct{ Name, In string }
		}
	}
	if err := json.Unmarshal([]byte(apigw.Document()), &document); err != nil {
		t.Fatal(err)
	}
	taken := map[string][]string{}
	for _, item := range document.Paths {
		for _, op := range item {
			if _, known := operations.Find(op.OperationID); !known || !strings.HasPrefix(op.OperationID, "list-") {
				continue
			}
			for _, parameter := range op.Parameters {
				taken[op.OperationID] = append(taken[op.OperationID], parameter.Name)
			}
		}
	}
	return taken
}

// An empty filter is refused by name at every listing. It means neither no
// filter nor one that matches nothing.
func TestEmptyFilters(t *testing.T) {
	s, tried := newStage(t), 0
	for operation, parameters := range lists(t) {
		for _, name := range parameters {
			tried++
			event := s.event(operation, "", "")
			event.QueryStringParameters = map[string]string{name: ""}
			problem := s.refused(s.call(operation, event), 400, "INVALID_REQUEST")
			if len(problem.Errors) != 1 || problem.Errors[0].Field != name || !strings.HasPrefix(problem.Errors[0].Detail, name+" must be ") {
				t.Errorf("%s?%s=: %v", operation, name, problem.Errors)
			}
		}
	}
	if tried < 18 {
		t.Errorf("%d parameters were tried", tried)
	}
}

// A filter that nothing can match is refused, and the answer says what to send.
// A name is found in any Unicode normalization.
func TestFilters(t *testing.T) {
	s := newStage(t)
	s.key("Cafe\u0301")
	s.key("Bl\u00fctenzweig")
	for query, want := range map[string]int{
		"list-apikeys name=" + url.QueryEscape("Caf\u00e9"): 1, "list-apikeys name=" + url.QueryEscape("Cafe\u0301"): 1,
		"list-apikeys name=" + url.QueryEscape("Blu\u0308tenzweig"): 1, "list-apikeys name=" + url.QueryEscape("Bl\u00fctenzweig"): 1,
		"list-apikeys name=cafe": 0, "list-apikeys createdBy=" + unknownID: 0, "list-apikeys createdBy=someone": -1,
		"list-apikeys createdBy=owner@example.com": -1, "list-apikeys createdBy=usr_11111111222243338444555555555555": -1,
		"list-audit-events actor=owner@example.com": -1, "list-audit-events actor=bootstrap": -1, "list-audit-events actor=" + unknownID: 0,
		"list-audit-events action=apikey.created": -1, "list-audit-events action=APIKEY.CREATE": -1, "list-audit-events action=apikey.create": 3,
		"list-audit-events action=apikey.create,apikey.delete": -1, "list-audit-events target=demo": 2, "list-audit-events target=1": 1,
		"list-audit-events target=owner@example.com": -1, "list-audit-events target=%20": -1, "list-audit-events keyId=1": -1,
	} {
		operation, parameters, _ := strings.Cut(query, " ")
		status, items := s.asked(operation, parameters)
		if status == 400 {
			items = -1
		}
		if items != want {
			t.Errorf("%s: %d items, want %d", query, items, want)
		}
	}
	event := s.event("list-audit-events", "", "")
	event.QueryStringParameters = map[string]string{"action": "create"}
	if told := s.refused(s.call("list-audit-events", event), 400, "INVALID_REQUEST").Errors[0].Detail; !strings.Contains(told, "apikey.create, apikey.update,") {
		t.Errorf("told %q", told)
	}
}
