package main

import (
	"context"
	"crypto/rand"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsdynamodb "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	awskms "github.com/aws/aws-sdk-go-v2/service/kms"
	"golang.org/x/text/unicode/norm"

	"github.com/keyward/keyward/infra/local/dynamodb"
	"github.com/keyward/keyward/infra/local/kms"
	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/dynamo"
	"github.com/keyward/keyward/shared/dynamo/schema"
	"github.com/keyward/keyward/shared/keytext"
	"github.com/keyward/keyward/shared/operations"
	"github.com/keyward/keyward/shared/pepper"
	"github.com/keyward/keyward/shared/uuid"

	"github.com/keyward/keyward/infra/proof/bench/functions/environment"
	"github.com/keyward/keyward/shared/permission"
)

// fixture is what the measured functions run against: the local parts, and the
// keys to decide about.
type fixture struct {
	dynamodb *dynamodb.Server
	kms      *kms.Server
	client   *awsdynamodb.Client
	names    dynamo.Names
	ring     *pepper.Ring
	// rules are the product's own. owner may use all of them.
	rules *apikey.Rules
	owner apikey.Caller
	// item is a key as the rules have stored it. The other keys are copies of it.
	item map[string]types.AttributeValue
	keys []keytext.Key
	// asker is a key that may verify keys and nothing else; zero until it is needed.
	asker uuid.UUID
	// template is a request as API Gateway sends it, 3 kB without white space. Only
	// the key is missing.
	template []byte
}

func newFixture(ctx context.Context) (*fixture, error) {
	f := &fixture{names: dynamo.Names{Table: "keyward", Audit: "keyward-audit", Usage: "keyward-usage"}}
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
	if f.template, err = readTemplate(); err != nil {
		return f, err
	}
	if err := f.bootstrap(ctx); err != nil {
		return f, err
	}
	return f, f.grow(ctx, measuredKeys)
}

func (f *fixture) close() {
	if f.kms != nil {
		_ = f.kms.Stop()
	}
	f.dynamodb.Stop()
}

// bootstrap creates an organization and its first key with the product's own
// rules.
func (f *fixture) bootstrap(ctx context.Context) error {
	store := dynamo.New(dynamodb.Client(f.dynamodb.URL, dynamodb.Patient), f.names)
	f.ring = pepper.New(pepper.Config{
		KMS: awskms.New(awskms.Options{
			Region: dynamodb.Region, BaseEndpoint: &f.kms.URL,
			Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
				return aws.Credentials{AccessKeyID: "bench", SecretAccessKey: "bench"}, nil
			}),
		}),
		Source: store, KeyID: f.kms.KeyARN, Table: f.names.Table, Now: time.Now,
	})
	f.rules = &apikey.Rules{Store: store, Digester: f.ring, PepperMaker: f.ring, Now: time.Now, Entropy: rand.Reader, NFC: norm.NFC.String}
	made, err := f.rules.Bootstrap(ctx, apikey.Setup{
		Organization: "bench", KeyPrefix: "kw", MaxKeys: 10, OwnerEmail: "owner@example.com", OwnerName: "Owner", AdminKey: "Admin",
		Services: []apikey.SetupService{{ID: "files", ServiceDraft: files()}},
	})
	if err != nil {
		return err
	}
	f.owner = apikey.Caller{Org: "bench", Key: made.Admin.Key.ID}
	first, err := f.rules.Create(ctx, f.owner,
		apikey.Draft{Name: "Uploader", Permissions: permission.NewSet(permission.ManageAPIKeys)})
	if err != nil {
		return err
	}
	f.keys = append(f.keys, first.Text)
	stored, err := f.client.GetItem(ctx, &awsdynamodb.GetItemInput{TableName: &f.names.Table, Key: map[string]types.AttributeValue{
		schema.PartitionKey: partition(first.Text.ID()), schema.SortKey: &types.AttributeValueMemberS{Value: "KEY"},
	}})
	if err != nil {
		return err
	}
	f.item = stored.Item
	return nil
}

// environment returns the authorizer's environment, according to the operation
// table.
func (f *fixture) environment(cacheTTL string) map[string]string {
	return map[string]string{
		"AWS_ENDPOINT_URL_DYNAMODB": f.dynamodb.URL, "AWS_ENDPOINT_URL_KMS": f.kms.URL,
		operations.EnvTable: f.names.Table, operations.EnvUsageTable: f.names.Usage, operations.EnvPepperKey: f.kms.KeyARN,
		operations.EnvManagementAPI: "123456789012/keyward", operations.EnvCacheTTL: cacheTTL,
		environment.PartitionKey: "KEY#" + f.keys[0].ID().String(), environment.SortKey: "KEY",
	}
}
