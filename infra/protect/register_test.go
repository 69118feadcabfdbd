package protect

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/keyward/keyward/infra/protect/registertest"
)

// keyText stands for an API key. It may appear in one header, and nowhere else.
const keyText = "kw_secret"

// register runs register.js. The key may appear neither in its answer nor in its
// log.
func register(t *testing.T, secret string, event map[string]any) (told registertest.Told, logged string) {
	t.Helper()
	told, logged = registertest.Run(t, "register.js", secret, event)
	if strings.Contains(logged+told["Reason"], keyText) {
		t.Errorf("the key is in %q or %v", logged, told)
	}
	return told, logged
}

// fakeKeyward holds one service, and serves it like the management API.
type fakeKeyward struct {
	*httptest.Server
	mu sync.Mutex
	// service is nil if there is none; version is its ETag.
	service map[string]any
	version int
	// answers are returned before the service's own: one for each PUT.
	answers []fakeAnswer
	asked   []string
}

type fakeAnswer struct {
	status int
	body   string
	meet   func(*fakeKeyward)
}

func newFakeKeyward(t *testing.T, service map[string]any, answers ...fakeAnswer) *fakeKeyward {
	k := &fakeKeyward{service: service, version: 7, answers: answers}
	k.Server = httptest.NewServer(http.HandlerFunc(k.serve))
	t.Cleanup(k.Close)
	return k
}

func (k *fakeKeyward) serve(w http.ResponseWriter, r *http.Request) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.asked = append(k.asked, r.Method+" "+r.URL.Path)
	tag := `"` + string(rune('0'+k.version)) + `"`
	body, _ := io.ReadAll(r.Body)
	switch {
	case r.Header.Get("Authorization") != "Bearer "+keyText:
		w.WriteHeader(http.StatusUnauthorized)
	case r.Method == http.MethodPut && len(k.answers) > 0:
		answer := k.answers[0]
		k.answers = k.answers[1:]
		if answer.meet != nil {
			answer.meet(k)
		}
		w.WriteHeader(answer.status)
		_, _ = io.WriteString(w, answer.body)
	case r.Method == http.MethodGet && k.service == nil:
		w.WriteHeader(http.StatusNotFound)
	case r.Method == http.MethodPut && k.service != nil && r.Header.Get("If-Match") != tag:
		w.WriteHeader(http.StatusPreconditionFailed)
	case r.Method == http.MethodPut:
		k.service, k.version = map[string]any{}, k.version+1
		_ = json.Unmarshal(body, &k.service)
	default:
		w.Header().Set("ETag", tag)
		_ = json.NewEncoder(w).Encode(k.service)
	}
}

func api(id string) map[string]any {
	return map[string]any{"account": "123456789012", "region": "eu-central-1", "id": id}
}

// event returns a CloudFormation event about the service files with those APIs.
func (k *fakeKeyward) event(kind string, apis ...any) map[string]any {
	return map[string]any{"RequestType": kind, "ResourceProperties": map[string]any{
		"Url": k.URL, "Secret": registertest.SecretID,
		"Service": map[string]any{
			"id": "files", "name": "Files", "apis": apis,
			"permissions":  []any{map[string]any{"name": "ViewFiles", "description": ""}},
			"routes":       []any{map[string]any{"method": "GET", "path": "/files"}},
			"gatewayCache": map[string]any{"seconds": "60", "by": []any{"route"}},
		},
	}}
}

func (k *fakeKeyward) apis() (ids string) {
	apis, _ := k.service["apis"].([]any)
	for _, a := range apis {
		ids += a.(map[string]any)["id"].(string) + " "
	}
	return ids
}

// Registering creates or replaces a service. The APIs of others stay, and
// numbers that CloudFormation turned into texts become numbers again.
func TestRegister(t *testing.T) {
	for name, before := range map[string]map[string]any{
		"new": nil, "there": {"name": "Old", "apis": []any{api("other"), api("mine")}, "routes": []any{}, "permissions": []any{}, "createdOn": "2026-01-01T00:00:00Z"},
	} {
		t.Run(name, func(t *testing.T) {
			k := newFakeKeyward(t, before)
			event := k.event("Create", api("mine"))
			if before == nil { // a trailing slash in the URL makes no difference
				event["ResourceProperties"].(map[string]any)["Url"] = k.URL + "/"
			}
			told, logged := register(t, keyText, event)
			if told["Status"] != "SUCCESS" || told["PhysicalResourceId"] != "STACK/RESOURCE" || logged != "" {
				t.Fatalf("told %v, logged %s", told, logged)
			}
			want := map[string]string{"new": "mine ", "there": "other mine "}[name]
			if k.apis() != want || k.service["name"] != "Files" {
				t.Errorf("the service is %v", k.service)
			}
			if got := asJSON(k.service["gatewayCache"]); got != `{"by":["route"],"seconds":60}` {
				t.Errorf("the cache is %s", got)
			}
			if got := asJSON(k.service["routes"]); got != `[{"method":"GET","path":"/files","permissions":[]}]` {
				t.Errorf("the routes are %s", got)
			}
		})
	}
}

