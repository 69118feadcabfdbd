package apigw_test

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/apikeytest"
	"github.com/keyward/keyward/shared/dialect/canonical"
	"github.com/keyward/keyward/shared/keytext"
	"github.com/keyward/keyward/shared/operations"
)

// signatures accepts one body, and fails with err if that is set.
type signatures struct {
	body string
	err  error
}

func (s *signatures) Check(_ context.Context, identifier, signature string, body []byte) error {
	if s.err == nil && (identifier != "id" || signature != "signature" || string(body) != s.body) {
		return apikey.InvalidError(apikey.FieldError{Field: operations.GitHubSignatureHeader, Code: apikey.FieldValue, Detail: "bad"})
	}
	return s.err
}

// scanner returns a request by a secret scanner: a stranger, with that body.
func (s *stage) scanner(path, body string) events.APIGatewayProxyRequest {
	op, _ := operations.Find("report-exposure")
	at := slices.IndexFunc(op.Routes, func(r operations.Route) bool { return r.Path == path })
	event := s.eventAt(op.Routes[at], "", body)
	event.RequestContext.Authorizer = nil
	if path == operations.GitHubExposures {
		s.api.GitHub = &signatures{body: body}
		event.Headers[operations.GitHubIdentifierHeader], event.Headers[operations.GitHubSignatureHeader] = "id", "signature"
	}
	return event
}

// exposed returns what is recorded of a key.
func (s *stage) exposed(key apikey.Minted) (disabled bool, exposure apikey.Exposure) {
	s.t.Helper()
	stored, err := s.store.Key(s.t.Context(), key.Key.ID)
	if err != nil {
		s.t.Fatal(err)
	}
	if stored.Exposure != nil {
		exposure = *stored.Exposure
	}
	return stored.Disabled, exposure
}

// unknownKey returns the text of a key that does not exist.
func unknownKey(t *testing.T) string {
	t.Helper()
	key, err := keytext.Generate("kw", apikeytest.Entropy(99))
	if err != nil {
		t.Fatal(err)
	}
	return key.Reveal()
}

// Anyone may report a key, and the answer is the same to the byte whatever it
// is. The key is disabled, and its text is in no log.
func TestReportExposure(t *testing.T) {
	s := newStage(t)
	key := s.key("CI")
	text := key.Text.Reveal()
	var answers []string
	for _, found := range []string{text, text, unknownKey(t), "junk", "", strings.Repeat("x", 10_000), text[:len(text)-1]} {
		event := s.scanner("/v1/exposures", fmt.Sprintf(`{"key":%q,"source":"pastebin","url":"https://pastebin.com/x"}`, found))
		response := s.call("report-exposure", event)
		answers = append(answers, fmt.Sprint(response.StatusCode, response.Headers, response.Body))
	}
	if compact := slices.Compact(answers); len(compact) != 1 || !strings.HasPrefix(compact[0], "202 ") {
		t.Errorf("answers %q", compact)
	}
	disabled, exposure := s.exposed(key)
	if want := (apikey.Exposure{ReportedOn: s.clock.Now(), Source: "pastebin", URL: "https://pastebin.com/x"}); !disabled || exposure != want {
		t.Errorf("disabled %t, exposure %+v", disabled, exposure)
	}
	audit := apikeytest.AuditLog(t, s.store, "demo")
	if got := fmt.Sprintf("%+v %s", audit, s.log); strings.Contains(got, text[10:]) {
		t.Error("the text of the key is recorded")
	}
	if last := audit[slices.IndexFunc(audit, func(r apikey.AuditRecord) bool { return r.Action == apikey.ActionExposeKey })]; last.Source.String() != "192.0.2.1" || last.RequestID != "request-1" {
		t.Errorf("recorded %+v", last)
	}
}

// GitHub's list is checked against the signature of the very bytes that were
// sent, also if the gateway encodes them. The answer labels every match, by its
// text alone.
func TestGitHubReports(t *testing.T) {
	for _, encoded := range []bool{false, true} {
		s := newStage(t)
		key := s.key("CI")
		found := []string{key.Text.Reveal(), unknownKey(t), "junk"}
		body := fmt.Sprintf(`[ {"token":%q,"type":"demo_key","url":"https://github.com/o/r/blob/1/a","source":"commit","later":{"a":1}},`+"\n"+
			`{"token":%q,"type":"demo_key","url":"","source":"Gist_content"},{"token":%q,"type":"demo_key","url":"x"}]`, found[0], found[1], found[2])
		event := s.scanner(operations.GitHubExposures, body)
		if encoded {
			event.Body, event.IsBase64Encoded = base64.StdEncoding.EncodeToString([]byte(body)), true
		}
		response, err := s.handler("report-exposure")(t.Context(), event)
		if err != nil || response.StatusCode != http.StatusOK {
			t.Fatalf("%d %s, %v", response.StatusCode, response.Body, err)
		}
		labels := decode[[]map[string]string](t, response.Body)
		for i, want := range []string{"true_positive", "true_positive", "false_positive"} {
			sum := sha256.Sum256([]byte(found[i]))
			if labels[i]["label"] != want || labels[i]["token_type"] != "demo_key" || labels[i]["token_hash"] != hex.EncodeToString(sum[:]) || len(labels[i]) != 3 {
				t.Errorf("label %v", labels[i])
			}
		}
		if disabled, exposure := s.exposed(key); !disabled || exposure.Source != "github commit" || exposure.URL != "https://github.com/o/r/blob/1/a" {
			t.Errorf("disabled %t, exposure %+v", disabled, exposure)
		}
	}
}

