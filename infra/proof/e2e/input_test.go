package e2e

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/keyward/keyward/infra/proof/stacktest"
)

// bad is a request that must be refused with a status, a code and the name of
// the field, parameter or header at fault. An unknown resource has no such name.
type bad struct {
	method, path, body string
	header             []string
	status             int
	code, field        string
}

func create(body string) bad {
	return bad{method: http.MethodPost, path: "/v1/apikeys", body: body, status: http.StatusBadRequest, code: "INVALID_REQUEST", field: "body"}
}

func (b bad) at(field string) bad { b.field = field; return b }

func (b bad) as(status int, code string) bad { b.status, b.code = status, code; return b }

func (b bad) with(header ...string) bad { b.header = header; return b }

// Bad input gets the right status and code, names the field or header at fault,
// and writes nothing: no key and no audit record.
func TestBadInput(t *testing.T) {
	taken := admin.Create(t, "taken")
	const random = "/v1/apikeys/0f0e0d0c-0b0a-4908-8706-050403020100"
	long := strings.Repeat("é", 95) + "ab" // 192 bytes
	cases := map[string]bad{
		"malformed JSON":           create(`{"name":`),
		"not an object":            create(`["name"]`),
		"top-level null":           create(`null`),
		"trailing data":            create(`{"name":"n","permissions":[]} {}`),
		"trailing comma":           create(`{"name":"n","permissions":[],}`),
		"duplicate name":           create(`{"name":"n","name":"m","permissions":[]}`).at("name"),
		"duplicate, escaped":       create(`{"name":"n","n\u0061me":"m","permissions":[]}`).at("name"),
		"unknown name":             create(`{"name":"n","colour":"red","permissions":[]}`).at("colour"),
		"wrong case":               create(`{"Name":"n","permissions":[]}`).at("Name"),
		"name of a wrong type":     create(`{"name":7,"permissions":[]}`).at("name"),
		"name null":                create(`{"name":null,"permissions":[]}`).at("name"),
		"permissions not a list":   create(`{"name":"n","permissions":"ManageFiles"}`).at("permissions"),
		"a number as permission":   create(`{"name":"n","permissions":[7]}`).at("permissions"),
		"missing name":             create(`{"permissions":[]}`).at("name"),
		"empty name":               create(`{"name":"","permissions":[]}`).at("name"),
		"missing permissions":      create(`{"name":"n"}`).at("permissions"),
		"invalid UTF-8":            create("{\"name\":\"a\xff\",\"permissions\":[]}"),
		"lone surrogate":           create(`{"name":"a\ud800","permissions":[]}`),
		"control character":        create(`{"name":"a\u0007","permissions":[]}`).at("name"),
		"bidirectional override":   create(`{"name":"a\u202eb","permissions":[]}`).at("name"),
		"control in description":   create(`{"name":"n","description":"a\u0000","permissions":[]}`).at("description"),
		"one byte too long":        create(`{"name":"` + long + `","permissions":[]}`).at("name"),
		"beyond all years, in UTC": create(`{"name":"n","permissions":[],"expiresOn":"9999-12-31T23:59:59-14:00"}`).at("expiresOn"),
		"unknown permission":       create(`{"name":"n","permissions":["ManageFile"]}`).at("permissions"),
		"deep nesting":             create(strings.Repeat("[", 1000) + strings.Repeat("]", 1000)),
		"deep in an ignored field": create(`{"name":"n","permissions":[],"createdBy":` + strings.Repeat("[", 1000) + strings.Repeat("]", 1000) + `}`),
		"empty body":               create(""),
		"oversized body":           create(`{"name":"n","permissions":[],"createdBy":"`+strings.Repeat("x", 300<<10)+`"}`).as(http.StatusRequestEntityTooLarge, "REQUEST_TOO_LARGE"),
		"wrong media type":         create(`name=n`).with("Content-Type", "application/x-www-form-urlencoded").as(http.StatusUnsupportedMediaType, "UNSUPPORTED_MEDIA_TYPE").at("Content-Type"),
		"wrong charset":            create(`{}`).with("Content-Type", "application/json; charset=latin1").as(http.StatusUnsupportedMediaType, "UNSUPPORTED_MEDIA_TYPE").at("Content-Type"),
		"compressed body":          create(`{}`).with("Content-Encoding", "gzip").as(http.StatusUnsupportedMediaType, "UNSUPPORTED_MEDIA_TYPE").at("Content-Encoding"),
		"name that is taken":       create(`{"name":"taken","permissions":[]}`).as(http.StatusConflict, "API_KEY_NAME_TAKEN").at("name"),

		"PUT without permissions":   {method: http.MethodPut, path: "/v1/apikeys/" + taken.ID, body: `{"name":"n"}`, status: 400, code: "INVALID_REQUEST", field: "permissions"},
		"PATCH with a null name":    {method: http.MethodPatch, path: "/v1/apikeys/" + taken.ID, body: `{"name":null}`, status: 400, code: "INVALID_REQUEST", field: "name"},
		"malformed If-Match":        {method: http.MethodPatch, path: "/v1/apikeys/" + taken.ID, body: `{}`, header: []string{"If-Match", "1"}, status: 400, code: "INVALID_REQUEST", field: "If-Match"},
		"If-Match of other version": {method: http.MethodPatch, path: "/v1/apikeys/" + taken.ID, body: `{}`, header: []string{"If-Match", `"99"`}, status: 412, code: "PRECONDITION_FAILED", field: "If-Match"},
		"malformed id":              {method: http.MethodGet, path: "/v1/apikeys/not-an-id", status: 404, code: "API_KEY_NOT_FOUND"},
		"random id":                 {method: http.MethodGet, path: random, status: 404, code: "API_KEY_NOT_FOUND"},
		"unknown parameter":         {method: http.MethodGet, path: "/v1/apikeys?colour=red", status: 400, code: "INVALID_REQUEST", field: "colour"},
		"unknown, long parameter":   {method: http.MethodGet, path: "/v1/apikeys?" + strings.Repeat("a", 2000) + "=1", status: 400, code: "INVALID_REQUEST", field: strings.Repeat("a", 64) + "..."},
		"limit of 0":                {method: http.MethodGet, path: "/v1/apikeys?limit=0", status: 400, code: "INVALID_REQUEST", field: "limit"},
		"junk cursor":               {method: http.MethodGet, path: "/v1/apikeys?cursor=junk", status: 400, code: "INVALID_REQUEST", field: "cursor"},
		"no such route":             {method: http.MethodGet, path: "/v1/apikey", status: 404, code: "NOT_FOUND"},
	}
	before := snapshot(t)
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			if (c.field == "") != (c.status == http.StatusNotFound) {
				t.Fatalf("status %d with the field %q", c.status, c.field)
			}
			answer := admin.Do(t, c.method, c.path, c.body, c.header...).Want(t, c.status)
			problem := stacktest.JSON[stacktest.Problem](t, answer)
			if problem.Code != c.code || problem.Status != c.status {
				t.Errorf("problem %s", answer.Body)
			}
			if got := answer.Header.Get("Content-Type"); got != "application/problem+json" {
				t.Errorf("content type %q", got)
			}
			named := slices.ContainsFunc(problem.Errors, func(e stacktest.FieldError) bool {
				return e.Field == c.field || strings.HasPrefix(e.Field, c.field+"[") || strings.HasPrefix(e.Field, c.field+".")
			})
			if c.field != "" && !named {
				t.Errorf("%q is not named in %s", c.field, answer.Body)
			}
		})
	}
	if after := snapshot(t); after != before {
		t.Error("something was written")
	}
}

