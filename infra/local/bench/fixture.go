package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsdynamodb "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	awskms "github.com/aws/aws-sdk-go-v2/service/kms"
	"golang.org/x/sync/errgroup"
	"golang.org/x/text/unicode/norm"

	"github.com/keyward/keyward/infra/local/dynamodb"
	"github.com/keyward/keyward/infra/local/kms"
	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/dynamo"
	"github.com/keyward/keyward/shared/dynamo/schema"
	"github.com/keyward/keyward/shared/keytext"
	"github.com/keyward/keyward/shared/operations"
	"github.com/keyward/keyward/shared/pepper"

	"github.com/keyward/keyward/infra/local/bench/functions/environment"
)

// fixture is what the measured functions run against: the local parts, and keys
// to decide about.
type fixture struct {
	dynamodb *dynamodb.Server
	kms      *kms.Server
	client   *awsdynamodb.Client
	names    dynamo.Names
	rules    *apikey.Keys
	admin    apikey.Caller
	keys     []apikey.Minted
	// events are one request each, all alike but for the key: 3 kB, as API
	// Gateway sends them.
	events [][]byte
}

const (
	// fewKeys is how many keys the table holds at first, for the measurement of
	// its growth.
	fewKeys = 10
	// measuredKeys is how many keys the other decisions are spread over.
	measuredKeys = 512
)

func newFixture(ctx context.Context) (*fixture, error) {
	f := &fixture{names: dynamo.Names{Table: "keyward", Audit: "keyward-audit"}}
	var err error
	if f.dynamodb, err = dynamodb.Start(ctx, dynamodb.Options{Progress: os.Stderr}); err != nil {
		return nil, err
	}
	if f.kms, err = kms.Start(ctx, kms.Options{KeyID: "alias/keyward"}); err != nil {
		return f, err
	}
	f.client = dynamodb.Client(f.dynamodb.URL)
	if err := dynamodb.CreateTables(ctx, f.client, f.names); err != nil {
		return f, err
	}
	if err := f.bootstrap(ctx); err != nil {
		return f, err
	}
	return f, f.mint(ctx, fewKeys)
}

func (f *fixture) close() {
	if f.kms != nil {
		_ = f.kms.Stop()
	}
	f.dynamodb.Stop()
}

// bootstrap makes an organization by the product's own rules.
func (f *fixture) bootstrap(ctx context.Context) error {
	store := dynamo.New(f.client, f.names)
	ring := pepper.New(pepper.Config{
		KMS: awskms.New(awskms.Options{
			Region: dynamodb.Region, BaseEndpoint: &f.kms.URL,
			Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
				return aws.Credentials{AccessKeyID: "bench", SecretAccessKey: "bench"}, nil
			}),
		}),
		Source: store, KeyID: f.kms.KeyARN, Table: f.names.Table, Now: time.Now,
	})
	f.rules = &apikey.Keys{Store: store, Digester: ring, PepperMaker: ring, Now: time.Now, Entropy: rand.Reader, NFC: norm.NFC.String}
	result, err := f.rules.Bootstrap(ctx, apikey.Setup{
		Organization: "bench", MaxKeys: 1_000_000, OwnerEmail: "owner@example.com", OwnerName: "Owner", AdminKey: "Admin",
	})
	if err != nil {
		return err
	}
	f.admin = apikey.Caller{Org: "bench", Key: result.Admin.Key.ID}
	return nil
}

// mint makes keys until there are that many, and an event with each.
func (f *fixture) mint(ctx context.Context, want int) error {
	for n := len(f.keys); n < want; n++ {
		minted, err := f.rules.Create(ctx, f.admin, apikey.Draft{Name: fmt.Sprint("key ", n), Permissions: apikey.NewPermissions(apikey.ManageAPIKeys)})
		if err != nil {
			return err
		}
		f.keys = append(f.keys, minted)
	}
	return f.writeEvents()
}

// environment is the authorizer's, as the operation table names it.
func (f *fixture) environment(cacheTTL string) map[string]string {
	return map[string]string{
		"AWS_ENDPOINT_URL_DYNAMODB": f.dynamodb.URL, "AWS_ENDPOINT_URL_KMS": f.kms.URL,
		operations.EnvTable: f.names.Table, operations.EnvPepperKey: f.kms.KeyARN,
		operations.EnvManagementAPI: "123456789012/keyward", operations.EnvCacheTTL: cacheTTL,
		environment.PartitionKey: "KEY#" + f.keys[0].Key.ID.String(), environment.SortKey: "KEY",
	}
}

func (f *fixture) writeEvents() error {
	template, err := os.ReadFile("events/authorizer-rest-request.json")
	if err != nil {
		return err
	}
	f.events = nil
	for _, key := range f.keys {
		text := strings.ReplaceAll(string(template), "KEYWARD_API_KEY", key.Text.Reveal())
		if !json.Valid([]byte(text)) || text == string(template) {
			return fmt.Errorf("events/authorizer-rest-request.json takes no key")
		}
		f.events = append(f.events, []byte(text))
	}
	return nil
}

// fill adds items that are like a key's, but for their ids, until the table
// holds that many.
func (f *fixture) fill(ctx context.Context, have, want int) error {
	stored, err := f.client.GetItem(ctx, &awsdynamodb.GetItemInput{TableName: &f.names.Table, Key: map[string]types.AttributeValue{
		schema.PartitionKey: &types.AttributeValueMemberS{Value: "KEY#" + f.keys[0].Key.ID.String()},
		schema.SortKey:      &types.AttributeValueMemberS{Value: "KEY"},
	}})
	if err != nil {
		return err
	}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(4)
	for n := have; n < want; n += 25 {
		group.Go(func() error {
			var puts []types.WriteRequest
			for range min(25, want-n) {
				id, err := keytext.NewID(rand.Reader)
				if err != nil {
					return err
				}
				item := maps.Clone(stored.Item)
				item[schema.PartitionKey] = &types.AttributeValueMemberS{Value: "KEY#" + id.String()}
				item[schema.ListingSortKey] = &types.AttributeValueMemberS{Value: id.String()}
				puts = append(puts, types.WriteRequest{PutRequest: &types.PutRequest{Item: item}})
			}
			_, err := f.client.BatchWriteItem(ctx, &awsdynamodb.BatchWriteItemInput{RequestItems: map[string][]types.WriteRequest{f.names.Table: puts}})
			return err
		})
	}
	return group.Wait()
}
