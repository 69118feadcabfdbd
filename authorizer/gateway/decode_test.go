package gateway

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// member is one member of an object. A list of members keeps the order and the
// duplicates that encoding/json's maps lose.
type member struct {
	name  string
	value any
}

// parse reads one JSON value with encoding/json: an object as its members.
func parse(t testing.TB, d *json.Decoder) any {
	token, err := d.Token()
	if err != nil {
		t.Fatalf("encoding/json contradicts itself: %v", err)
	}
	switch token {
	case json.Delim('{'):
		members := []member{}
		for d.More() {
			name, _ := d.Token()
			members = append(members, member{name.(string), parse(t, d)})
		}
		_, _ = d.Token()
		return members
	case json.Delim('['):
		values := []any{}
		for d.More() {
			values = append(values, parse(t, d))
		}
		_, _ = d.Token()
		return values
	}
	return token
}

// reference finds the same in an event as [event.decode], using encoding/json.
type reference struct{ failed bool }

func (r *reference) object(value any) []member {
	members, ok := value.([]member)
	r.failed = r.failed || !ok && value != nil
	return members
}

func (r *reference) text(members []member, name string) []byte {
	var found string
	for _, m := range members {
		if m.name == name && m.value != nil {
			text, ok := m.value.(string)
			r.failed = r.failed || !ok || found != ""
			found = text
		}
	}
	return []byte(found)
}

func (r *reference) inside(members []member, name string) (all []member) {
	for _, m := range members {
		if m.name == name {
			all = append(all, r.object(m.value)...)
		}
	}
	return all
}

func (r *reference) headers(members []member, name string) (values headerValues) {
	for _, object := range members {
		if object.name != name {
			continue
		}
		r.failed = r.failed || len(values) > 0
		for _, m := range r.object(object.value) {
			if len(m.name) != len("Authorization") || !strings.EqualFold(m.name, "Authorization") || m.value == nil {
				continue
			}
			list, several := m.value.([]any)
			if !several {
				list = []any{m.value}
			}
			for _, value := range list {
				text, ok := value.(string)
				r.failed = r.failed || !ok && value != nil
				values = append(values, []byte(text))
			}
		}
	}
	return values
}

func (r *reference) event(value any) (e event) {
	top, ok := value.([]member)
	r.failed = !ok
	e.authorizerType, e.version, e.token = r.text(top, "type"), r.text(top, "version"), r.text(top, "authorizationToken")
	e.methodARN, e.routeARN = r.text(top, "methodArn"), r.text(top, "routeArn")
	e.resource, e.routeKey = r.text(top, "resource"), r.text(top, "routeKey")
	e.headers, e.multiValueHeaders = r.headers(top, "headers"), r.headers(top, "multiValueHeaders")
	e.wantedAnswer = r.text(r.inside(top, "stageVariables"), "keywardAnswer")
	in, c := r.inside(top, "requestContext"), &e.context
	c.account, c.api, c.requestID = r.text(in, "accountId"), r.text(in, "apiId"), r.text(in, "requestId")
	c.method, c.resourcePath, c.domainName = r.text(in, "httpMethod"), r.text(in, "resourcePath"), r.text(in, "domainName")
	c.connection, c.eventType, c.routeKey = r.text(in, "connectionId"), r.text(in, "eventType"), r.text(in, "routeKey")
	c.source = r.text(r.inside(in, "identity"), "sourceIp")
	http := r.inside(in, "http")
	c.http.method, c.http.source = r.text(http, "method"), r.text(http, "sourceIp")
	for _, m := range in {
		if m.name == "queryString" {
			_, c.graphQL = m.value.(string)
		}
	}
	return e
}

