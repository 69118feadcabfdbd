package dynamo_test

import (
	"context"
	"io"
	"maps"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	awsdynamodb "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/apikeytest"
	"github.com/keyward/keyward/shared/dynamo"
	"github.com/keyward/keyward/shared/keytext"
)

type attributes = map[string]types.AttributeValue

// record is a kind of item: how one is written and how it is read.
type record struct {
	write apikey.Write
	read  func(*dynamo.Store) error
	// optional attributes may be missing, unread ones hold anything: they are
	// keys that the reader gave, or copies for an index.
	optional, unread []string
	// wrong are values that are of the right type and still not right.
	wrong map[string]types.AttributeValue
}

func entropyID() keytext.ID {
	id, _ := keytext.NewID(apikeytest.Entropy(7))
	return id
}

func modifiedKey() apikey.Key {
	now := apikeytest.NewClock().Now()
	key := apikey.Key{
		ID: entropyID(), Org: acme, Name: "name", Permissions: apikey.NewPermissions("A", "B"),
		Digest: apikey.Digest{Pepper: 1}, CreatedOn: now, LastModifiedOn: now, Version: 2,
	}
	_, _ = io.ReadFull(apikeytest.Entropy(8), key.Digest.Sum[:])
	return key
}

func textValue(s string) types.AttributeValue   { return &types.AttributeValueMemberS{Value: s} }
func numberValue(s string) types.AttributeValue { return &types.AttributeValueMemberN{Value: s} }
func binaryValue(length int) types.AttributeValue {
	return &types.AttributeValueMemberB{Value: make([]byte, length)}
}
func listValue(values ...types.AttributeValue) types.AttributeValue {
	return &types.AttributeValueMemberL{Value: values}
}

var records = map[string]record{
	"key": {
		write:    apikey.CreateKey{Key: modifiedKey()},
		read:     func(s *dynamo.Store) error { _, err := s.Key(context.Background(), entropyID()); return err },
		optional: []string{"modifiedOn"},
		unread:   []string{"sk", "lpk", "lsk"},
		wrong: map[string]types.AttributeValue{
			"pk": textValue("KEY#1"), "org": textValue("A"), "pepper": numberValue("0"), "version": numberValue("0"),
			"createdOn": textValue("2026-01-02T03:04:05Z"), "modifiedOn": textValue(""),
			"permissions": listValue(textValue("B"), textValue("A")),
		},
	},
	"organization": {
		write:  apikey.CreateOrganization{Organization: apikey.Organization{ID: acme, Version: 1, Declared: []apikey.Permission{{Name: "A"}}}},
		read:   func(s *dynamo.Store) error { _, err := s.Organization(context.Background(), acme); return err },
		unread: []string{"pk", "sk"},
		wrong: map[string]types.AttributeValue{
			"id": textValue("A"), "keyCount": numberValue("-1"), "maxKeys": numberValue("1.5"), "version": numberValue("99999999999999999999"),
			"declared": listValue(&types.AttributeValueMemberM{Value: attributes{"name": textValue("A")}}),
		},
	},
	"pepper": {
		write:  apikey.CreatePepper{Pepper: apikey.Pepper{Version: 1, State: apikey.PepperActive, Wrapped: []byte{1}}},
		read:   func(s *dynamo.Store) error { _, err := s.Peppers(context.Background()); return err },
		unread: []string{"pk", "sk"},
		wrong:  map[string]types.AttributeValue{"state": textValue("Active"), "version": numberValue("0"), "wrapped": binaryValue(0)},
	},
	"service": {
		write: apikey.PutService{Service: apikey.Service{ID: "files", Org: acme, APIs: []apikey.API{{ID: "a"}}, Routes: []apikey.Route{{}}}},
		read: func(s *dynamo.Store) error {
			_, err := s.Service(context.Background(), apikey.API{})
			return err
		},
		unread: []string{"pk", "sk"},
		wrong:  map[string]types.AttributeValue{"org": textValue("A"), "routes": listValue(textValue("/")), "apis": listValue(numberValue("1"))},
	},
	"audit record": {
		read: func(s *dynamo.Store) error {
			_, err := s.AuditRecords(context.Background(), acme)
			return err
		},
		optional: []string{"source", "before", "after"},
		unread:   []string{"pk"},
		wrong:    map[string]types.AttributeValue{"sk": textValue("2026"), "source": textValue("nowhere"), "before": &types.AttributeValueMemberM{}},
	},
}

