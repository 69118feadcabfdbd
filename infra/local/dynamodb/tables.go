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

// Region is the AWS region to use. A client must name one; with -sharedDb, any
// works.
const Region = "us-east-1"

// Client returns an AWS client of the server at url, with credentials that only
// DynamoDB Local accepts. opts change it further.
func Client(url string, opts ...func(*dynamodb.Options)) *dynamodb.Client {
	return dynamodb.New(dynamodb.Options{
		Region:       Region,
		BaseEndpoint: aws.String(url),
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "local", SecretAccessKey: "local"}, nil
		}),
	}, opts...)
}

// Patient is an option of a [Client] for tests: its calls have no deadline but a
// minute's. Production's limits would make a test depend on the machine's speed.
func Patient(o *dynamodb.Options) { o.HTTPClient = patient{http.Client{Timeout: time.Minute}} }

type patient struct{ http.Client }

// Do sends a request without its own deadline.
func (p patient) Do(request *http.Request) (*http.Response, error) {
	return p.Client.Do(request.WithContext(context.WithoutCancel(request.Context())))
}

// CreateTables creates the named tables with the schema's keys, indexes and
// streams. It leaves existing tables unchanged, but for a missing stream.
func CreateTables(ctx context.Context, client *dynamodb.Client, names sdynamo.Names) error {
	for _, input := range []*dynamodb.CreateTableInput{
		indexed(names.Table, schema.Listing), table(names.Audit), table(names.Secrets), indexed(names.Usage, schema.Used),
	} {
		if *input.TableName == "" {
			continue
		}
		if err := ensure(ctx, client, input); err != nil {
			return fmt.Errorf("create the table %s: %w", *input.TableName, err)
		}
	}
	return nil
}

// ensure creates a table unless it exists. It gives one of an earlier version,
// which had no stream, a stream.
func ensure(ctx context.Context, client *dynamodb.Client, input *dynamodb.CreateTableInput) error {
	_, err := client.CreateTable(ctx, input)
	if _, exists := errors.AsType[*types.ResourceInUseException](err); !exists {
		return err
	}
	known, err := client.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: input.TableName})
	if err != nil || known.Table.StreamSpecification != nil {
		return err
	}
	_, err = client.UpdateTable(ctx, &dynamodb.UpdateTableInput{TableName: input.TableName, StreamSpecification: input.StreamSpecification})
	return err
}

// EnableTimeToLive makes the server forget items of the named main table, as AWS
// does. It leaves a table that does so already unchanged. Tests with a clock of
// their own need a table that forgets nothing.
func EnableTimeToLive(ctx context.Context, client *dynamodb.Client, name string) error {
	found, err := client.DescribeTimeToLive(ctx, &dynamodb.DescribeTimeToLiveInput{TableName: &name})
	if err != nil {
		return fmt.Errorf("read the time to live of the table %s: %w", name, err)
	}
	if found.TimeToLiveDescription.TimeToLiveStatus == types.TimeToLiveStatusEnabled {
		return nil
	}
	_, err = client.UpdateTimeToLive(ctx, &dynamodb.UpdateTimeToLiveInput{TableName: &name, TimeToLiveSpecification: &types.TimeToLiveSpecification{
		AttributeName: aws.String(schema.TimeToLive), Enabled: aws.Bool(true),
	}})
	if err != nil {
		return fmt.Errorf("set the time to live of the table %s: %w", name, err)
	}
	return nil
}

// table returns a table with the schema's primary key. attributes names more
// string attributes that an index needs.
func table(name string, attributes ...string) *dynamodb.CreateTableInput {
	input := &dynamodb.CreateTableInput{
		TableName:   aws.String(name),
		KeySchema:   keys(schema.PartitionKey, schema.SortKey),
		BillingMode: types.BillingModePayPerRequest,
		StreamSpecification: &types.StreamSpecification{
			StreamEnabled: aws.Bool(true), StreamViewType: types.StreamViewTypeNewAndOldImages,
		},
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

// indexed returns a table with an index over the listing attributes.
func indexed(name, index string) *dynamodb.CreateTableInput {
	input := table(name, schema.ListingPartitionKey, schema.ListingSortKey)
	input.GlobalSecondaryIndexes = []types.GlobalSecondaryIndex{{
		IndexName:  aws.String(index),
		KeySchema:  keys(schema.ListingPartitionKey, schema.ListingSortKey),
		Projection: &types.Projection{ProjectionType: types.ProjectionTypeAll},
	}}
	return input
}
