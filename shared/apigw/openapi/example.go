package openapi

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"github.com/keyward/keyward/shared/operations"
)

// examples are the recorded events in the repository's events folder, with their
// answers.
type examples struct{ events fs.FS }

// policyID is the id of the policy that the examples of keys name.
const policyID = "7c0e2a51-9d3b-4f64-8a17-c25b6e90d8f3"

// recorded replaces the placeholders of a recording, which stand for what
// differs from run to run, with example values.
var recorded = strings.NewReplacer(
	`"userId": "<uuid>"`, `"userId": "22ba1c3a-8b16-476a-b845-520bd2d51786"`,
	`"<number>"`, `3`, `"<object>"`, `{}`,
	`"keyPrefix": "<text>"`, `"keyPrefix": "kw"`, `"name": "<text>"`, `"name": "Demo"`, `"<boolean>"`, `true`,
	`"scope": "<text>"`, `"scope": "ViewTables"`, `"start": "<text>"`, `"start": "kw_4WpwtQT"`,
	"<text>@example.com", "ann@example.com", "invoke: target <text>", "Target", " <text>", "",
	"Example <uuid>", "Example 1", "Changed <uuid>", "Changed 1",
	`"policy_id": "<uuid>"`, `"policy_id": "`+policyID+`"`, "KEYWARD_TARGET_POLICY_ID", policyID,
	"<digits>", "94d470ba700e4034ad174326aa3493a2", `"<text>..."`, `"kw_4WpwtQT..."`, "<seconds>", "2026-11-22T13:36:41",
	"<uuid>", "94d470ba-700e-4034-ad17-4326aa3493a2",
	"<time>", "2026-11-22T13:36:41.939Z",
	"<key>", "kw_4WpwtQTEeQDrc49ZMJzP1u4MFKHVzTyCNI2S4XV216h1ukt1Gw4aPm9CmZEP005qPE",
	"<redacted>", "kw_4WpwtQ...005qPE",
	`"nextCursor?": "<text>"`, `"nextCursor?": "AAABoiDWCE62I2o9F0BA1bxyL-dOmn6H"`,
	"KEYWARD_API_KEY", "kw_4WpwtQTEeQDrc49ZMJzP1u4MFKHVzTyCNI2S4XV216h1ukt1Gw4aPm9CmZEP005qPE",
	"KEYWARD_KEY_ID", "1", "KEYWARD_TARGET_ID", "1", "KEYWARD_ROTATED_ID", "1",
)

// optional matches the end of the name of a member that an answer need not have, and
// optionalMember all of such a member.
var (
	optional       = regexp.MustCompile(`\?":`)
	optionalMember = regexp.MustCompile(`,\s*"\w+\?": "[^"]*"`)
)

// listed names the event whose answer serves as the one item of a list.
var listed = map[string]string{
	"list-apikeys": "get-apikey", "list-policies": "get-policy", "list-services": "get-service", "list-users": "get-user",
	"list-apikeys--catena": "update-apikey--catena", "list-policies--catena": "get-policy--catena",
}

// aPermission is an item of both lists of permissions.
const aPermission = `{"name": "ViewTables", "description": "Read tables", "service": "files"}`

// items holds example items for lists whose items no event returns singly.
var items = map[string]string{
	"list-permissions": aPermission, "list-permissions--catena": aPermission,
	"list-apikeys--supermetrics": `{"@type": "api_key", "api_key_id": "apk_94d470ba700e4034ad174326aa3493a2",
		"created_time": "2026-11-22T13:36:41+00:00", "description": "Reports", "key_type": "user", "key_start": "kw_4WpwtQT...", "is_enabled": true,
		"behalf_of_user_info": {"@type": "user", "user_id": "usr_22ba1c3a8b16476ab845520bd2d51786", "email": "ann@example.com"}}`,
	"list-audit-events": `{"id": "fe446f4f-3906-49e9-8b22-3700e846a7c9", "at": "2026-11-28T06:27:07.532Z", "action": "apikey.update",
		"actor": {"username": "owner@example.com", "userId": "22ba1c3a-8b16-476a-b845-520bd2d51786"}, "keyId": "2bfea4b7-db42-494c-8deb-4dd2cd93101f",
		"target": "94d470ba-700e-4034-ad17-4326aa3493a2", "source": "192.0.2.1", "userAgent": "curl/8.5.0",
		"requestId": "0b717edd-0e10-4a28-824b-343ba5d2db95", "before": {"name": "Uploader"}, "after": {"name": "CI, uploads"}}`,
	"whoami": `"ManageFiles"`,
}

