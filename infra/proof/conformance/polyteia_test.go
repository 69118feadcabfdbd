package conformance

import (
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/keyward/keyward/infra/proof/stacktest"
)

// Polyteia, "Bearer Token Authentication": the token is in the Authorization
// header after "Bearer". The answer is 200, 401 if the token is missing or
// invalid, or 403 if it lacks the permission.
func TestPolyteiaAnswers(t *testing.T) {
	line(t, "polyteia/bearer", "polyteia/ok", "polyteia/unauthorized", "polyteia/forbidden", "polyteia/command")
	allowed, _ := person(t, "MEMBER", "AccessQueries")
	denied, _ := person(t, "MEMBER")
	answer := allowed.Do(t, http.MethodPost, "/api", `{"command":"create_dataset","params":{"name":"Customers List"}}`).Want(t, http.StatusOK)
	if got := stacktest.JSON[struct{ Command string }](t, answer).Command; got != "create_dataset" {
		t.Errorf("%s", answer.Body)
	}
	command(t, denied).Want(t, http.StatusForbidden)
	text := strings.TrimPrefix(allowed.Authorization, "Bearer ")
	for _, header := range []string{"", "Bearer", "Bearer ", text, "Token " + text, "Bearer " + text[:len(text)-1], "Bearer " + text + "0", "Bearer x" + text} {
		command(t, allowed.Authorized(header)).Want(t, http.StatusUnauthorized)
	}
}

// Polyteia, "Bearer Token Authentication": Content-Type "must be set to
// application/json". Any other, or none, is a 415.
func TestPolyteiaContentType(t *testing.T) {
	line(t, "polyteia/bearer", "polyteia/command")
	as, _ := person(t, "MEMBER", "AccessQueries")
	const body = `{"command":"ping","params":{}}`
	for _, mediaType := range []string{"application/json", "Application/JSON; charset=utf-8"} {
		as.Do(t, http.MethodPost, "/api", body, "Content-Type", mediaType).Want(t, http.StatusOK)
	}
	for _, mediaType := range []string{"", "text/plain", "application/x-www-form-urlencoded", "application/jsonp", "application/json, text/plain", "json"} {
		as.Do(t, http.MethodPost, "/api", body, "Content-Type", mediaType).Want(t, http.StatusUnsupportedMediaType)
	}
	as.Authorized("").Do(t, http.MethodPost, "/api", body, "Content-Type", "text/plain").Want(t, http.StatusUnauthorized)
}

// Polyteia, "How do they work?": a personal key has its user's permissions at
// the time of use. It gains and loses permissions with the user. It can do
// nothing once the user is deleted or becomes an OWNER, whose keys nobody else
// may have seen.
func TestPolyteiaImpersonates(t *testing.T) {
	line(t, "polyteia/impersonates")
	as, user := person(t, "MEMBER", "AccessQueries")
	command(t, as).Want(t, http.StatusOK)
	upload(t, as).Want(t, http.StatusForbidden)

	replaceUser(t, user, "MEMBER", "ManageFiles")
	within(t, http.StatusForbidden, func() stacktest.Answer { return command(t, as) })
	upload(t, as).Want(t, http.StatusOK)

	replaceUser(t, user, "MEMBER", "AccessQueries")
	within(t, http.StatusOK, func() stacktest.Answer { return command(t, as) })

	promoted, next := person(t, "MEMBER", "AccessQueries")
	command(t, promoted).Want(t, http.StatusOK)
	replaceUser(t, next, "OWNER")
	within(t, http.StatusUnauthorized, func() stacktest.Answer { return command(t, promoted) })

	owner.Do(t, http.MethodDelete, "/v1/users/"+user.ID, "").Want(t, http.StatusNoContent)
	within(t, http.StatusUnauthorized, func() stacktest.Answer { return command(t, as) })
}

// Polyteia, "How do they work?": the API behind the key knows the user.
func TestPolyteiaIdentity(t *testing.T) {
	line(t, "polyteia/impersonates")
	as, user := person(t, "MEMBER", "AccessQueries")
	answer := command(t, as).Want(t, http.StatusOK)
	if got := stacktest.JSON[struct{ UserID string }](t, answer).UserID; got != user.ID {
		t.Errorf("the API sees user %q, want %q: %s", got, user.ID, answer.Body)
	}
	self := stacktest.JSON[struct{ User stacktest.User }](t, as.Do(t, http.MethodGet, "/v1/whoami", "").Want(t, http.StatusOK))
	if self.User.ID != user.ID || self.User.Email != user.Email {
		t.Errorf("whoami: %+v", self)
	}
}

// Polyteia: the key is shown once. A lost one is deleted, and refused from then
// on; a new one replaces it.
func TestPolyteiaShownOnce(t *testing.T) {
	line(t, "polyteia/once")
	user := owner.CreateUser(t, address(), "MEMBER", "AccessQueries")
	body := stacktest.Member{"name": "personal", "type": "personal", "onBehalfOf": user.ID}
	lost := owner.CreateKey(t, body)
	for _, path := range []string{"/v1/apikeys", "/v1/apikeys/" + lost.ID} {
		if shown := owner.Do(t, http.MethodGet, path, "").Want(t, http.StatusOK); strings.Contains(string(shown.Body), lost.APIKey) {
			t.Errorf("GET %s shows the key", path)
		}
	}
	as := owner.With(lost.APIKey)
	command(t, as).Want(t, http.StatusOK)
	owner.Do(t, http.MethodDelete, "/v1/apikeys/"+lost.ID, "").Want(t, http.StatusNoContent)
	within(t, http.StatusUnauthorized, func() stacktest.Answer { return command(t, as) })
	again := owner.CreateKey(t, body)
	if again.APIKey == lost.APIKey {
		t.Error("the new key is the lost one")
	}
	command(t, owner.With(again.APIKey)).Want(t, http.StatusOK)
}

// Polyteia, "Example": the document's sample runs unchanged except for the host,
// the token, and two things that no shell and curl accept: "-header" becomes
// "--header", and the remark after a line's end is left out.
func TestPolyteiaSample(t *testing.T) {
	line(t, "polyteia/samples")
	as, _ := person(t, "MEMBER", "AccessQueries")
	script, err := os.ReadFile(filepath.Join("testdata", "polyteia", "create_dataset.sh"))
	if err != nil {
		t.Fatal(err)
	}
	changed := strings.NewReplacer(
		"https://app.polyteia.com", as.URL, "Bearer <your_access_token>", as.Authorization,
		" -header ", " --header ", ` \ // your personal access key token`, ` \`,
	).Replace(string(script))
	if strings.Contains(changed, "polyteia.com") || strings.Contains(changed, "// ") || strings.Contains(changed, " -header") {
		t.Fatal("the sample is not as it was")
	}
	process := exec.CommandContext(t.Context(), "sh", "-c", changed)
	process.Env = append(os.Environ(), "CURL_HOME="+curlHome(t), "no_proxy=*")
	output, err := process.CombinedOutput()
	if body, status := split(string(output)); err != nil || status != "200" || !strings.Contains(body, `"slug":"customers_list"`) {
		t.Errorf("%v: %s", err, output)
	}
}
