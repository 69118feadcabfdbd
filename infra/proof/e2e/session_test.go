package e2e

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/keyward/keyward/infra/local/await"
	"github.com/keyward/keyward/infra/proof/stacktest"
)

const upload = "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n\r\nhello\r\n--x--\r\n"

var multipart = []string{"Content-Type", "multipart/form-data; boundary=x"}

// A key with the permission is allowed on every kind of API that the authorizer
// supports. Without the permission it is 403, without a key 401.
func TestGuardedAPIs(t *testing.T) {
	uploader := admin.Create(t, "uploader", "ManageFiles")
	querier := admin.Create(t, "querier", "AccessQueries")
	command := `{"command":"list","params":{}}`
	json := []string{"Content-Type", "application/json"}
	for name, c := range map[string]struct {
		client stacktest.Client
		path   string
		body   string
		header []string
		status int
	}{
		"REST, permitted":      {admin.With(uploader.APIKey), "/v1/files", upload, multipart, http.StatusOK},
		"REST, not permitted":  {admin.With(querier.APIKey), "/v1/files", upload, multipart, http.StatusForbidden},
		"REST, no key":         {admin.Authorized(""), "/v1/files", upload, multipart, http.StatusUnauthorized},
		"REST, junk":           {admin.With("junk"), "/v1/files", upload, multipart, http.StatusUnauthorized},
		"HTTP, permitted":      {admin.With(querier.APIKey), "/api", command, json, http.StatusOK},
		"HTTP, not permitted":  {admin.With(uploader.APIKey), "/api", command, json, http.StatusForbidden},
		"HTTP, no key":         {admin.Authorized(""), "/api", command, json, http.StatusUnauthorized},
		"HTTP, junk":           {admin.With("junk"), "/api", command, json, http.StatusUnauthorized},
		"other organization's": {secondOrganization(t), "/v1/files", upload, multipart, http.StatusForbidden},
	} {
		t.Run(name, func(t *testing.T) {
			answer := c.client.Do(t, http.MethodPost, c.path, c.body, c.header...).Want(t, c.status)
			if c.status == http.StatusOK && !strings.Contains(string(answer.Body), `"orgId":"demo"`) {
				t.Errorf("the API was not told whose key it is: %s", answer.Body)
			}
		})
	}
}

// A deleted key is refused within the bound by a process that had it cached; a
// narrowed one loses the permission within it.
func TestRevocationBound(t *testing.T) {
	for name, revoke := range map[string]func(key stacktest.Key) int{
		"deleted": func(key stacktest.Key) int { admin.Delete(t, key.ID); return http.StatusUnauthorized },
		"narrowed": func(key stacktest.Key) int {
			admin.Do(t, http.MethodPatch, "/v1/apikeys/"+key.ID, `{"permissions":[]}`).Want(t, http.StatusOK)
			return http.StatusForbidden
		},
	} {
		t.Run(name, func(t *testing.T) {
			key := admin.Create(t, "revoked", "ManageFiles")
			as := admin.With(key.APIKey)
			as.Do(t, http.MethodPost, "/v1/files", upload, multipart...).Want(t, http.StatusOK)
			want := revoke(key)
			committed := time.Now()
			for {
				asked := time.Now()
				status := as.Do(t, http.MethodPost, "/v1/files", upload, multipart...).Status
				if status == want {
					break
				}
				if asked.Sub(committed) > cacheTTL {
					t.Fatalf("asked %s after the change: status %d", asked.Sub(committed), status)
				}
			}
			for range 20 {
				as.Do(t, http.MethodPost, "/v1/files", upload, multipart...).Want(t, want)
			}
		})
	}
}

// While the authorizer still caches a deleted key, the function refuses it. Its
// 401 equals the authorizer's, except for the challenge, because a REST API
// renames that header in a function's answer.
func TestRefusedByTheFunction(t *testing.T) {
	// Try again if the machine was slower than the cache TTL.
	await.Until(t, "the function is asked", func() bool {
		key := admin.Create(t, "soon deleted")
		as := admin.With(key.APIKey)
		as.Do(t, http.MethodGet, "/v1/whoami", "").Want(t, http.StatusOK)
		admin.Delete(t, key.ID)
		answer := as.Do(t, http.MethodGet, "/v1/whoami", "").Want(t, http.StatusUnauthorized)
		if p := stacktest.JSON[stacktest.Problem](t, answer); p.Code != "UNAUTHENTICATED" {
			t.Errorf("%s", answer.Body)
		}
		return answer.Header.Get("X-Amzn-Remapped-Www-Authenticate") != ""
	})
}

