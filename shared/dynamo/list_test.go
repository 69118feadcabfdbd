package dynamo_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsdynamodb "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/dynamo"
	"github.com/keyward/keyward/shared/dynamo/schema"
	"github.com/keyward/keyward/shared/uuid"
)

// part is a part of a listing of any kind. next is a sort key.
type part struct {
	records int
	next    string
	damaged []apikey.Damage
}

func partOf[T, P any](listed apikey.Listed[T, P], err error, spell func(P) string) (part, error) {
	p := part{records: len(listed.Records), damaged: listed.Damaged}
	if listed.Next != nil {
		p.next = spell(*listed.Next)
	}
	return p, err
}

func spellPosition(at apikey.Position) string {
	return at.CreatedOn.Format("2006-01-02T15:04:05.000Z") + "#" + at.ID.String()
}

func spellID(sort string) func(uuid.UUID) string {
	return func(id uuid.UUID) string { return sort + id.String() }
}

// listings holds every listing by kind of record. sort is the attribute that
// orders it, and place returns the value of that attribute for the n-th record.
var listings = map[string]struct {
	list  func(s *dynamo.Store, limit int) (part, error)
	sort  string
	place func(n byte) string
}{
	"key": {func(s *dynamo.Store, limit int) (part, error) {
		listed, err := s.Keys(context.Background(), acme, apikey.KeyFilter{}, apikey.Position{}, limit)
		return partOf(listed, err, spellPosition)
	}, schema.ListingSortKey, func(n byte) string {
		return spellPosition(apikey.Position{CreatedOn: time.Unix(0, 0).UTC(), ID: numbered(n)})
	}},
	"policy": {func(s *dynamo.Store, limit int) (part, error) {
		listed, err := s.Policies(context.Background(), acme, uuid.UUID{}, limit)
		return partOf(listed, err, spellID("POLICY#"))
	}, schema.SortKey, func(n byte) string { return spellID("POLICY#")(numbered(n)) }},
	"user": {func(s *dynamo.Store, limit int) (part, error) {
		listed, err := s.Users(context.Background(), acme, uuid.UUID{}, limit)
		return partOf(listed, err, spellID("USER#"))
	}, schema.SortKey, func(n byte) string { return spellID("USER#")(numbered(n)) }},
	"service": {func(s *dynamo.Store, limit int) (part, error) {
		listed, err := s.Services(context.Background(), acme, "", limit)
		return partOf(listed, err, func(name string) string { return "SERVICE#" + name })
	}, schema.SortKey, func(n byte) string { return fmt.Sprint("SERVICE#s", n) }},
	"audit record": {func(s *dynamo.Store, limit int) (part, error) {
		listed, err := s.AuditRecords(context.Background(), acme, apikey.AuditFilter{}, apikey.Position{}, limit)
		return partOf(listed, err, spellPosition)
	}, schema.SortKey, func(n byte) string {
		return spellPosition(apikey.Position{CreatedOn: time.Unix(0, 0).UTC(), ID: numbered(n)})
	}},
}

// numbered returns the id of the n-th record of a test.
func numbered(n byte) uuid.UUID { return uuid.UUID{6: 0x40, 8: 0x80, 15: n} }

// pageOf returns items of a kind, each with its own sort key, and a store whose
// queries return them.
func pageOf(t *testing.T, kind string, count int) ([]attributes, *dynamo.Store) {
	t.Helper()
	var items []attributes
	for n := range count {
		item := maps.Clone(records[kind].encoded(t))
		item[listings[kind].sort] = textValue(listings[kind].place(byte(n)))
		if kind == "key" {
			item["pk"] = textValue("KEY#" + numbered(byte(n)).String())
		}
		items = append(items, item)
	}
	return items, dynamo.New(&stub{query: func(context.Context, *awsdynamodb.QueryInput) (*awsdynamodb.QueryOutput, error) {
		return &awsdynamodb.QueryOutput{Items: items}, nil
	}}, dynamo.Names{})
}

