package apikeytest

import (
	"slices"
	"testing"

	"github.com/keyward/keyward/shared/apikey"
)

// AuditLog returns every audit record of an organization, in order of time. The
// test fails if the store cannot be read.
func AuditLog(t testing.TB, store apikey.Store, org apikey.OrgID) (log []apikey.AuditRecord) {
	t.Helper()
	for next := new(apikey.Position); next != nil; {
		part, err := store.AuditRecords(t.Context(), org, apikey.AuditFilter{}, *next, apikey.MaxPage)
		if err != nil {
			t.Fatal(err)
		}
		log, next = append(log, part.Records...), part.Next
	}
	slices.Reverse(log)
	return log
}
