package apigw_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/operations"
	"github.com/keyward/keyward/shared/permission"
)

// A paged listing shows every key once, in order, for any page size. The last
// page has no cursor.
func TestPages(t *testing.T) {
	s := newStage(t)
	want := []string{"Admin"}
	for n := range 6 {
		// Pairs of keys have the same creation time, so their ids decide the order.
		if n%2 == 0 {
			s.clock.Advance(1e6)
		}
		s.key(fmt.Sprint("key ", n))
		want = append(want, fmt.Sprint("key ", n))
	}
	for _, limit := range []string{"1", "2", "3", "7", "100", ""} {
		var names []string
		event := s.event("list-apikeys", "", "")
		event.QueryStringParameters = map[string]string{}
		if limit != "" {
			event.QueryStringParameters["limit"] = limit
		}
		for {
			page := decode[struct {
				Items      []wireKey
				NextCursor string
			}](t, s.call("list-apikeys", event).Body)
			for _, key := range page.Items {
				names = append(names, key.Name)
			}
			if page.NextCursor == "" || len(names) > len(want) {
				break
			}
			event.QueryStringParameters["cursor"] = page.NextCursor
		}
		slices.Sort(names)
		if !slices.Equal(names, want) {
			t.Errorf("limit %q listed %v", limit, names)
		}
	}
}

// Every parameter that an operation does not support is refused by name.
func TestBadQueries(t *testing.T) {
	s := newStage(t)
	id := s.admin.Key.ID.String()
	for _, test := range []struct {
		operation, id, parameter string
		values                   []string
	}{
		{"list-apikeys", "", "limit", []string{"0"}},
		{"list-apikeys", "", "limit", []string{"101"}},
		{"list-apikeys", "", "limit", []string{"-1"}},
		{"list-apikeys", "", "limit", []string{"+1"}},
		{"list-apikeys", "", "limit", []string{"01"}},
		{"list-apikeys", "", "limit", []string{"1e1"}},
		{"list-apikeys", "", "limit", []string{"99999999999999999999"}},
		{"list-apikeys", "", "limit", []string{""}},
		{"list-apikeys", "", "limit", []string{"1", "1"}},
		{"list-apikeys", "", "cursor", []string{""}},
		{"list-apikeys", "", "cursor", []string{"AAAA"}},
		{"list-apikeys", "", "Limit", []string{"1"}},
		{"list-apikeys", "", "offset", []string{"1"}},
		{"get-apikey", id, "limit", []string{"1"}},
		{"whoami", "", "", []string{"x"}},
		{"delete-apikey", id, "force", []string{"yes"}},
		{"get-apikey", id, "force", []string{"true"}},
		{"get-openapi", "", "v", []string{"2"}},
		{"list-apikeys", "", "policyId", []string{"x"}},
		{"list-apikeys", "", "onBehalfOf", []string{""}},
		{"list-apikeys", "", "state", []string{"Active"}},
		{"list-apikeys", "", "state", []string{"active", "disabled"}},
		{"list-apikeys", "", "sort", []string{"lastModifiedOn"}},
		{"list-apikeys", "", "order", []string{"descending"}},
		{"list-apikeys", "", "neverUsed", []string{"1"}},
		{"list-apikeys", "", "unusedSince", []string{"30d"}},
		{"list-apikeys", "", "expiresBefore", []string{"2030-01-02"}},
		{"list-apikeys", "", "service", []string{"Files"}},
		{"list-apikeys", "", "q", []string{""}},
		{"list-policies", "", "cursor", []string{"AAAA"}},
		{"list-policies", "", "name", []string{"x"}},
		{"list-users", "", "cursor", []string{"x"}},
		{"list-services", "", "cursor", []string{"!"}},
		{"list-services", "", "limit", []string{"0"}},
		{"list-audit-events", "", "from", []string{"yesterday"}},
		{"list-audit-events", "", "to", []string{""}},
		{"list-audit-events", "", "cursor", []string{"x"}},
		{"delete-service", "demo", "force", []string{"yes"}},
		{"delete-service", "demo", "force", []string{"1"}},
		{"delete-service", "demo", "confirm", []string{"x"}},
		{"delete-policy", id, "force", []string{""}},
		{"reveal-apikey", id, "show_key_value", []string{"true"}},
	} {
		event := s.event(test.operation, test.id, "")
		event.QueryStringParameters = map[string]string{test.parameter: test.values[len(test.values)-1]}
		event.MultiValueQueryStringParameters = map[string][]string{test.parameter: test.values}
		problem := s.refused(s.call(test.operation, event), 400, "INVALID_REQUEST")
		want := test.parameter
		if want == "" {
			want = `""`
		}
		if len(problem.Errors) != 1 || problem.Errors[0].Field != want {
			t.Errorf("%s?%s=%q: %v", test.operation, test.parameter, test.values, problem.Errors)
		}
	}
	s.nothingWritten(1)
}

