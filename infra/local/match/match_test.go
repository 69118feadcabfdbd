package match

import (
	"strings"
	"testing"
)

const (
	aUUID = "0f0e0d0c-0b0a-4908-8706-050403020100"
	aKey  = "kw_4WpwtQTEeQDrc49ZMJzP1u4MFKHVzTyCNI2S4XV216h1ukt1Gw4aPm9CmZEP005qPE"
)

// A text matches its pattern, and nothing else does.
func TestJSON(t *testing.T) {
	for _, c := range []struct{ pattern, good, bad string }{
		{`{"a":1}`, `{"a":1}`, `{"a":2}`},
		{`{"a":1}`, ` { "a" : 1 } `, `{"a":1,"b":2}`},
		{`{"a":1}`, `{"a":1}`, `{}`},
		{`{"a":1}`, `{"a":1}`, `{"a":"1"}`},
		{`{"a":null}`, `{"a":null}`, `{}`},
		{`{"a":null}`, `{"a":null}`, `{"a":""}`},
		{`{"a?":1,"b":2}`, `{"b":2}`, `{"a":2,"b":2}`},
		{`{"a?":1,"b":2}`, `{"a":1,"b":2}`, `{"a":1}`},
		{`[1,"a"]`, `[1,"a"]`, `["a",1]`},
		{`[1]`, `[1]`, `[1,1]`},
		{`[]`, `[]`, `null`},
		{`true`, `true`, `false`},
		{`1.50`, `1.50`, `1.51`},
		{`"a.c"`, `"a.c"`, `"abc"`},
		{`"<uuid>"`, `"` + aUUID + `"`, `"` + strings.ToUpper(aUUID) + `"`},
		{`"<uuid>"`, `"` + aUUID + `"`, `"x` + aUUID + `"`},
		{`"/v1/<uuid>?a=<number>"`, `"/v1/` + aUUID + `?a=12"`, `"/v1/` + aUUID + `?a="`},
		{`"<time>"`, `"2026-11-22T13:36:41.939Z"`, `"2026-11-22T13:36:41+00:00"`},
		{`"<seconds>+00:00"`, `"2026-11-22T13:36:41+00:00"`, `"2026-11-22T13:36:41.939+00:00"`},
		{`"apk_<digits>"`, `"apk_` + strings.ReplaceAll(aUUID, "-", "") + `"`, `"apk_` + aUUID + `"`},
		{`"<key>"`, `"` + aKey + `"`, `"` + aKey[:69] + `!"`},
		{`"<redacted>"`, `"kw_4WpwtQ...005qPE"`, `"` + aKey + `"`},
		{`"<number>"`, `12`, `"a"`},
		{`"<number>"`, `"12"`, `null`},
		{`"<200|201>"`, `201`, `202`},
		{`"<a|b>c"`, `"bc"`, `"c"`},
		{`"<text>"`, `"a\nb"`, `[]`},
		{`"a<text>"`, `"a"`, `"b"`},
		{`"<other>"`, `"<other>"`, `"x"`},
		{`"12"`, `"12"`, `12`},
		{`"<list>"`, `[1]`, `{}`},
		{`"<object>"`, `{"a":1}`, `[]`},
		{`{"body":{"id":"<uuid>"}}`, `{"body":"{\"id\":\"` + aUUID + `\"}"}`, `{"body":"{\"id\":\"x\"}"}`},
		{`{"body":"<list>"}`, `{"body":"[]"}`, `{"body":"{}"}`},
		{`{"body":"{}"}`, `{"body":"{}"}`, `{"body":{}}`},
		{`{"body":{}}`, `{"body":"{}"}`, `{"body":"{} {}"}`},
	} {
		if err := JSON([]byte(c.pattern), []byte(c.good)); err != nil {
			t.Errorf("%s, %s: %v", c.pattern, c.good, err)
		}
		if err := JSON([]byte(c.pattern), []byte(c.bad)); err == nil {
			t.Errorf("%s matches %s", c.pattern, c.bad)
		}
	}
}

// Every difference is reported with its place, and without the values.
func TestDifferences(t *testing.T) {
	err := JSON([]byte(`{"a":{"b":["<uuid>",2]},"c":1,"d":{}}`), []byte(`{"a":{"b":["SECRET",3]},"d":"SECRET","SEEN":"SECRET"}`))
	want := []string{"it.a.b[0] is not <uuid>", "it.a.b[1] is not 2", `it has no "c"`, "it.d is not an object", `it has "SEEN" besides`}
	if err == nil || err.Error() != strings.Join(want, "\n") {
		t.Errorf("got %v", err)
	}
	for _, c := range [][2]string{{`{`, `{}`}, {`{} {}`, `{}`}, {`{}`, ``}, {`{}`, `{}x`}} {
		if JSON([]byte(c[0]), []byte(c[1])) == nil {
			t.Errorf("%q matches %q", c[0], c[1])
		}
	}
}

// What is recorded of an answer matches it, and matches it again with other ids, keys
// and times. It keeps the members' order.
func TestRecord(t *testing.T) {
	answer := `{"statusCode":200,"body":"{\"key\":\"` + aKey + `\",\"id\":\"` + aUUID + `\",\"at\":\"2026-11-22T13:36:41.939Z\",\"short\":\"kw_4WpwtQ...005qPE\"}","headers":null}`
	pattern, err := Record([]byte(answer))
	if err != nil {
		t.Fatal(err)
	}
	want := `{
  "statusCode": 200,
  "body": {
    "key": "<key>",
    "id": "<uuid>",
    "at": "<time>",
    "short": "<redacted>"
  },
  "headers": null
}
`
	if string(pattern) != want {
		t.Errorf("recorded %s", pattern)
	}
	for _, again := range []string{answer, strings.NewReplacer("0f0e", "1f0e", "kw_4", "kw_5", "41.939", "42").Replace(answer)} {
		if err := JSON(pattern, []byte(again)); err != nil {
			t.Errorf("%s: %v", again, err)
		}
	}
	for _, whole := range []string{`{"headers":{"X":"{\"a\":1}"},"body":"{\"a\":1}"}`, `{"body":"1"}`} {
		pattern, err := Record([]byte(whole))
		if err == nil {
			err = JSON(pattern, []byte(whole))
		}
		if err != nil {
			t.Errorf("%s is recorded as %s: %v", whole, pattern, err)
		}
	}
	if _, err := Record([]byte("no JSON")); err == nil {
		t.Error("a text that is not JSON is recorded")
	}
}
