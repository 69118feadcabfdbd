package dynamo

import (
	"context"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/apikeytest"
	"github.com/keyward/keyward/shared/routing"
	"github.com/keyward/keyward/shared/uuid"
)

// FormatAttribute is the attribute with an item's format.
const FormatAttribute = formatAttribute

// NewestFormat returns the newest format that this version knows.
func NewestFormat() int { return newestFormat }

// Demand makes the store require a new format for an attribute, as a newer
// version would, until the test ends. newestFormat stays, so the store refuses
// to read what it wrote.
func Demand(t *testing.T, attribute string) {
	t.Helper()
	if _, known := requiredFormats[attribute]; known {
		t.Fatalf("%s has a format", attribute)
	}
	requiredFormats[attribute] = newestFormat + 1
	t.Cleanup(func() { delete(requiredFormats, attribute) })
}

// KeyOf returns the primary key of a record.
func (n Names) KeyOf(ref apikey.Ref) map[string]types.AttributeValue { return n.recordKey(ref).key() }

// For tests, each kind of record has a method that reads one.

func (s *Reader) Key(ctx context.Context, id uuid.UUID) (apikey.Key, error) {
	return apikeytest.Lookup{Reader: s}.Key(ctx, id)
}

func (s *Reader) Organization(ctx context.Context, org apikey.OrgID) (apikey.Organization, error) {
	return apikeytest.Lookup{Reader: s}.Organization(ctx, org)
}

func (s *Reader) Status(ctx context.Context, org apikey.OrgID) (apikey.Status, error) {
	return apikeytest.Lookup{Reader: s}.Status(ctx, org)
}

func (s *Reader) Policy(ctx context.Context, org apikey.OrgID, id uuid.UUID) (apikey.Policy, error) {
	return apikeytest.Lookup{Reader: s}.Policy(ctx, org, id)
}

func (s *Reader) User(ctx context.Context, org apikey.OrgID, id uuid.UUID) (apikey.User, error) {
	return apikeytest.Lookup{Reader: s}.User(ctx, org, id)
}

func (s *Reader) RegisteredService(ctx context.Context, org apikey.OrgID, id string) (apikey.Service, error) {
	return apikeytest.Lookup{Reader: s}.RegisteredService(ctx, org, id)
}

func (s *Reader) Service(ctx context.Context, api routing.API) (apikey.Service, error) {
	return apikeytest.Lookup{Reader: s}.Service(ctx, api)
}

// DynamoDB's limits.
const (
	MaxItemBytes        = maxItemBytes
	MaxTransactionBytes = maxTransactionBytes
)

func ItemSize(attributes item) int { return itemSize(attributes) }
