package openapitest_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/keyward/keyward/shared/apigw/openapi/openapitest"
)

const key = `"id":"730b0bd3-c770-4501-99f8-f3adff537051","name":"a","description":"","redactedApiKey":"kw_a...b",
	"permissions":[],"createdBy":{"username":"u","userId":"i"},"lastModifiedBy":{},"createdOn":"2022-09-20T21:58:07.524Z"`

const problem = `{"type":"about:blank","title":"Bad Request","status":400,"detail":"d","code":"INVALID_REQUEST","requestId":"r"}`

func exchange(method, path, sent string, status int, media, got string) openapitest.Exchange {
	request := httptest.NewRequest(method, path, nil)
	if sent != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	header := http.Header{"Content-Type": {media}, "Etag": {`"1"`}, "Location": {"/v1/apikeys/x"}}
	return openapitest.Exchange{Request: request, RequestBody: []byte(sent), Status: status, Header: header, Body: []byte(got)}
}

const (
	plain   = "application/json"
	faulty  = "application/problem+json"
	goodNew = `{"name":"a","permissions":["P"],"id":7}`
)

// What the document describes passes, and each kind of violation is reported, so
// an end-to-end test cannot pass because this package misses something.
func TestValidate(t *testing.T) {
	for name, test := range map[string]struct {
		exchange openapitest.Exchange
		want     string // part of the error; "" for none
	}{
		"created":          {exchange("POST", "/v1/apikeys", goodNew, 201, plain, "{"+key+`,"apiKey":"kw_x"}`), ""},
		"no secret":        {exchange("POST", "/api/v1/api_keys", `{"name":"a","policy_id":"730b0bd3-c770-4501-99f8-f3adff537051"}`, 201, plain, "{"+key+"}"), "api_key"},
		"shown":            {exchange("GET", "/v1/apikeys/730b0bd3-c770-4501-99f8-f3adff537051", "", 200, plain, "{"+key+"}"), ""},
		"member missing":   {exchange("GET", "/v1/apikeys/x", "", 200, plain, `{"id":"x"}`), "response"},
		"null permissions": {exchange("GET", "/v1/apikeys/x", "", 200, plain, strings.Replace("{"+key+"}", "[]", "null", 1)), "permissions"},
		"unknown member":   {exchange("POST", "/v1/apikeys", `{"name":"a","permissions":[],"x":1}`, 201, plain, "{"+key+`,"apiKey":"k"}`), "request"},
		"name missing":     {exchange("POST", "/v1/apikeys", `{"permissions":[]}`, 201, plain, "{"+key+`,"apiKey":"k"}`), "request"},
		"cleared":          {exchange("PATCH", "/v1/apikeys/730b0bd3-c770-4501-99f8-f3adff537051", `{"description":null,"permissions":null}`, 200, plain, "{"+key+"}"), ""},
		"null name":        {exchange("PATCH", "/v1/apikeys/730b0bd3-c770-4501-99f8-f3adff537051", `{"name":null}`, 200, plain, "{"+key+"}"), "request"},
		"deleted":          {exchange("DELETE", "/v1/apikeys/730b0bd3-c770-4501-99f8-f3adff537051", "", 204, "", ""), ""},
		"body in 204":      {exchange("DELETE", "/v1/apikeys/730b0bd3-c770-4501-99f8-f3adff537051", "", 204, "", "{}"), "204"},
		"limit too large":  {exchange("GET", "/v1/apikeys?limit=101", "", 200, plain, `{"items":[]}`), "request"},
		"refused":          {exchange("POST", "/v1/apikeys", `{"x":1}`, 400, faulty, problem), ""},
		"problem as JSON":  {exchange("POST", "/v1/apikeys", `{"x":1}`, 400, plain, problem), "response"},
		"problem's code":   {exchange("POST", "/v1/apikeys", `{"x":1}`, 400, faulty, strings.Replace(problem, "code", "kode", 1)), "code"},
		"unknown status":   {exchange("GET", "/v1/apikeys", "", 418, plain, "{}"), "status"},
		"unknown route":    {exchange("GET", "/v1/files", "", 200, plain, "{}"), "no such route"},
	} {
		err := openapitest.Validate(t.Context(), test.exchange)
		if test.want == "" && err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
			t.Errorf("%s: got %v, want an error with %q", name, err, test.want)
		}
	}
}

type reply func(*http.Request) (*http.Response, error)

func (r reply) RoundTrip(request *http.Request) (*http.Response, error) { return r(request) }

// The transport passes on both bodies unchanged, reports violations, and ignores
// other APIs' routes.
func TestTransport(t *testing.T) {
	base := reply(func(request *http.Request) (*http.Response, error) {
		sent, err := io.ReadAll(request.Body)
		if err != nil || string(sent) != goodNew {
			t.Errorf("the server got %q, %v", sent, err)
		}
		return &http.Response{StatusCode: 201, Header: http.Header{"Content-Type": {plain}}, Body: io.NopCloser(strings.NewReader(`{}`))}, nil
	})
	for path, want := range map[string]bool{"/v1/apikeys": true, "/v1/files": false} {
		var told error
		client := http.Client{Transport: openapitest.Transport{Base: base, Fail: func(err error) { told = errors.Join(told, err) }}}
		response, err := client.Post("http://127.0.0.1"+path, plain, strings.NewReader(goodNew))
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(response.Body)
		_ = response.Body.Close()
		if err != nil || string(got) != "{}" || (told != nil) != want {
			t.Errorf("%s: the client got %q, %v; told %v", path, got, err, told)
		}
	}
}
