package gateway

import (
	"strings"
	"testing"
)

// An ARN is split at its slashes, and only an API method's ARN is accepted.
func TestParseARN(t *testing.T) {
	const prefix = "arn:aws:execute-api:us-east-1:123456789012:"
	for text, want := range map[string]methodARN{
		prefix + "abc/prod/GET/a/b":      {stage: prefix + "abc/prod", method: "GET", path: "/a/b"},
		prefix + "abc/prod/GET/":         {stage: prefix + "abc/prod", method: "GET", path: "/"},
		prefix + "abc/prod/GET":          {stage: prefix + "abc/prod", method: "GET", path: "/"},
		prefix + "abc/$default/PUT/a:b/": {stage: prefix + "abc/$default", method: "PUT", path: "/a:b/"},
		prefix + "abc/prod/GET//a":       {stage: prefix + "abc/prod", method: "GET", path: "//a"},
	} {
		got, err := parseARN(text)
		want.api.Account, want.api.ID, want.api.Region = "123456789012", "abc", "us-east-1"
		want.api.Stage = want.stage[strings.LastIndex(want.stage, "/")+1:]
		if err != nil || got != want {
			t.Errorf("%s: %+v, %v", text, got, err)
		}
	}
	for _, text := range []string{
		"", "arn", "arn:aws:lambda:us-east-1:123456789012:function:f", prefix, prefix + "abc", prefix + "abc/prod",
		prefix + "*/prod/GET/a", prefix + "abc/*/GET/a", prefix + "abc/?/GET/a", prefix + "abc//GET/a", prefix + "/prod/GET/a",
		"arn:aws:execute-api:*:123456789012:abc/prod/GET/a", "arn:*:execute-api:us-east-1:123456789012:abc/prod/GET/a",
		"arn:aws:execute-api:us-east-1:*:abc/prod/GET/a", "arn:aws:execute-api:us-east-1:12345678901:abc/prod/GET/a",
		"arn:aws:execute-api::123456789012:abc/prod/GET/a", prefix + "abc/$other/GET/a", prefix + "abc/${x}/GET/a",
	} {
		if got, err := parseARN(text); err == nil {
			t.Errorf("%q was accepted: %+v", text, got)
		}
	}
}

// A TOKEN event with a method that API Gateway does not have is a failure.
func TestTokenMethod(t *testing.T) {
	arn := "arn:aws:execute-api:us-east-1:123456789012:demo/v1/*/v1/files"
	if _, _, err := new(event).read(edit(t, "rest-token", arn, "methodArn"), false); err == nil {
		t.Error("a wildcard for a method was accepted")
	}
}

// FuzzARN checks that a policy's resource contains only the stage, a known
// method and the template, and no character of the path, for any ARN in the
// event.
func FuzzARN(f *testing.F) {
	f.Add("arn:aws:execute-api:us-east-1:123456789012:demo/v1/POST/v1/files")
	f.Add("arn:aws:execute-api:us-east-1:123456789012:*/*/*/*")
	f.Add("arn:aws:execute-api:us-east-1:123456789012:demo/$default/GET//*")
	f.Fuzz(func(t *testing.T, text string) {
		arn, err := parseARN(text)
		if err != nil {
			return
		}
		if strings.ContainsAny(arn.stage, "*?{}[]\" ") || !strings.HasPrefix(text, arn.stage+"/") {
			t.Errorf("%q gave the stage %q", text, arn.stage)
		}
		resource, ok := arn.appendRoute(nil, arn.method, "/t/{id}", "/t/{id}")
		if ok != isMethod(arn.method) || ok && string(resource) != arn.stage+"/"+arn.method+"/t/*" {
			t.Errorf("%q gave the resource %q", text, resource)
		}
	})
}
