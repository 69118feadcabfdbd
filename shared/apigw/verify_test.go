package apigw_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/dialect/canonical"
	"github.com/keyward/keyward/shared/keytext"
	"github.com/keyward/keyward/shared/permission"
	"github.com/keyward/keyward/shared/verify"
)

// verified sends a question as the admin, and returns the answer's text, which
// must be a success.
func (s *stage) verified(body string) string {
	s.t.Helper()
	response := s.call("verify-apikey", s.event("verify-apikey", "", body))
	if response.StatusCode != 200 {
		s.t.Fatalf("%s: %d %s", body, response.StatusCode, response.Body)
	}
	return response.Body
}

// asks returns a question about one key, with more members.
func asks(key apikey.Minted, more string) string {
	return fmt.Sprintf(`{"key":%q%s}`, key.Text.Reveal(), more)
}

// A question gets the authorizer's code for the first rule that refuses the key,
// with an explanation if the caller wants one.
func TestVerifyCodes(t *testing.T) {
	s := newStage(t)
	s.api.Rules.Regions.CacheTTL = 5 * time.Second
	now := s.clock.Now()
	files := permission.NewSet("ManageFiles")
	make := func(name string, change func(*apikey.Draft)) apikey.Minted {
		draft := apikey.Draft{Name: name, Permissions: files}
		change(&draft)
		return s.make(draft)
	}
	plain := make("plain", func(*apikey.Draft) {})
	off := make("off", func(d *apikey.Draft) { d.Disabled = true })
	later := make("later", func(d *apikey.Draft) { d.NotBefore = now.Add(time.Hour) })
	brief := make("brief", func(d *apikey.Draft) { d.ExpiresOn = now.Add(3 * time.Second) })
	homely := make("homely", func(d *apikey.Draft) { d.AllowIPs = []string{"192.0.2.0/24"} })
	narrow := make("narrow", func(d *apikey.Draft) { d.Services = []string{"demo"} })
	gone := make("gone", func(*apikey.Draft) {})
	if err := s.api.Rules.Delete(t.Context(), s.by(), gone.Key.ID, 0); err != nil {
		t.Fatal(err)
	}
	rotated := make("rotated", func(*apikey.Draft) {})
	fresh, err := s.api.Rules.Rotate(t.Context(), s.by(), rotated.Key.ID, 0, apikey.Rotation{})
	if err != nil {
		t.Fatal(err)
	}
	forged, err := keytext.Renew(plain.Key.ID, "kw", s.api.Rules.Entropy)
	if err != nil {
		t.Fatal(err)
	}
	const upload = `,"service":"demo","method":"POST","route":"/v1/files"`
	text := plain.Text.Reveal()
	for body, want := range map[string]string{
		asks(plain, ""):                           "",
		asks(plain, upload):                       "",
		asks(plain, `,"permission":"ViewTables"`): string(verify.PermissionMissing),
		asks(plain, `,"permission":"ViewTables","service":"demo"`):               string(verify.PermissionMissing),
		asks(plain, `,"permission":"ManageFiles"`):                               "",
		asks(plain, `,"service":"demo","method":"POST","path":"/v1/files"`):      "",
		asks(plain, `,"service":"demo","method":"GET","path":"/v1/files"`):       string(verify.RouteNotRegistered),
		asks(plain, `,"service":"demo","method":"POST","path":"/v1/../v1/file"`): string(verify.RouteNotRegistered),
		asks(off, ""):                                "KEY_DISABLED",
		asks(later, ""):                              "KEY_NOT_YET_VALID",
		asks(brief, ""):                              "",
		asks(homely, ""):                             "SOURCE_NOT_ALLOWED",
		asks(homely, `,"source":"198.51.100.1"`):     "SOURCE_NOT_ALLOWED",
		asks(homely, `,"source":"::ffff:192.0.2.7"`): "",
		asks(narrow, ""):                             "SERVICE_NOT_ALLOWED",
		asks(narrow, upload):                         "",
		asks(gone, ""):                               "KEY_DELETED",
		asks(rotated, ""):                            "SECRET_RETIRED",
		asks(fresh, ""):                              "",
		`{"key":"` + forged.Reveal() + `"}`:          "SECRET_WRONG",
		`{"key":"junk"}`:                             "CREDENTIAL_MALFORMED",
		`{"key":""}`:                                 "CREDENTIAL_MALFORMED",
		`{"key":"` + unheldKey(t).Reveal() + `"}`:    "KEY_UNKNOWN",
		`{"authorization":"Bearer ` + text + `"}`:    "",
		`{"authorization":"basic ` + text + `"}`:     "",
		`{"authorization":"Digest ` + text + `"}`:    "CREDENTIAL_MALFORMED",
		`{"authorization":"` + text + `"}`:           "CREDENTIAL_MALFORMED",
	} {
		got := decode[canonical.Verified](t, s.verified(body))
		if got.Code != want || got.Valid != (want == "") || got.Explanation != nil || got.Valid != (got.TTLSeconds > 0) {
			t.Errorf("%s: %+v, want %q", body, got, want)
		}
		explained := decode[canonical.Verified](t, s.verified(strings.TrimSuffix(body, "}")+`,"explain":true}`))
		why := explained.Explanation
		if why == nil || why.Rule == "" || (why.Change == "") != got.Valid {
			t.Errorf("%s is explained with %+v", body, why)
		}
		if explained.Explanation = nil; fmt.Sprint(explained) != fmt.Sprint(got) {
			t.Errorf("%s: explained, the answer is %+v, otherwise %+v", body, explained, got)
		}
	}
	got := decode[canonical.Verified](t, s.verified(asks(brief, upload)))
	if got.TTLSeconds < 1 || got.TTLSeconds > 3 || got.ExpiresOn == "" || got.KeyID != brief.Key.ID.String() || got.OrgID != "demo" || got.Type != "service" || fmt.Sprint(got.Permissions) != "[ManageFiles]" {
		t.Errorf("got %+v", got)
	}
	if got := decode[canonical.Verified](t, s.verified(asks(s.admin, ""))); got.UserID != s.owner.ID.String() || len(got.Permissions) < 10 || got.TTLSeconds != 5 {
		t.Errorf("the admin: %+v", got)
	}
	s.clock.Advance(time.Minute)
	if got := decode[canonical.Verified](t, s.verified(asks(brief, ""))); got.Code != "KEY_EXPIRED" || got.KeyID == "" {
		t.Errorf("later: %+v", got)
	}
	if log := s.log.String(); strings.Contains(log, text[10:]) || strings.Contains(log, forged.Reveal()[10:]) {
		t.Error("the text of a key is in the log")
	}
}

