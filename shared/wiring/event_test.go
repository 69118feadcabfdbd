package wiring

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"
)

// What operations use of an event is read as aws-lambda-go reads it.
func TestReadEvent(t *testing.T) {
	files, err := filepath.Glob("../../events/*.json")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var want events.APIGatewayProxyRequest
		if err := json.Unmarshal(text, &want); err != nil || want.RequestContext.HTTPMethod == "" {
			continue // an event of another kind
		}
		got, ok := readEvent(text)
		if clearUnread(&want); !ok || fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", want) {
			t.Errorf("%s: %t\n%+v, want\n%+v", file, ok, got, want)
		}
	}
	for _, text := range []string{"", "null", "[]", "{", `{"body":1}`, `{"headers":[]}`, `{"headers":{"a":["b"]}}`, `{"multiValueHeaders":{"a":"b"}}`, `{"requestContext":""}`, "{} {}"} {
		if event, ok := readEvent([]byte(text)); ok {
			t.Errorf("%s is read as %+v", text, event)
		}
	}
}

// If a name is there twice, the last counts, also one that is not read: nobody is a
// caller by what stands before.
func TestLastOfTwoCounts(t *testing.T) {
	text := `{"httpMethod":"PUT","httpMethod":"GET","headers":{"a":"1","a":"2"},"multiValueHeaders":{"a":["1"],"a":["2","3"]},` +
		`"requestContext":{"authorizer":{"orgId":"acme","orgId":7,"keyId":7,"keyId":"k"}}}`
	var want events.APIGatewayProxyRequest
	if err := json.Unmarshal([]byte(text), &want); err != nil {
		t.Fatal(err)
	}
	got, ok := readEvent([]byte(text))
	if clearUnread(&want); !ok || fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", want) {
		t.Errorf("%t\n%+v, want\n%+v", ok, got, want)
	}
}

// clearUnread clears the parts of an event that are not read.
func clearUnread(event *events.APIGatewayProxyRequest) {
	event.StageVariables = nil
	c := &event.RequestContext
	*c = events.APIGatewayProxyRequestContext{
		RequestID: c.RequestID, Path: c.Path, ResourcePath: c.ResourcePath, Authorizer: c.Authorizer,
		Identity: events.APIGatewayRequestIdentity{SourceIP: c.Identity.SourceIP, UserAgent: c.Identity.UserAgent},
	}
	for name, value := range c.Authorizer {
		if _, text := value.(string); !text {
			delete(c.Authorizer, name)
		}
	}
}

// Operations use no part of an event that is not read, and no part of an answer that
// is not written.
func TestWhatIsNotReadIsNotUsed(t *testing.T) {
	full, _ := readEvent([]byte(`{"requestContext":{"identity":{"sourceIp":"a","userAgent":"b"},"requestId":"c","path":"d","resourcePath":"e","authorizer":{"f":"g"}}}`))
	unused := []string{"StageVariables"}
	for _, part := range []reflect.Value{reflect.ValueOf(full.RequestContext), reflect.ValueOf(full.RequestContext.Identity)} {
		for i := range part.NumField() {
			if part.Field(i).IsZero() {
				unused = append(unused, part.Type().Field(i).Name)
			}
		}
	}
	uses := regexp.MustCompile(`(event|from|RequestContext|Identity)\.(` + strings.Join(unused, "|") + `)\b|` +
		`response\.(MultiValueHeaders|IsBase64Encoded)|(MultiValueHeaders|IsBase64Encoded):`)
	files, err := filepath.Glob("../apigw/*.go")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		// An event has the method twice, and its own is read.
		if use := uses.FindString(strings.ReplaceAll(string(text), "event.HTTPMethod", "")); use != "" && !strings.HasSuffix(file, "_test.go") {
			t.Errorf("%s uses %s", file, use)
		}
	}
}
