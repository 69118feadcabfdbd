package dynamo_test

import (
	"errors"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsdynamodb "github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/keyward/keyward/infra/local/dynamodb"
	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/dynamo"
	"github.com/keyward/keyward/shared/uuid"
)

// Damaged uses are told apart from a failed read, so that a list can go on
// without them.
func TestDamagedUses(t *testing.T) {
	client, names := dynamodb.Client(server.URL), newTables(t)
	store := dynamo.New(client, names)
	key, day := uuid.UUID{1}, time.Date(2026, 11, 28, 0, 0, 0, 0, time.UTC)
	_, err := client.PutItem(t.Context(), &awsdynamodb.PutItemInput{TableName: aws.String(names.Usage), Item: attributes{
		"pk": textValue("KEY#" + key.String()), "sk": textValue("DAY#2026-11-28#eu-central-1"), "org": numberValue("1"),
	}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := store.Uses(t.Context(), key, day, day); !errors.Is(err, apikey.ErrDamaged) || apikey.KindOf(err) != apikey.Unavailable {
		t.Errorf("error %v", err)
	}
}
