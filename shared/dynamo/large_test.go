package dynamo_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/keyward/keyward/infra/local/dynamodb"
	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/apikeytest"
	"github.com/keyward/keyward/shared/dynamo"
	"github.com/keyward/keyward/shared/uuid"
)

// However large the records are, a part of a listing is what DynamoDB reads for
// one query, which ends with the item that reaches 1 MB. All parts together are
// the whole listing. (DynamoDB also counts items that a filter leaves out. The
// local engine does not.)
func TestPartsOfLargeRecords(t *testing.T) {
	store := dynamo.New(dynamodb.Client(server.URL), newTables(t))
	entropy, clock := apikeytest.Entropy(5), apikeytest.NewClock()
	const count, size = 7, 300_000
	for n := range count {
		id, _ := uuid.New(entropy)
		record, _ := uuid.New(entropy)
		err := store.Commit(t.Context(), apikey.Change{
			Writes: []apikey.Write{apikey.CreatePolicy{Policy: apikey.Policy{
				ID: id, Org: acme, Name: fmt.Sprint(n), Claim: fmt.Sprint(n), Description: strings.Repeat("p", size), CreatedOn: clock.Now(), Version: 1,
			}}},
			Audits: []apikey.AuditRecord{{
				ID: record, Org: acme, At: clock.Advance(time.Millisecond), Action: apikey.ActionCreatePolicy,
				After: map[string]string{"description": strings.Repeat("a", size)},
			}},
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	policies := sizes(t, func(after uuid.UUID) (apikey.Listed[apikey.Policy, uuid.UUID], error) {
		return store.Policies(t.Context(), acme, after, apikey.MaxPage)
	})
	records := sizes(t, func(before apikey.Position) (apikey.Listed[apikey.AuditRecord, apikey.Position], error) {
		return store.AuditRecords(t.Context(), acme, apikey.AuditFilter{}, before, apikey.NoLimit)
	})
	if want := []int{4, 3}; !slices.Equal(policies, want) || !slices.Equal(records, want) {
		t.Errorf("parts of %d and of %d, want %d", policies, records, want)
	}
}

// sizes returns how many records each part of a listing has.
func sizes[T, P any](t *testing.T, list func(after P) (apikey.Listed[T, P], error)) (sizes []int) {
	t.Helper()
	for next := new(P); next != nil; {
		part, err := list(*next)
		if err != nil {
			t.Fatal(err)
		}
		sizes, next = append(sizes, len(part.Records)), part.Next
	}
	return sizes
}