// A GitLab instance asks which types it may report, and reports keys of them.
func TestGitLabReports(t *testing.T) {
	s := newStage(t)
	key := s.key("CI")
	types := s.call("report-exposure", s.scanner(operations.GitLabTypes, ""))
	if types.StatusCode != http.StatusOK || types.Body != `{"types":["gitleaks_rule_id_keyward_api_key"]}` {
		t.Errorf("%d %s", types.StatusCode, types.Body)
	}
	body := fmt.Sprintf(`[{"type":%q,"token":%q,"location":"https://gitlab.example.com/a/b"}]`, canonical.GitLabType, key.Text.Reveal())
	response := s.call("report-exposure", s.scanner(operations.GitLabRevocation, body))
	if disabled, exposure := s.exposed(key); response.StatusCode != http.StatusNoContent || !disabled || exposure.Source != "gitlab" || exposure.URL != "https://gitlab.example.com/a/b" {
		t.Errorf("%d %s: disabled %t, exposure %+v", response.StatusCode, response.Body, disabled, exposure)
	}
}

// What is not a report, is signed wrongly or is too much is a 4xx that names the
// place, and changes nothing.
func TestBadReports(t *testing.T) {
	s := newStage(t)
	key := s.key("CI")
	element := fmt.Sprintf(`{"token":%q,"type":%q}`, key.Text.Reveal(), canonical.GitLabType)
	many := "[" + strings.Repeat(element+",", 100) + element + "]"
	body := fmt.Sprintf(`{"key":%q}`, key.Text.Reveal())
	with := func(member string) string { return strings.TrimSuffix(body, "}") + "," + member + "}" }
	for _, c := range []struct{ path, body, field string }{
		{"/v1/exposures", `{}`, "key"},
		{"/v1/exposures", `{"key":1}`, "key"},
		{"/v1/exposures", `{"key":null}`, "key"},
		{"/v1/exposures", `[` + body + `]`, "body"},
		{"/v1/exposures", with(`"Source":"x"`), "Source"},
		{"/v1/exposures", with(`"source":"GitHub"`), "source"},
		{"/v1/exposures", with(`"source":"a\u0000"`), "source"},
		{"/v1/exposures", with(`"url":"http://example.com"`), "url"},
		{"/v1/exposures", with(`"url":"https://example.com/` + strings.Repeat("a/", 600) + `"`), "url"},
		{operations.GitHubExposures, `{}`, "body"},
		{operations.GitHubExposures, `null`, "body"},
		{operations.GitHubExposures, `[` + element, "body"},
		{operations.GitHubExposures, `[` + element + `] x`, "body"},
		{operations.GitHubExposures, `[{"token":"a","token":"b"}]`, "body"},
		{operations.GitHubExposures, `[{"token":1}]`, "body"},
		{operations.GitHubExposures, many, "body"},
		{operations.GitHubExposures, "[" + strings.Repeat(element+",", 999) + element + "]", "body"},
		{operations.GitLabRevocation, many, "body"},
		{operations.GitLabRevocation, `[` + element + `,{"type":"aws","token":"x"}]`, "[1].type"},
	} {
		event := s.scanner(c.path, c.body)
		response, err := s.handler("report-exposure")(t.Context(), event)
		if err != nil {
			t.Fatal(err)
		}
		if p := s.refused(response, http.StatusBadRequest, "INVALID_REQUEST"); len(p.Errors) == 0 || p.Errors[0].Field != c.field {
			t.Errorf("%s %.60s: %s", c.path, c.body, response.Body)
		}
	}
	signed := "[" + element + "]"
	for what, spoil := range map[string]func(*events.APIGatewayProxyRequest){
		"another body": func(e *events.APIGatewayProxyRequest) { e.Body += " " },
		"no signature": func(e *events.APIGatewayProxyRequest) { delete(e.Headers, operations.GitHubSignatureHeader) },
		"two signatures": func(e *events.APIGatewayProxyRequest) {
			e.MultiValueHeaders = map[string][]string{operations.GitHubSignatureHeader: {"signature", "b"}, operations.GitHubIdentifierHeader: {"id"}, "Content-Type": {"application/json"}}
		},
	} {
		event := s.scanner(operations.GitHubExposures, signed)
		spoil(&event)
		response, _ := s.handler("report-exposure")(t.Context(), event)
		if p := s.refused(response, http.StatusBadRequest, "INVALID_REQUEST"); len(p.Errors) == 0 || p.Errors[0].Field != operations.GitHubSignatureHeader {
			t.Errorf("%s: %s", what, response.Body)
		}
	}
	if disabled, exposure := s.exposed(key); disabled || exposure != (apikey.Exposure{}) {
		t.Errorf("disabled %t, exposure %+v", disabled, exposure)
	}
}

// While GitHub's keys cannot be read, its reports get a 503 that says when to
// try again, and change nothing.
func TestGitHubKeysAreUnavailable(t *testing.T) {
	s := newStage(t)
	key := s.key("CI")
	event := s.scanner(operations.GitHubExposures, fmt.Sprintf(`[{"token":%q}]`, key.Text.Reveal()))
	s.api.GitHub = &signatures{err: &apikey.Error{Kind: apikey.Unavailable, RetryAfter: time.Minute}}
	response, err := s.handler("report-exposure")(t.Context(), event)
	if err != nil || response.StatusCode != http.StatusServiceUnavailable || response.Headers["Retry-After"] != "60" {
		t.Errorf("%d %v %s, %v", response.StatusCode, response.Headers, response.Body, err)
	}
	if disabled, _ := s.exposed(key); disabled {
		t.Error("the key is disabled")
	}
}