// The answer shows the name of an unknown parameter, but truncated, so that it
// stays small.
func TestLongParameterName(t *testing.T) {
	s := newStage(t)
	event := s.event("whoami", "", "")
	event.QueryStringParameters = map[string]string{strings.Repeat("é", 4000): "1"}
	problem := s.refused(s.call("whoami", event), 400, "INVALID_REQUEST")
	if len(problem.Errors) != 1 || problem.Errors[0].Field != strings.Repeat("é", 32)+"..." || len(problem.Errors[0].Detail) > 500 {
		t.Errorf("%v", problem.Errors)
	}
}

// The fault of an unknown parameter names those that the operation has.
func TestUnknownParameter(t *testing.T) {
	s := newStage(t)
	for operation, want := range map[string]string{
		"list-policies": `"pageSize" is not a query parameter of this operation. It has limit, cursor.`,
		"whoami":        `"pageSize" is not a query parameter of this operation. It has none.`,
	} {
		event := s.event(operation, "", "")
		event.QueryStringParameters = map[string]string{"pageSize": "1"}
		if problem := s.refused(s.call(operation, event), 400, "INVALID_REQUEST"); len(problem.Errors) != 1 || problem.Errors[0].Detail != want {
			t.Errorf("%s: %v", operation, problem.Errors)
		}
	}
}

// If-Match allows a change exactly if it names the current version, or any. An
// invalid value is a 400 that names the header.
func TestIfMatch(t *testing.T) {
	const body = `{"name":"changed","permissions":[]}`
	for _, operation := range []string{"update-apikey", "patch-apikey", "delete-apikey"} {
		for value, want := range map[string]int{
			`"1"`: 200, `*`: 200, ` "1" `: 200, `"1", "2"`: 200, `"2","1"`: 200, `"7" , W/"1",, "a,b" ,"1",`: 200, "\t\"2\",\t\"1\"": 200,
			`"2"`: 412, `"0"`: 412, `"01"`: 412, `"-1"`: 412, `"-2"`: 412, `"-3"`: 412, `"abc"`: 412, `""`: 412, `"99999999999999999999"`: 412,
			`W/"1"`: 412, `W/"1", W/"2"`: 412, `"2", "3"`: 412, `"1,2"`: 412, `"é"`: 412,
			`1`: 400, ``: 400, `"1`: 400, `"`: 400, `**`: 400, `"1" "2"`: 400, `"1", *`: 400, `*, "1"`: 400, `w/"1"`: 400, `W/ "1"`: 400, `W/1`: 400, `,`: 400, `"1";`: 400, `"a b"`: 400, `"1", 2`: 400,
		} {
			s := newStage(t)
			id := s.key("target").Key.ID.String()
			event := s.event(operation, id, body)
			if operation == "delete-apikey" {
				event, want = s.event(operation, id, ""), map[int]int{200: 204, 400: 400, 412: 412}[want]
			}
			event.Headers["if-match"] = value
			response := s.call(operation, event)
			switch {
			case response.StatusCode != want:
				t.Errorf("%s with If-Match: %s gave %d, want %d", operation, value, response.StatusCode, want)
			case want == 412:
				if problem := s.refused(response, 412, "PRECONDITION_FAILED"); len(problem.Errors) != 1 || problem.Errors[0].Field != "If-Match" {
					t.Errorf("%s with If-Match: %s: %v", operation, value, problem.Errors)
				}
			case want == 400:
				if problem := s.refused(response, 400, "INVALID_REQUEST"); len(problem.Errors) != 1 || problem.Errors[0].Field != "If-Match" {
					t.Errorf("%s with If-Match: %s: %v", operation, value, problem.Errors)
				}
			}
			if want >= 400 {
				s.nothingWritten(2)
			}
		}
	}
}

