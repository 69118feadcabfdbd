package apikeytest

import (
	"slices"
	"testing"

	"github.com/keyward/keyward/shared/apikey"
)

// AuditLog is every audit record of an organization, in order of time. A store
// that cannot be read fails the test.
func AuditLog(t testing.TB, store apikey.Store, org apikey.OrgID) (log []apikey.AuditRecord) {
	t.Helper()
	for before, more := (apikey.Position{}), true; more; {
		page, next, err := store.AuditRecords(t.Context(), org, apikey.AuditFilter{}, before, apikey.MaxPage)
		if err != nil {
			t.Fatal(err)
		}
		if log, more = append(log, page...), next && len(page) > 0; more {
			before = recordedAt(page[len(page)-1])
		}
	}
	slices.Reverse(log)
	return log
}
