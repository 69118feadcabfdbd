package dynamo_test

import (
	"context"
	"errors"
	"maps"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	awsdynamodb "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/dynamo"
	"github.com/keyward/keyward/shared/routing"
)

// encoded returns the record's item as the store writes it.
func (r record) encoded(t *testing.T) attributes {
	t.Helper()
	var item attributes
	client := &stub{transact: func(_ context.Context, input *awsdynamodb.TransactWriteItemsInput) (*awsdynamodb.TransactWriteItemsOutput, error) {
		if step := input.TransactItems[r.step]; step.Put != nil {
			item = step.Put.Item
		} else {
			item = itemOfUpdate(step.Update)
		}
		return nil, nil
	}}
	change := apikey.Change{Audits: []apikey.AuditRecord{{
		ID: entropyID(), Org: acme, At: time.Unix(0, 0), Source: netip.IPv6Loopback(),
		Before: map[string]string{}, After: map[string]string{}, Removed: map[string]string{}, Added: map[string]string{},
	}}}
	if r.write != nil {
		change.Writes = []apikey.Write{r.write}
	}
	if err := dynamo.New(client, dynamo.Names{Secrets: "secrets"}).Commit(t.Context(), change); err != nil {
		t.Fatal(err)
	}
	return item
}

// itemOfUpdate returns the item that an update makes if there is none.
func itemOfUpdate(update *types.Update) attributes {
	item := maps.Clone(update.Key)
	for placeholder, value := range update.ExpressionAttributeValues {
		if attribute, set := strings.CutPrefix(placeholder, ":set_"); set {
			item[attribute] = value
		}
	}
	return item
}

// readFrom reads the record from a table that holds item and nothing else.
func (r record) readFrom(item attributes) error {
	return r.read(stubStore(item))
}

// stubStore returns a store that answers every read with the item, except that
// it finds no user for a claim and no status for an organization.
func stubStore(item attributes) *dynamo.Store {
	return dynamo.New(&stub{
		get: func(_ context.Context, input *awsdynamodb.GetItemInput) (*awsdynamodb.GetItemOutput, error) {
			sort := input.Key["sk"].(*types.AttributeValueMemberS).Value
			claimed, counted := item["key"] != nil, item["keyCount"] != nil
			if claimed && strings.HasPrefix(sort, "USER#") || counted && sort == "STATUS" {
				return &awsdynamodb.GetItemOutput{}, nil
			}
			return &awsdynamodb.GetItemOutput{Item: item}, nil
		},
		query: func(context.Context, *awsdynamodb.QueryInput) (*awsdynamodb.QueryOutput, error) {
			return &awsdynamodb.QueryOutput{Items: []attributes{item}}, nil
		},
	}, dynamo.Names{})
}

// statusOfEarlierVersion reads the status from an organization's own record.
func statusOfEarlierVersion(s *dynamo.Store) error {
	status, err := s.Status(context.Background(), acme)
	if err == nil && status.Version != 0 {
		return errors.New("the status has a record of its own")
	}
	return err
}

// pepperOf reads the only pepper, and returns its Damage as the error.
func pepperOf(s *dynamo.Store) error {
	peppers, err := s.Peppers(context.Background())
	if err != nil || len(peppers) != 1 || peppers[0].Version != 1 {
		return errors.Join(errors.New("not exactly pepper 1"), err)
	}
	if peppers[0].Damage != nil {
		return apikey.UnavailableError("read the pepper", peppers[0].Damage)
	}
	return nil
}

// A record of which any one attribute is missing, of another type or out of
// range is Unavailable. It is never read as a record with a gap, and never "not
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
			if attribute != "format" && !slices.Contains(r.optional, attribute) {
				check("missing", attribute, nil)
			}
			check("of a wrong type", attribute, &types.AttributeValueMemberSS{Value: []string{"A"}})
			check("null", attribute, &types.AttributeValueMemberNULL{Value: true})
		}
		for attribute, value := range r.wrong {
			check("wrong", attribute, value)
		}
	}
}

// A digest that is not exactly 32 bytes verifies nothing and is Unavailable:
// two empty ones would be equal.
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

