package e2e

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/keyward/keyward/infra/local/await"
	"github.com/keyward/keyward/infra/proof/stacktest"
	"github.com/keyward/keyward/shared/dialect/canonical"
)

// A key that expires soon is told once as an event on the bus, and in the audit
// log: with the nearest notice that is due.
func TestNoticesAreEvents(t *testing.T) {
	as := tenant(t, "notices")
	key := as.CreateKey(t, stacktest.Member{
		"name": "short", "permissions": []string{"ManageApiKeys"}, "expiresOn": time.Now().Add(5 * 24 * time.Hour).UTC().Format(time.RFC3339),
	})
	for range 2 {
		// The listing that a round reads may be a moment behind.
		await.Until(t, "a round of notices meets the key", func() bool {
			answer, err := running.Invoke(t.Context(), "send-notices", []byte(`{}`))
			if err != nil || !strings.Contains(string(answer), `"complete":true`) {
				t.Fatalf("send-notices answers %s, %v", answer, err)
			}
			log := stacktest.JSON[canonical.AuditEventList](t, as.Do(t, http.MethodGet, "/v1/audit-events?action=apikey.expiring", "").Want(t, http.StatusOK))
			if len(log.Items) > 1 || len(log.Items) == 1 && log.Items[0].After["days"] != "7" {
				t.Fatalf("notices %+v", log.Items)
			}
			return len(log.Items) == 1
		})
	}
	for _, want := range []string{"apikey.created", "apikey.expiring"} {
		await.Until(t, want+" is on the bus", func() bool {
			types, _ := eventsOf(t, key.ID)
			return slices.Contains(types, want)
		})
	}
}