// If-None-Match allows a change exactly if the resource does not exist, so a
// service can be created safely. No other resource is created by a change.
func TestIfNoneMatch(t *testing.T) {
	s := newStage(t)
	at := s.target()
	const body = `{"name":"Bare"}`
	put := func(header, value string) events.APIGatewayProxyResponse {
		event := s.event("put-service", "bare", body)
		event.Headers[header] = value
		return s.call("put-service", event)
	}
	for _, value := range []string{`*`, `"1"`} {
		if missing := s.refused(put("If-Match", value), 412, "PRECONDITION_FAILED"); missing.Errors[0].Field != "If-Match" {
			t.Errorf("%+v", missing)
		}
	}
	if made := put("if-none-match", "*"); made.StatusCode != 201 {
		t.Errorf("made: %d %s", made.StatusCode, made.Body)
	}
	if again := s.refused(put("if-none-match", "*"), 412, "PRECONDITION_FAILED"); len(again.Errors) != 1 || again.Errors[0].Field != "If-None-Match" {
		t.Errorf("%+v", again)
	}
	for _, value := range []string{`"1"`, `W/"1"`, ``, `**`, `*, *`} {
		if wrong := s.refused(put("If-None-Match", value), 400, "INVALID_REQUEST"); wrong.Errors[0].Field != "If-None-Match" {
			t.Errorf("%s: %+v", value, wrong)
		}
	}
	both := s.event("put-service", "bare", body)
	both.Headers["If-Match"], both.Headers["If-None-Match"] = `"1"`, "*"
	s.refused(s.call("put-service", both), 412, "PRECONDITION_FAILED")
	eachRoute(func(op operations.Operation, route operations.Route) {
		if !slices.Contains([]string{"PUT", "PATCH", "DELETE"}, route.Method) || route.Dialect != operations.Canonical {
			return
		}
		event := s.eventAt(route, map[bool]string{true: "bare", false: at.idFor(route)}[strings.Contains(op.Name, "service")], bodies(at)[route.Dialect][op.Name])
		event.Headers["If-None-Match"] = "*"
		s.refused(s.call(op.Name, event), 412, "PRECONDITION_FAILED")
	})
}

// Two If-Match headers count as one list. Methods that change nothing ignore the
// header.
func TestIfMatchElsewhere(t *testing.T) {
	s := newStage(t)
	id := s.key("target").Key.ID.String()
	twice := s.event("delete-apikey", id, "")
	twice.MultiValueHeaders = map[string][]string{"If-Match": {`"2"`, `"3"`}}
	s.refused(s.call("delete-apikey", twice), 412, "PRECONDITION_FAILED")
	read := s.event("get-apikey", id, "")
	read.Headers["If-Match"] = "x"
	if response := s.call("get-apikey", read); response.StatusCode != 200 {
		t.Errorf("get: %d", response.StatusCode)
	}
}

// A malformed id, an unknown one and one of another organization give the same
// answer, byte for byte, whether or not the caller manages keys.
func TestIDsAreNotToldApart(t *testing.T) {
	s := newStage(t)
	foreign := s.organization("other").Admin.Key.ID.String()
	plain := s.key("plain", "ViewTables").Key
	for _, operation := range []string{"get-apikey", "update-apikey", "patch-apikey", "delete-apikey"} {
		body := map[string]string{"update-apikey": `{"name":"n","permissions":[]}`, "patch-apikey": `{}`}[operation]
		for _, by := range []struct {
			key    apikey.Key
			status int
		}{{s.admin.Key, 404}, {plain, 403}} {
			var first *events.APIGatewayProxyResponse
			for _, id := range []string{unknownID, foreign, "1", "..", "%", "' or 1=1", "11111111-2222-1333-8444-555555555555", "\x00"} {
				event := s.event(operation, id, body)
				s.as(&event, by.key)
				response := s.call(operation, event)
				if first == nil {
					first = &response
				}
				if response.StatusCode != by.status || response.Body != first.Body || !maps.Equal(response.Headers, first.Headers) {
					t.Errorf("%s %q: %d %s", operation, id, response.StatusCode, response.Body)
				}
			}
		}
	}
}

// A malformed id is not looked up. The only read gets the caller's key, its
// organization and that organization's status, all at once. For another id, it
// also gets that key and its last use.
func TestMalformedIDIsNotLookedUp(t *testing.T) {
	s := newStage(t)
	manager := s.key("manager", permission.ManageAPIKeys).Key
	for id, want := range map[string]int{"x": 3, unknownID: 5} {
		event := s.event("get-apikey", id, "")
		s.as(&event, manager)
		before, waits := s.store.Asked(), s.store.Reads()
		s.refused(s.call("get-apikey", event), 404, "API_KEY_NOT_FOUND")
		if asked := s.store.Asked() - before; asked != want || s.store.Reads() != waits+1 {
			t.Errorf("%q: %d records, want %d; %d waits", id, asked, want, s.store.Reads()-waits)
		}
	}
}