// A caller cannot grant a permission that it does not hold, and the refusal
// names the field.
func TestPermissionNotHeld(t *testing.T) {
	maker := admin.Create(t, "maker", "ManageApiKeys")
	before := snapshot(t)
	answer := admin.With(maker.APIKey).Do(t, http.MethodPost, "/v1/apikeys", `{"name":"n","permissions":["ManageFiles"]}`).Want(t, http.StatusForbidden)
	problem := stacktest.JSON[stacktest.Problem](t, answer)
	if problem.Code != "PERMISSION_NOT_HELD" || len(problem.Errors) != 1 || problem.Errors[0].Field != "permissions" {
		t.Errorf("problem %s", answer.Body)
	}
	if snapshot(t) != before {
		t.Error("something was written")
	}
}

// Another organization's key, an unknown id and a malformed id get the same
// answer, byte for byte except for the request's id.
func TestForeignKeyIsNoKey(t *testing.T) {
	foreign := secondOrganization(t)
	own := stacktest.JSON[stacktest.Key](t, foreign.Do(t, http.MethodGet, "/v1/whoami", "").Want(t, http.StatusOK))
	for _, method := range []string{http.MethodGet, http.MethodDelete} {
		var answers []string
		for _, id := range []string{own.ID, "0f0e0d0c-0b0a-4908-8706-050403020100", "not-an-id"} {
			answer := admin.Do(t, method, "/v1/apikeys/"+id, "").Want(t, http.StatusNotFound)
			answers = append(answers, requestIDs.ReplaceAllString(string(answer.Body), ""))
		}
		if answers[0] != answers[1] || answers[1] != answers[2] {
			t.Errorf("%s: %q", method, answers)
		}
	}
	foreign.Do(t, http.MethodGet, "/v1/whoami", "").Want(t, http.StatusOK)
}

// Every bad credential gets the same 401 with a challenge, byte for byte except
// for the request's id.
func TestOneAnswerForBadCredentials(t *testing.T) {
	key := strings.TrimPrefix(admin.Authorization, "Bearer ")
	deleted := admin.Create(t, "deleted")
	admin.Delete(t, deleted.ID)
	answers := map[string]bool{}
	for _, header := range []string{"", "Bearer", "Bearer x", "Basic !", "Digest " + key, "Bearer  " + key, "Bearer " + key[:len(key)-1] + "!", "Bearer " + deleted.APIKey, "Bearer " + key + "," + key} {
		answer := admin.Authorized(header).Do(t, http.MethodGet, "/v1/whoami", "").Want(t, http.StatusUnauthorized)
		if answer.Header.Get("WWW-Authenticate") == "" {
			t.Errorf("%q: no challenge", header)
		}
		answers[requestIDs.ReplaceAllString(string(answer.Body), "")] = true
	}
	if len(answers) != 1 {
		t.Errorf("%d different answers: %v", len(answers), answers)
	}
}