// foreign holds the examples of what no event asks for: routes in the form of a
// scanner, from its documents, and the document itself, cut short.
var foreign = map[string]recording{
	operations.GitHubExposures: {
		request:  json.RawMessage(`[{"token": "kw_4WpwtQTEeQDrc49ZMJzP1u4MFKHVzTyCNI2S4XV216h1ukt1Gw4aPm9CmZEP005qPE", "type": "keyward_api_key", "url": "https://github.com/octo/hello/blob/1a2b3c4/config.yml", "source": "content"}]`),
		answer:   json.RawMessage(`[{"token_hash": "8720ce0dda18b117115377f7e42f6b614a3a71699233b3967b35ae4d3ee442fc", "token_type": "keyward_api_key", "label": "true_positive"}]`),
		statuses: []int{http.StatusOK},
	},
	operations.GitLabTypes: {answer: json.RawMessage(`{"types": ["gitleaks_rule_id_keyward_api_key"]}`), statuses: []int{http.StatusOK}},
	operations.GitLabRevocation: {
		request:  json.RawMessage(`[{"type": "gitleaks_rule_id_keyward_api_key", "token": "kw_4WpwtQTEeQDrc49ZMJzP1u4MFKHVzTyCNI2S4XV216h1ukt1Gw4aPm9CmZEP005qPE", "location": "https://gitlab.example.com/octo/hello/-/blob/1a2b3c4/config.yml#L3"}]`),
		statuses: []int{http.StatusNoContent},
	},
	"/v1/openapi.json": {answer: json.RawMessage(`{"openapi": "3.1.0", "info": {"title": "Keyward", "version": "1"}, "paths": {}}`), statuses: []int{http.StatusOK}},
}

// unfinished holds the answers of operations that a sweep continues. No event is
// answered so, because a stack has too few keys for that.
var unfinished = map[string]json.RawMessage{"delete-service": json.RawMessage(`{"holdersLeft": 120}`)}

// recording is an operation's example: the request's body, the answer's body and the
// statuses that it can have. A body is nil if there is none.
type recording struct {
	request, answer json.RawMessage
	// created is the answer without what it need not have, as it is of something new.
	created  json.RawMessage
	statuses []int
}

// of returns the recording of the operation's event that asks for the route. It
// returns an error if there is none.
func (e examples) of(op string, route operations.Route) (recording, error) {
	if r, ok := foreign[route.Path]; ok {
		return r, nil
	}
	name, body, err := e.find(op, route)
	if err != nil {
		return recording{}, err
	}
	r, err := e.answer(name)
	if body = recorded.Replace(body); json.Valid([]byte(body)) {
		r.request = json.RawMessage(body)
	} else if form, err := url.ParseQuery(body); err == nil && body != "" {
		r.request = ofForm(form)
	}
	return r, err
}

// find returns the name and body of the operation's event that asks for a
// route: its own, or one of its further cases.
func (e examples) find(op string, route operations.Route) (name, body string, err error) {
	files, err := fs.Glob(e.events, op+"--*.json")
	for _, file := range append([]string{op + ".json"}, files...) {
		var event struct{ HTTPMethod, Resource, Body string }
		if err == nil {
			err = e.read(file, &event)
		}
		if err != nil {
			return "", "", err
		}
		if event.HTTPMethod == route.Method && event.Resource == route.Path {
			return strings.TrimSuffix(file, ".json"), event.Body, nil
		}
	}
	return "", "", fmt.Errorf("openapi: no event of %s in the folder events asks for %s %s", op, route.Method, route.Path)
}

// ofForm returns a form as the document shows it: as an object.
func ofForm(form url.Values) json.RawMessage {
	shown := map[string]string{}
	for name := range form {
		shown[name] = form.Get(name)
	}
	text, _ := json.Marshal(shown) // of texts alone, it cannot fail
	return text
}

// answer returns an event's recording without its request.
func (e examples) answer(name string) (recording, error) {
	var answer struct {
		StatusCode any
		Body       json.RawMessage
	}
	if err := e.read("answers/"+name+".json", &answer); err != nil {
		return recording{}, err
	}
	var r recording
	for status := range strings.SplitSeq(strings.Trim(fmt.Sprint(answer.StatusCode), "<>"), "|") {
		code, err := strconv.Atoi(status)
		if err != nil {
			return recording{}, fmt.Errorf("openapi: the status of the example %s: %w", name, err)
		}
		r.statuses = append(r.statuses, code)
	}
	body := string(answer.Body)
	if body == `""` || body == `"<object>"` {
		return r, nil
	}
	item := items[name]
	if one := listed[name]; one != "" {
		example, err := e.answer(one)
		if err != nil {
			return recording{}, err
		}
		item = string(example.answer)
	}
	body = strings.ReplaceAll(recorded.Replace(body), `"<list>"`, "["+item+"]")
	r.answer = json.RawMessage(optional.ReplaceAllString(body, `":`))
	r.created = json.RawMessage(optionalMember.ReplaceAllString(body, ""))
	return r, nil
}

func (e examples) read(name string, into any) error {
	text, err := fs.ReadFile(e.events, name)
	if err != nil {
		return fmt.Errorf("openapi: read an example in the folder events: %w; KEYWARD_RECORD=1 make invoke FN=OPERATION writes the answer of an event", err)
	}
	if err := json.Unmarshal(text, into); err != nil {
		return fmt.Errorf("openapi: read the example %s: %w", name, err)
	}
	return nil
}

// withExample adds an example to the content of one media type; nil adds
// nothing.
func withExample(content object, example json.RawMessage) object {
	if example == nil {
		return content
	}
	media, _ := content[0].value.(object)
	return object{{content[0].name, media.with("example", example)}}
}