// An audit record without an address has no source. An empty one is damage.
func TestEmptySourceIsDamage(t *testing.T) {
	r := records["audit record"]
	item := r.encoded(t)
	if item["source"] = textValue(""); apikey.KindOf(r.readFrom(item)) != apikey.Unavailable {
		t.Errorf("error %v", r.readFrom(item))
	}
}

// Keys, organizations and services of the first version are read with the
// meaning they had then. If only some of the newer attributes are present, the
// record is damaged, so that a key never loses a rule unnoticed.
func TestRecordsOfEarlierVersions(t *testing.T) {
	for kind, newer := range map[string][]string{
		"key":          {"type", "claim", "narrowed", "policy", "onBehalfOf", "services", "disabled", "notBefore", "expiresOn", "allowIPs", "recoverable", "listed"},
		"organization": {"recoverable", "maxKeyLifetime", "withdrawn", "owners"},
		"service of an API": {"permissions", "version", "createdOn", "modifiedOn", "createdByName", "createdByID", "modifiedByName", "modifiedByID",
			"unlisted", "cacheSeconds", "cacheBy"},
	} {
		r := records[kind]
		whole := r.encoded(t)
		old := maps.Clone(whole)
		for _, attribute := range newer {
			delete(old, attribute)
		}
		if err := r.readFrom(old); err != nil {
			t.Errorf("%s: %v", kind, err)
		}
		for _, attribute := range newer {
			mixed := maps.Clone(old)
			mixed[attribute] = whole[attribute]
			if err := r.readFrom(mixed); err == nil || apikey.KindOf(err) != apikey.Unavailable {
				t.Errorf("%s with %s alone: error %v, want Unavailable", kind, attribute, err)
			}
		}
		if kind == "key" {
			key, _ := stubStore(old).Key(t.Context(), entropyID())
			if key.Type != apikey.TypeService || key.Claim != "name" || !key.Live(time.Now()) {
				t.Errorf("an old key reads as %+v", key)
			}
		}
	}
}

// A service that was stored before the gateway settings existed refuses
// unlisted routes, and its gateways cache nothing. If only some of these
// settings are present, it is damaged.
func TestServiceWithoutGateways(t *testing.T) {
	r := records["service of an API"]
	whole, settings := r.encoded(t), []string{"unlisted", "cacheSeconds", "cacheBy"}
	old := maps.Clone(whole)
	for _, attribute := range settings {
		delete(old, attribute)
	}
	found, err := stubStore(old).Service(t.Context(), routing.API{})
	if err != nil || found.Unlisted != routing.RefuseUnlisted || found.Cache.Enabled() || found.Version != service.Version {
		t.Errorf("read %+v, error %v", found, err)
	}
	for _, attribute := range settings {
		mixed := maps.Clone(old)
		mixed[attribute] = whole[attribute]
		if _, err := stubStore(mixed).Service(t.Context(), routing.API{}); err == nil || apikey.KindOf(err) != apikey.Unavailable {
			t.Errorf("with %s alone: error %v", attribute, err)
		}
	}
}

// Audit records of earlier versions have lists, which read as the rules write
// them now, and name no key.
func TestAuditRecordOfEarlierVersion(t *testing.T) {
	old := records["audit record"].encoded(t)
	delete(old, "key")
	old["after"] = mapValue(attributes{"name": textValue("n"), "permissions": listValue(textValue("A"), textValue("B"))})
	part, err := stubStore(old).AuditRecords(t.Context(), acme, apikey.AuditFilter{}, apikey.Position{}, 1)
	found := part.Records
	if err != nil || len(found) != 1 || !maps.Equal(found[0].After, map[string]string{"name": "n", "permissions": "A,B"}) {
		t.Errorf("read %+v, error %v", found, err)
	}
}

// A record with an unknown attribute that requires no format is read as if it
// lacked it, so that a new version can be rolled back.
func TestRecordsOfNewerVersions(t *testing.T) {
	for kind, r := range records {
		item := r.encoded(t)
		item["of-a-newer-version"] = mapValue(attributes{"a": listValue()})
		if err := r.readFrom(item); err != nil {
			t.Errorf("%s: %v", kind, err)
		}
	}
}