// An update removes APIs that the app no longer has. If the service gets another
// id, they move with it. The resource's own id never changes.
func TestUpdate(t *testing.T) {
	k := newFakeKeyward(t, map[string]any{"name": "Files", "apis": []any{api("other"), api("old")}})
	event := k.event("Update", api("new"))
	event["PhysicalResourceId"], event["OldResourceProperties"] = "STACK/RESOURCE", k.event("", api("old"))["ResourceProperties"]
	if told, _ := register(t, keyText, event); told["Status"] != "SUCCESS" || told["PhysicalResourceId"] != "STACK/RESOURCE" || k.apis() != "other new " {
		t.Errorf("told %v, APIs %s", told, k.apis())
	}
	event["OldResourceProperties"].(map[string]any)["Service"] = map[string]any{"id": "former", "apis": []any{api("new")}}
	k.asked = nil
	if told, _ := register(t, keyText, event); told["Status"] != "SUCCESS" || strings.Join(k.asked[:2], ", ") != "GET /v1/services/former, PUT /v1/services/former" {
		t.Errorf("told %v, asked %v", told, k.asked)
	}
}

// A deletion removes only the app's own APIs. Other APIs stay, and so do
// permissions, which somebody may hold. It can be repeated.
func TestDelete(t *testing.T) {
	k := newFakeKeyward(t, map[string]any{
		"name": "Old", "apis": []any{api("other"), api("mine")}, "permissions": []any{"P"}, "routes": []any{"R"}, "createdOn": "read-only",
		"unlistedRoutes": "refuse", "gatewayCache": map[string]any{"seconds": 60},
	})
	event := k.event("Delete", api("mine"))
	event["PhysicalResourceId"] = "STACK/RESOURCE"
	for range 2 {
		if told, _ := register(t, keyText, event); told["Status"] != "SUCCESS" {
			t.Fatalf("told %v", told)
		}
		want := `{"apis":[` + asJSON(api("other")) + `],"gatewayCache":{"seconds":60},"name":"Old","permissions":["P"],"routes":["R"],"unlistedRoutes":"refuse"}`
		if got := asJSON(k.service); got != want {
			t.Errorf("left %s", got)
		}
	}
	if puts := strings.Count(strings.Join(k.asked, " "), "PUT"); puts != 1 {
		t.Errorf("%d changes, want 1", puts)
	}
	k.service = nil
	if told, _ := register(t, keyText, event); told["Status"] != "SUCCESS" {
		t.Errorf("a service that is gone: told %v", told)
	}
}

// A concurrent change between reading and writing is preserved, and a temporary
// outage is waited for.
func TestRetries(t *testing.T) {
	k := newFakeKeyward(t, map[string]any{"name": "Files", "apis": []any{}},
		fakeAnswer{status: http.StatusPreconditionFailed, meet: func(k *fakeKeyward) {
			k.service["apis"], k.version = []any{api("meanwhile")}, k.version+1
		}},
		fakeAnswer{status: http.StatusServiceUnavailable, body: "<html>"})
	if told, _ := register(t, keyText, k.event("Create", api("mine"))); told["Status"] != "SUCCESS" || k.apis() != "meanwhile mine " {
		t.Errorf("told %v, APIs %s", told, k.apis())
	}
}

// CloudFormation receives the reason: Keyward's message and every field, but
// never the key. A resource whose creation failed needs no deletion.
func TestReasons(t *testing.T) {
	refusal := fakeAnswer{status: http.StatusBadRequest, body: `{"detail":"The request is not valid.","errors":[{"field":"apis[0].account","detail":"The account is none of the organization's."}]}`}
	for _, test := range []struct {
		secret, want string
		answers      []fakeAnswer
	}{
		{keyText, "PUT files: 400; The request is not valid.; apis[0].account: The account is none of the organization's.", []fakeAnswer{refusal}},
		{keyText, "PUT files: 412", []fakeAnswer{{status: 412}, {status: 412}, {status: 412}, {status: 412}, {status: 412}}},
		{keyText + "\n" + keyText, "The secret holds no API key", nil},
		{"", "The secret holds no API key", nil},
		{"kw_other", "GET files: 401", nil},
	} {
		k := newFakeKeyward(t, nil, test.answers...)
		told, logged := register(t, test.secret, k.event("Create", api("mine")))
		if told["Status"] != "FAILED" || told["Reason"] != test.want || told["PhysicalResourceId"] != "not-registered" || !strings.Contains(logged, test.want) {
			t.Errorf("want %s, told %v, logged %s", test.want, told, logged)
		}
		k.asked = nil
		event := k.event("Delete", api("mine"))
		event["PhysicalResourceId"] = told["PhysicalResourceId"]
		if told, _ := register(t, test.secret, event); told["Status"] != "SUCCESS" || len(k.asked) > 0 {
			t.Errorf("deleting what was not created: told %v, asked %v", told, k.asked)
		}
	}
}

// The key is not sent to the target of a redirect.
func TestNoRedirect(t *testing.T) {
	other := newFakeKeyward(t, nil)
	k := newFakeKeyward(t, nil)
	k.Config.Handler = http.RedirectHandler(other.URL, http.StatusTemporaryRedirect)
	if told, _ := register(t, keyText, k.event("Create", api("mine"))); told["Status"] != "FAILED" || len(other.asked) > 0 {
		t.Errorf("told %v, asked %v", told, other.asked)
	}
}

// The function's code fits inline into a template.
func TestCodeIsInline(t *testing.T) {
	if len(registerCode) > 4096 {
		t.Errorf("register.js has %d bytes, the most is 4096", len(registerCode))
	}
}