// Of many concurrent creations over HTTP, exactly as many succeed as the quota
// allows. The others are told so, and none fails for another reason. A client
// that is told to retry does so, and finds its name taken if the first attempt
// created the key.
func TestQuotaOverHTTP(t *testing.T) {
	room := 20 - len(keysNamed(t, ""))
	const name = "at once "
	answers, again := make([]stacktest.Answer, 40), make([]bool, 40)
	var wait sync.WaitGroup
	for n := range answers {
		wait.Go(func() {
			await.Until(t, "an answer that is no failure", func() bool {
				answers[n] = admin.Down().Do(t, http.MethodPost, "/v1/apikeys", fmt.Sprintf(`{"name":"%s%d","permissions":[]}`, name, n))
				failed := answers[n].Status == http.StatusServiceUnavailable
				again[n] = again[n] || failed
				return !failed
			})
		})
	}
	wait.Wait()
	made := 0
	for n, answer := range answers {
		problem := stacktest.JSON[stacktest.Problem](t, answer)
		switch {
		case answer.Status == http.StatusCreated, again[n] && problem.Code == "API_KEY_NAME_TAKEN":
			made++
		case answer.Status != http.StatusForbidden || problem.Code != "API_KEY_LIMIT_EXCEEDED":
			t.Errorf("status %d: %s", answer.Status, answer.Body)
		}
	}
	there := keysNamed(t, name)
	for _, key := range there {
		admin.Delete(t, key.ID)
	}
	if made != room || len(there) != room {
		t.Errorf("%d keys made, %d are there, room was for %d", made, len(there), room)
	}
}

// keysNamed returns the keys with that name prefix.
func keysNamed(t *testing.T, prefix string) (named []stacktest.Key) {
	t.Helper()
	listed := stacktest.JSON[struct{ Items []stacktest.Key }](t, admin.Do(t, http.MethodGet, "/v1/apikeys", "").Want(t, http.StatusOK))
	for _, key := range listed.Items {
		if strings.HasPrefix(key.Name, prefix) {
			named = append(named, key)
		}
	}
	return named
}

// A secret appears only in the one answer that shows it: in no log line of a
// function or the gateway, and in no table.
func TestNoSecretStays(t *testing.T) {
	key := admin.Create(t, "canary", "ManageFiles")
	as := admin.With(key.APIKey)
	as.Do(t, http.MethodPost, "/v1/files", upload, multipart...).Want(t, http.StatusOK)
	as.Do(t, http.MethodGet, "/v1/apikeys", "").Want(t, http.StatusForbidden)
	as.Do(t, http.MethodGet, "/v1/whoami?key="+key.APIKey, "").Want(t, http.StatusBadRequest)
	admin.With(key.APIKey[:60]+"000000000").Do(t, http.MethodGet, "/v1/whoami", "").Want(t, http.StatusUnauthorized)
	admin.Do(t, http.MethodPost, "/v1/apikeys", `{"name":"`+key.APIKey+`","nonsense":"`+key.APIKey+`","permissions":[]}`).Want(t, http.StatusBadRequest)

	secret := key.APIKey[25:63]
	log, kept := running.Log(), tables(t)
	if !strings.Contains(log, key.ID) || !strings.Contains(kept, key.ID) {
		t.Fatal("the key's id is not found either: the search proves nothing")
	}
	if strings.Contains(log, secret) {
		t.Error("the secret is in a log")
	}
	if strings.Contains(kept, secret) {
		t.Error("the secret is in a table")
	}
}

// A listing can be read page by page, and the pages add up to all items.
func TestPaging(t *testing.T) {
	for n := range 5 {
		admin.Create(t, fmt.Sprint("paged ", n))
	}
	type page struct {
		Items      []stacktest.Key
		NextCursor string
	}
	whole := stacktest.JSON[page](t, admin.Do(t, http.MethodGet, "/v1/apikeys", "").Want(t, http.StatusOK))
	var ids []string
	for path := "/v1/apikeys?limit=2"; path != ""; {
		part := stacktest.JSON[page](t, admin.Do(t, http.MethodGet, path, "").Want(t, http.StatusOK))
		for _, key := range part.Items {
			ids = append(ids, key.ID)
		}
		if path = ""; part.NextCursor != "" {
			path = "/v1/apikeys?limit=2&cursor=" + part.NextCursor
		}
	}
	if len(ids) != len(whole.Items) || whole.NextCursor != "" {
		t.Fatalf("%d keys in pages, %d in one", len(ids), len(whole.Items))
	}
	for i, key := range whole.Items {
		if ids[i] != key.ID {
			t.Errorf("place %d differs", i)
		}
	}
}

// An ETag guards a change: it is valid once, and not again.
func TestETag(t *testing.T) {
	key := admin.Create(t, "versioned")
	path := "/v1/apikeys/" + key.ID
	tag := admin.Do(t, http.MethodGet, path, "").Want(t, http.StatusOK).Header.Get("ETag")
	admin.Do(t, http.MethodPatch, path, `{"description":"first"}`, "If-Match", tag).Want(t, http.StatusOK)
	admin.Do(t, http.MethodPatch, path, `{"description":"second"}`, "If-Match", tag).Want(t, http.StatusPreconditionFailed)
	admin.Do(t, http.MethodDelete, path, "", "If-Match", tag).Want(t, http.StatusPreconditionFailed)
	admin.Do(t, http.MethodDelete, path, "", "If-Match", "*").Want(t, http.StatusNoContent)
}