// checkDecode compares decode with the reference: whether it accepts the text,
// and what it finds.
func checkDecode(t testing.TB, text []byte) {
	t.Helper()
	var got event
	ok := got.decode(bytes.Clone(text))
	if !json.Valid(text) {
		if ok {
			t.Errorf("%q is not JSON, and was read", text)
		}
		return
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var r reference
	want := r.event(parse(t, d))
	if ok == r.failed {
		t.Fatalf("%q: read %t, want %t", text, ok, !r.failed)
	}
	if ok && !reflect.DeepEqual(normal(got), normal(want)) {
		t.Errorf("%q: got %+v\nwant %+v", text, got, want)
	}
}

// normal makes a missing text equal to an empty one.
func normal(e event) any {
	texts := [][]byte{
		e.authorizerType, e.version, e.methodARN, e.routeARN, e.token, e.resource, e.routeKey, e.wantedAnswer,
		e.context.account, e.context.api, e.context.requestID, e.context.method, e.context.resourcePath, e.context.source,
		e.context.http.method, e.context.http.source, e.context.domainName, e.context.connection, e.context.eventType, e.context.routeKey,
	}
	for _, values := range []headerValues{e.headers, e.multiValueHeaders} {
		texts = append(append(texts, values...), []byte("end"))
	}
	return []string{string(bytes.Join(texts, []byte("\x00|\x00"))), map[bool]string{true: "GraphQL"}[e.context.graphQL]}
}

// FuzzDecode compares the scanner with encoding/json. It accepts the same texts,
// except those with a value twice, and finds the same in them.
func FuzzDecode(f *testing.F) {
	files, err := filepath.Glob("../../events/authorizer-*.json")
	if err != nil || len(files) < len(shapes) {
		f.Fatal(files, err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text []byte) { checkDecode(t, text) })
}

// Texts that parsers disagree on are decoded as encoding/json does.
func TestDecodeOddTexts(t *testing.T) {
	values := []string{
		`""`, `"a"`, `"\u0041\ud83d\ude00\ud800"`, "\"\xff\"", "\"\x7f\u2028\"", `"\/\b\f\n\r\t\"\\"`, `"\x"`, `"\u00g0"`, `"\u00`, "\"a\x00b\"", "\"a\nb\"", "\"12345678\x1f\"",
		`"a`, `'a'`, `null`, `nul`, `nulll`, `true`, `tru`, `false`, `0`, `-0`, `-`, `00`, `01`, `1.`, `.1`, `1.5e+3`, `1e`, `1E-`, `1E-2`, `+1`, `0x1`, `NaN`, `1 2`,
		`{}`, `{"a"}`, `{"a":}`, `{"a":1,}`, `{,}`, `{"a":1 "b":2}`, `{a:1}`, `[]`, `[1,]`, `[,1]`, `[1 2]`, `[1}`, `{"a":[{"b":[]}]}`, `[`, `{`, `]`, ``, ` `, "\ufeff1", "\u00a0", "\v", `//`, `"a"//`,
		strings.Repeat("[", 9990) + strings.Repeat("]", 9990), strings.Repeat("[", 10001) + strings.Repeat("]", 10001),
		strings.Repeat("[", 9999) + strings.Repeat("]", 9999), strings.Repeat(`{"a":`, 9999) + "1" + strings.Repeat("}", 9999), strings.Repeat(`{"a":`, 10000) + "1" + strings.Repeat("}", 10000),
	}
	for _, value := range values {
		for _, frame := range []string{`%`, `{"type":%}`, `{"x":%}`, ` { "headers" : { "Authorization" : % , "b":1}} `, `{"headers":%}`, `{"multiValueHeaders":{"authorization":[%,"b"]}}`,
			`{"requestContext":%}`, `{"requestContext":{"queryString":%,"http":{"method":%}}}`, `{"type":%,"type":"b"}`, `{"type":"","type":%}`, `{"stageVariables":{"keywardAnswer":%}}`, `{"TYPE":%}`, `{"typ\u0065":%}`} {
			checkDecode(t, []byte(strings.ReplaceAll(frame, "%", value)))
		}
	}
}

// A byte of any value, anywhere in a string, is read as encoding/json does, also
// after a byte that is not ASCII and near the end of the text.
func TestDecodeAnyByteAnywhere(t *testing.T) {
	for position := range 18 {
		for value := range 256 {
			text := []byte(strings.Repeat("!#[]\x7f ~", 3)[:18])
			text[position] = byte(value)
			for _, frame := range []string{`{"type":"%"}`, `{"x":"%","type":"b"}`, `{"%":1}`, `{"type":"\u00e9%`, `{"type":"` + "\xc3\xa9" + `%"}`} {
				checkDecode(t, bytes.ReplaceAll([]byte(frame), []byte("%"), text))
			}
		}
	}
}

// A truncated event, or one with a changed byte, is decoded as encoding/json
// does.
func TestDecodeDamagedEvents(t *testing.T) {
	for _, s := range shapes {
		text := load(t, s.name)
		for i := range text {
			checkDecode(t, text[:i])
			damaged := bytes.Clone(text)
			damaged[i] = "\"\\,}\x00"[i%5]
			checkDecode(t, damaged)
		}
	}
}
