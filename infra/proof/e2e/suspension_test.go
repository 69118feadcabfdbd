package e2e

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/keyward/keyward/infra/proof/stacktest"
	"github.com/keyward/keyward/shared/verify"
)

// suspend suspends the demo organization or ends that, as an operator.
func suspend(t *testing.T, suspended string) {
	t.Helper()
	event := `{"organization":"demo","suspended":` + suspended + `,"reason":"A drill"}`
	answer, err := running.Invoke(context.Background(), "suspend-organization", []byte(event))
	if want := `{"organization":"demo","suspended":` + suspended + `}`; err != nil || string(answer) != want {
		t.Fatalf("answer %s, %v", answer, err)
	}
}

// settled repeats a request until the bound after a change has passed, because
// each process has its own cache. After that, every answer must have the status.
func settled(t *testing.T, committed time.Time, ask func() stacktest.Answer, status int) (last stacktest.Answer) {
	t.Helper()
	for later := 0; later < 10; {
		asked := time.Now()
		if last = ask(); asked.Sub(committed) > cacheTTL {
			last.Want(t, status)
			later++
		}
	}
	return last
}

// Within the bound, all keys of a suspended organization are refused, including
// its owner's, at guarded APIs and at Keyward's own. They work again within the
// bound after the end. Another organization's keys always work.
func TestSuspendedOrganization(t *testing.T) {
	uploader, other := admin.With(admin.Create(t, "suspended", "ManageFiles").APIKey), secondOrganization(t)
	asks := map[string]func() stacktest.Answer{
		"upload": func() stacktest.Answer {
			return uploader.Do(t, http.MethodPost, "/v1/files", upload, multipart...)
		},
		"whoami": func() stacktest.Answer { return uploader.Do(t, http.MethodGet, "/v1/whoami", "") },
		"owner":  func() stacktest.Answer { return admin.Do(t, http.MethodGet, "/v1/apikeys", "") },
	}
	for _, ask := range asks {
		ask().Want(t, http.StatusOK)
	}
	t.Cleanup(func() { suspend(t, "false") })
	suspend(t, "true")
	committed := time.Now()
	for name, ask := range asks {
		if body := string(settled(t, committed, ask, http.StatusUnauthorized).Body); strings.Contains(strings.ToLower(body), "suspend") {
			t.Errorf("%s: the caller is told why: %s", name, body)
		}
		other.Do(t, http.MethodGet, "/v1/whoami", "").Want(t, http.StatusOK)
	}
	if !strings.Contains(running.Log(), string(verify.OrganizationSuspended)) {
		t.Error("the log does not say why")
	}
	suspend(t, "false")
	committed = time.Now()
	for _, ask := range asks {
		settled(t, committed, ask, http.StatusOK)
	}
}
