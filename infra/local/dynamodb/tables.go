package dynamodb

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	sdynamo "github.com/keyward/keyward/shared/dynamo"
	"github.com/keyward/keyward/shared/dynamo/schema"
)

// Region is what to name as the AWS region: with -sharedDb any will do, but a
// client must name one.
const Region = "us-east-1"

// Client is an AWS client of the server at url, with credentials that only
// DynamoDB Local takes. Opts change it further.
func Client(url string, opts ...func(*dynamodb.Options)) *dynamodb.Client {
	return dynamodb.New(dynamodb.Options{
		Region:       Region,
		BaseEndpoint: aws.String(url),
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "local", SecretAccessKey: "local"}, nil
		}),
	}, opts...)
}

// Patient is an option of a [Client] for tests: no deadline but a minute's cuts its
// calls off, so that production's limits, which its user may set, do not hold the
// server to a time that a slow machine needs more of.
func Patient(o *dynamodb.Options) { o.HTTPClient = patient{http.Client{Timeout: time.Minute}} }

type patient struct{ http.Client }

// Do sends a request whose own deadline does not count.
func (p patient) Do(request *http.Request) (*http.Response, error) {
	return p.Client.Do(request.WithContext(context.WithoutCancel(request.Context())))
}

// CreateTables makes the tables that are named, with the keys and the index
// that the schema has for them. One that exists is left as it is.
func CreateTables(ctx context.Context, client *dynamodb.Client, names sdynamo.Names) error {
	main := table(names.Table, schema.ListingPartitionKey, schema.ListingSortKey)
	main.GlobalSecondaryIndexes = []types.GlobalSecondaryIndex{{
		IndexName:  aws.String(schema.Listing),
		KeySchema:  keys(schema.ListingPartitionKey, schema.ListingSortKey),
		Projection: &types.Projection{ProjectionType: types.ProjectionTypeAll},
	}}
	for _, input := range []*dynamodb.CreateTableInput{main, table(names.Audit), table(names.Secrets)} {
		if *input.TableName == "" {
			continue
		}
		_, err := client.CreateTable(ctx, input)
		if _, exists := errors.AsType[*types.ResourceInUseException](err); err != nil && !exists {
			return fmt.Errorf("create the table %s: %w", *input.TableName, err)
		}
	}
	return nil
}

// table has the schema's primary key. Attributes names further ones that an
// index needs, all of them strings.
func table(name string, attributes ...string) *dynamodb.CreateTableInput {
	input := &dynamodb.CreateTableInput{
		TableName:   aws.String(name),
		KeySchema:   keys(schema.PartitionKey, schema.SortKey),
		BillingMode: types.BillingModePayPerRequest,
	}
	for _, attribute := range append([]string{schema.PartitionKey, schema.SortKey}, attributes...) {
		input.AttributeDefinitions = append(input.AttributeDefinitions, types.AttributeDefinition{
			AttributeName: aws.String(attribute), AttributeType: types.ScalarAttributeTypeS,
		})
	}
	return input
}

func keys(partition, sort string) []types.KeySchemaElement {
	return []types.KeySchemaElement{
		{AttributeName: aws.String(partition), KeyType: types.KeyTypeHash},
		{AttributeName: aws.String(sort), KeyType: types.KeyTypeRange},
	}
}