// unheldKey returns the text of a key that does not exist.
func unheldKey(t *testing.T) keytext.Key {
	t.Helper()
	key, err := keytext.Generate("kw", strings.NewReader(strings.Repeat("entropy!", 10)))
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// A list is answered in its order, and valid says whether all keys are.
func TestVerifyLists(t *testing.T) {
	s := newStage(t)
	one, other := s.key("one", "ViewTables").Text.Reveal(), s.key("other", "ManageFiles").Text.Reveal()
	got := decode[canonical.Verified](t, s.verified(fmt.Sprintf(`{"keys":[%q,"junk",%q,%q],"permission":"ViewTables"}`, one, other, one)))
	var codes []string
	for _, r := range got.Results {
		codes = append(codes, r.Code)
	}
	if want := []string{"", "CREDENTIAL_MALFORMED", "PERMISSION_MISSING", ""}; fmt.Sprint(codes) != fmt.Sprint(want) || got.Valid {
		t.Errorf("codes %v, %t", codes, got.Valid)
	}
	if got := decode[canonical.Verified](t, s.verified(fmt.Sprintf(`{"authorizations":["Bearer %s","basic %s"]}`, one, other))); !got.Valid || len(got.Results) != 2 {
		t.Errorf("got %+v", got)
	}
}

// A key of another organization gets byte for byte the answer of a key that does
// not exist: whatever its state, whatever is asked, and with its explanation.
func TestVerifyStrangers(t *testing.T) {
	s := newStage(t)
	other := s.organization("other")
	by := apikey.Caller{Org: "other", Key: other.Admin.Key.ID}
	texts := []string{other.Admin.Text.Reveal()}
	for name, draft := range map[string]apikey.Draft{
		"plain": {}, "off": {Disabled: true}, "homely": {AllowIPs: []string{"192.0.2.0/24"}}, "narrow": {Services: []string{"demo"}},
	} {
		draft.Name, draft.Permissions = name, permission.NewSet("ManageFiles")
		minted, err := s.api.Rules.Create(t.Context(), by, draft)
		if err != nil {
			t.Fatal(err)
		}
		texts = append(texts, minted.Text.Reveal())
		if forged, err := keytext.Renew(minted.Key.ID, "kw", s.api.Rules.Entropy); err == nil {
			texts = append(texts, forged.Reveal())
		}
		if name == "plain" {
			if err := s.api.Rules.Delete(t.Context(), by, minted.Key.ID, 0); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, more := range []string{"", `,"explain":true`, `,"permission":"ManageFiles"`, `,"service":"demo","method":"POST","route":"/v1/files"`, `,"source":"192.0.2.1"`} {
		want := s.verified(`{"key":"` + unheldKey(t).Reveal() + `"` + more + `}`)
		for _, text := range texts {
			if got := s.verified(`{"key":"` + text + `"` + more + `}`); got != want {
				t.Errorf("a stranger's key%s: %s, want %s", more, got, want)
			}
		}
	}
}

// A question that cannot be meant is refused, and names the field at fault.
func TestVerifyBadQuestions(t *testing.T) {
	s := newStage(t)
	key := s.key("key", "ManageFiles").Text.Reveal()
	many, _ := json.Marshal(make([]string, 101))
	for body, field := range map[string]string{
		`{}`:                                     "key",
		`{"permission":"ViewTables"}`:            "key",
		`{"keys":[]}`:                            "keys",
		`{"authorizations":[]}`:                  "authorizations",
		`{"keys":` + string(many) + `}`:          "keys",
		`{"key":"` + key + `\n"}`:                "key",
		`{"key":" ` + key + `"}`:                 "key",
		`{"key":"Bearer ` + key + `"}`:           "key",
		`{"keys":["junk","` + key + ` "]}`:       "keys[1]",
		`{"key":null}`:                           "key",
		`{"key":"a","keys":["a"]}`:               "key",
		`{"key":"a","authorization":"Bearer a"}`: "key",
		`{"key":"a","service":"nothing"}`:        "service",
		`{"key":"a","service":"No service!"}`:    "service",
		`{"key":"a","service":"demo","method":"GET","route":"/v1/files"}`:                            "route",
		`{"key":"a","service":"demo","method":"POST","route":"/v1/nothing"}`:                         "route",
		`{"key":"a","service":"demo","method":"POST"}`:                                               "route",
		`{"key":"a","service":"demo","method":"post","route":"/v1/files"}`:                           "method",
		`{"key":"a","service":"demo","route":"/v1/files"}`:                                           "method",
		`{"key":"a","method":"POST","path":"/v1/files"}`:                                             "service",
		`{"key":"a","service":"demo","method":"POST","route":"/v1/files","path":"/v1/files"}`:        "route",
		`{"key":"a","service":"demo","method":"POST","route":"/v1/files","permission":"ViewTables"}`: "permission",
		`{"key":"a","permission":""}`:                                                                "permission",
		`{"key":"a","permission":null}`:                                                              "permission",
		`{"key":"a","service":""}`:                                                                   "service",
		`{"key":"a","service":"demo","method":""}`:                                                   "method",
		`{"key":"a","service":"demo","method":null,"route":null}`:                                    "method",
		`{"key":"a","service":"demo","route":""}`:                                                    "route",
		`{"key":"a","service":"demo","path":""}`:                                                     "path",
		`{"key":"a","permission":"Nothing"}`:                                                         "permission",
		`{"key":"a","permission":"Nothing","service":"demo"}`:                                        "permission",
		`{"key":"a","source":"here"}`:                                                                "source",
		`{"key":"a","source":"fe80::1%eth0"}`:                                                        "source",
		`{"key":"a","surprise":1}`:                                                                   "surprise",
	} {
		response := s.call("verify-apikey", s.event("verify-apikey", "", body))
		p := s.refused(response, 400, "INVALID_REQUEST")
		if len(p.Errors) == 0 || p.Errors[0].Field != field || p.Errors[0].Detail == "" {
			t.Errorf("%s: %s, want %s", body, response.Body, field)
		}
		if strings.Contains(response.Body, key) {
			t.Errorf("%s is told %s", body, response.Body)
		}
	}
}

// Only VerifyApiKeys lets a caller ask, and explain needs AdministerApiKeys too.
func TestVerifyRights(t *testing.T) {
	s := newStage(t)
	asked := asks(s.key("asked", "ViewTables"), "")
	for _, c := range []struct {
		held            []string
		plain, explains int
	}{
		{nil, 403, 403}, {[]string{"AdministerApiKeys"}, 403, 403}, {[]string{"VerifyApiKeys"}, 200, 403}, {[]string{"VerifyApiKeys", "AdministerApiKeys"}, 200, 200},
	} {
		caller := s.key(fmt.Sprint(c.held), c.held...)
		for body, want := range map[string]int{asked: c.plain, strings.TrimSuffix(asked, "}") + `,"explain":true}`: c.explains} {
			event := s.event("verify-apikey", "", body)
			s.as(&event, caller.Key)
			if response := s.call("verify-apikey", event); response.StatusCode != want {
				t.Errorf("%v: %d %s, want %d", c.held, response.StatusCode, response.Body, want)
			}
		}
	}
}

// A key that cannot be decided is a 503 for the whole list, never an answer: the
// key's record or that of its policy is damaged, or the tables cannot be read. A
// damaged key of another organization is still one that does not exist.
func TestVerifyUndecided(t *testing.T) {
	s := newStage(t)
	good, damaged := s.key("good", "ViewTables"), s.key("damaged", "ViewTables")
	policy := s.policy("damaged")
	under := s.make(apikey.Draft{Name: "under", Policy: policy.ID})
	theirs := s.organization("other").Admin
	s.store.Damage(apikey.KeyRef(damaged.Key.ID))
	s.store.Damage(apikey.PolicyRef("demo", policy.ID))
	s.store.Damage(apikey.KeyRef(theirs.Key.ID))
	for _, key := range []apikey.Minted{damaged, under} {
		body := fmt.Sprintf(`{"keys":[%q,%q]}`, good.Text.Reveal(), key.Text.Reveal())
		s.refused(s.call("verify-apikey", s.event("verify-apikey", "", body)), 503, "UNAVAILABLE")
		s.refused(s.call("introspect", s.event("introspect", "", "token="+key.Text.Reveal())), 503, "UNAVAILABLE")
	}
	if got, want := s.verified(asks(*theirs, "")), s.verified(`{"key":"`+unheldKey(t).Reveal()+`"}`); got != want {
		t.Errorf("a stranger's damaged key: %s, want %s", got, want)
	}
	s.store.Break(errors.New("away"))
	s.refused(s.call("verify-apikey", s.event("verify-apikey", "", asks(good, ""))), 503, "UNAVAILABLE")
}