// encoded is the record's item as the store writes it.
func (r record) encoded(t *testing.T) attributes {
	t.Helper()
	var item attributes
	client := &stub{transact: func(_ context.Context, input *awsdynamodb.TransactWriteItemsInput) (*awsdynamodb.TransactWriteItemsOutput, error) {
		item = input.TransactItems[0].Put.Item
		return nil, nil
	}}
	change := apikey.Change{Audit: apikey.AuditRecord{
		ID: entropyID(), Org: acme, At: time.Unix(0, 0), Source: netip.IPv6Loopback(),
		Before: &apikey.KeyFacts{}, After: &apikey.KeyFacts{},
	}}
	if r.write != nil {
		change.Writes = []apikey.Write{r.write}
	}
	if err := dynamo.New(client, dynamo.Names{}).Commit(t.Context(), change); err != nil {
		t.Fatal(err)
	}
	return item
}

// readFrom reads the record from a table that holds item and nothing else.
func (r record) readFrom(item attributes) error {
	return r.read(dynamo.New(&stub{
		get: func(context.Context, *awsdynamodb.GetItemInput) (*awsdynamodb.GetItemOutput, error) {
			return &awsdynamodb.GetItemOutput{Item: item}, nil
		},
		query: func(context.Context, *awsdynamodb.QueryInput) (*awsdynamodb.QueryOutput, error) {
			return &awsdynamodb.QueryOutput{Items: []attributes{item}}, nil
		},
	}, dynamo.Names{}))
}

// A record of which any one attribute is missing, of another type or out of
// range is Unavailable: never a record with a hole in it, and never "not
// found", which would turn away a good key. The error shows no value.
func TestDamagedRecordIsUnavailable(t *testing.T) {
	for kind, r := range records {
		item := r.encoded(t)
		if err := r.readFrom(item); err != nil {
			t.Fatalf("%s, undamaged: %v", kind, err)
		}
		check := func(fault, attribute string, value types.AttributeValue) {
			t.Helper()
			damaged := maps.Clone(item)
			if damaged[attribute] = value; value == nil {
				delete(damaged, attribute)
			}
			err := r.readFrom(damaged)
			if err == nil || apikey.KindOf(err) != apikey.Unavailable || !strings.Contains(err.Error(), attribute) {
				t.Errorf("%s, %s %s: error %v, want Unavailable that names the attribute", kind, attribute, fault, err)
			}
		}
		for attribute := range item {
			if slices.Contains(r.unread, attribute) {
				continue
			}
			if !slices.Contains(r.optional, attribute) {
				check("missing", attribute, nil)
			}
			check("of a wrong type", attribute, &types.AttributeValueMemberBOOL{Value: true})
			check("null", attribute, &types.AttributeValueMemberNULL{Value: true})
		}
		for attribute, value := range r.wrong {
			check("wrong", attribute, value)
		}
	}
}

// A digest that is not exactly 32 bytes verifies nothing and is an outage: two
// empty ones would be equal.
func TestDigestHasOneLength(t *testing.T) {
	r := records["key"]
	item := r.encoded(t)
	for length := range 70 {
		item["digest"] = binaryValue(length)
		if err := r.readFrom(item); (err == nil) != (length == 32) || err != nil && apikey.KindOf(err) != apikey.Unavailable {
			t.Errorf("%d bytes: error %v", length, err)
		}
	}
}