// A record of which any one attribute is missing, of another type or of a newer
// format is left out of its list, which reports the record's id and the
// attribute's name. The others are listed.
func TestListsLeaveDamagedRecordsOut(t *testing.T) {
	for kind, l := range listings {
		items, store := pageOf(t, kind, 3)
		if got, err := l.list(store, 3); err != nil || got.records != 3 || got.damaged != nil || got.next != "" {
			t.Fatalf("%s, undamaged: %+v, error %v", kind, got, err)
		}
		whole := items[1]
		for attribute := range whole {
			for fault, damage := range map[string]types.AttributeValue{
				"missing": nil, "of a wrong type": &types.AttributeValueMemberNULL{Value: true}, "newer": newer(),
			} {
				if fault == "newer" && attribute != dynamo.FormatAttribute || fault == "missing" && slices.Contains(append(records[kind].optional, dynamo.FormatAttribute), attribute) ||
					slices.Contains([]string{schema.PartitionKey, schema.SortKey, schema.ListingPartitionKey, schema.ListingSortKey}, attribute) {
					continue
				}
				items[1] = maps.Clone(whole)
				if items[1][attribute] = damage; damage == nil {
					delete(items[1], attribute)
				}
				got, err := l.list(store, 3)
				if err != nil || got.records != 2 || len(got.damaged) != 1 || got.next != "" {
					t.Fatalf("%s, %s %s: %+v, error %v", kind, attribute, fault, got, err)
				}
				told, cause := got.damaged[0].Ref, got.damaged[0].Cause.Error()
				if !strings.Contains(cause, attribute) || told.ID != numbered(1) && told.Service != "s1" {
					t.Errorf("%s, %s %s: told %s, because %s", kind, attribute, fault, told, cause)
				}
			}
		}
	}
}

// If not even a record's position can be read, the listing continues after it,
// both within a page and where DynamoDB stopped reading there.
func TestListsGoOnAfterUnreadablePositions(t *testing.T) {
	for kind, l := range listings {
		for _, garbage := range []string{"", "POLICY#x", "USER#", "SERVICE#", "SERVICE#A B", "2026-01-02T03:04:05.006Z", "1899-01-02T03:04:05.006Z#" + entropyID().String(), "2026-01-02T03:04:05,006Z#" + entropyID().String(), "~"} {
			items, _ := pageOf(t, kind, 3)
			items[1][l.sort] = textValue(garbage)
			client := &stub{}
			client.query = func(_ context.Context, input *awsdynamodb.QueryInput) (*awsdynamodb.QueryOutput, error) {
				if client.calls == 1 {
					return &awsdynamodb.QueryOutput{Items: items[:2], LastEvaluatedKey: attributes{l.sort: items[1][l.sort]}}, nil
				}
				if start := input.ExclusiveStartKey[l.sort]; start != items[1][l.sort] {
					t.Errorf("%s: goes on from %v", kind, start)
				}
				return &awsdynamodb.QueryOutput{Items: items[2:]}, nil
			}
			got, err := l.list(dynamo.New(client, dynamo.Names{}), 3)
			if err != nil || client.calls != 2 || got.records != 2 || len(got.damaged) != 1 || got.next != "" {
				t.Errorf("%s, %q: %+v after %d calls, error %v", kind, garbage, got, client.calls, err)
			}
		}
	}
}

// A part of a listing is one query, however little it returns. The listing
// continues where DynamoDB stopped, or after the last record that fit.
func TestPartIsOneQuery(t *testing.T) {
	for kind, l := range listings {
		items, _ := pageOf(t, kind, 4)
		last := attributes{l.sort: items[3][l.sort]}
		for _, test := range []struct {
			limit, found, records int
			more                  bool
			next                  int
		}{
			{3, 4, 3, true, 2}, {3, 3, 3, true, 3}, {3, 0, 0, true, 3}, {3, 1, 1, true, 3}, {3, 2, 2, false, -1}, {3, 3, 3, false, -1}, {1, 2, 1, false, 0},
			{apikey.NoLimit, 4, 4, true, 3}, {apikey.NoLimit, 4, 4, false, -1},
		} {
			client := &stub{query: func(_ context.Context, input *awsdynamodb.QueryInput) (*awsdynamodb.QueryOutput, error) {
				if limit := aws.ToInt32(input.Limit); test.limit == apikey.NoLimit && input.Limit != nil || test.limit < apikey.NoLimit && int(limit) != test.limit+1 {
					t.Errorf("%s: limit %d of DynamoDB for %d", kind, limit, test.limit)
				}
				output := &awsdynamodb.QueryOutput{Items: items[:test.found]}
				if test.more {
					output.LastEvaluatedKey = last
				}
				return output, nil
			}}
			got, err := l.list(dynamo.New(client, dynamo.Names{}), test.limit)
			where := ""
			if test.next >= 0 {
				where = l.place(byte(test.next))
			}
			if err != nil || client.calls != 1 || got.records != test.records || got.next != where {
				t.Errorf("%s, %+v: %+v after %d calls, error %v", kind, test, got, client.calls, err)
			}
		}
	}
}
