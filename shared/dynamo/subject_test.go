package dynamo_test

import (
	"context"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsdynamodb "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/keyward/keyward/infra/local/dynamodb"
	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/dynamo"
)

// subject is a store on DynamoDB Local for the contract.
type subject struct {
	*dynamo.Store
	*dynamo.UsesWriter
	t      *testing.T
	tables dynamo.Names
	client *hasty
}

func newSubject(t *testing.T, client dynamo.API) subject {
	t.Helper()
	hurried, tables := &hasty{API: client}, newTables(t)
	return subject{dynamo.New(hurried, tables), dynamo.NewUsesWriter(dynamodb.Client(server.URL), tables), t, tables, hurried}
}

// Damage makes a record unreadable.
func (s subject) Damage(ref apikey.Ref) {
	s.t.Helper()
	client := dynamodb.Client(server.URL)
	table, key, attribute := s.tables.Table, s.tables.KeyOf(ref), "version"
	if ref.Subject == apikey.SubjectAuditRecord {
		table, key, attribute = s.tables.Audit, s.auditKey(client, ref), "requestID"
	}
	_, err := client.UpdateItem(s.t.Context(), &awsdynamodb.UpdateItemInput{
		TableName: &table, Key: key, UpdateExpression: aws.String("SET #a = :null"),
		ExpressionAttributeNames:  map[string]string{"#a": attribute},
		ExpressionAttributeValues: attributes{":null": &types.AttributeValueMemberNULL{Value: true}},
	})
	if err != nil {
		s.t.Fatal(err)
	}
}

// auditKey returns the primary key of the audit record with that id.
func (s subject) auditKey(client *awsdynamodb.Client, ref apikey.Ref) attributes {
	s.t.Helper()
	found, err := client.Query(s.t.Context(), &awsdynamodb.QueryInput{
		TableName: &s.tables.Audit, KeyConditionExpression: aws.String("pk = :p"),
		ExpressionAttributeValues: attributes{":p": textValue("ORG#" + string(ref.Org))},
	})
	if err != nil {
		s.t.Fatal(err)
	}
	for _, item := range found.Items {
		if strings.HasSuffix(item["sk"].(*types.AttributeValueMemberS).Value, "#"+ref.ID.String()) {
			return attributes{"pk": item["pk"], "sk": item["sk"]}
		}
	}
	s.t.Fatalf("there is no %s", ref)
	return nil
}

// ReadAtMost limits a query to one item for each kilobyte.
func (s subject) ReadAtMost(bytes int) { s.client.items = int32(bytes>>10) + 1 }

// hasty is a client whose queries end after that many items, unless items is 0.
type hasty struct {
	dynamo.API
	items int32
}

func (h *hasty) Query(ctx context.Context, input *awsdynamodb.QueryInput, options ...func(*awsdynamodb.Options)) (*awsdynamodb.QueryOutput, error) {
	if h.items > 0 && (input.Limit == nil || *input.Limit > h.items) {
		early := *input
		early.Limit = &h.items
		input = &early
	}
	return h.API.Query(ctx, input, options...)
}
