package stack

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"path/filepath"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awskms "github.com/aws/aws-sdk-go-v2/service/kms"

	"github.com/keyward/keyward/infra/iam"
	"github.com/keyward/keyward/infra/local/dynamodb"
	"github.com/keyward/keyward/infra/local/eventbridge"
	"github.com/keyward/keyward/infra/local/kms"
	"github.com/keyward/keyward/infra/local/roles"
	"github.com/keyward/keyward/shared/dynamo"
	"github.com/keyward/keyward/shared/dynamo/schema"
	"github.com/keyward/keyward/shared/operations"
)

// The aliases of the KMS keys: for the peppers, and for the copies of
// recoverable keys.
const (
	pepperKey  = "alias/keyward-peppers"
	secretsKey = "alias/keyward-secrets"
)

// ReplicaTable is the table that stands for a replica: see [Options.Replica].
const ReplicaTable = schema.TableName + "-replica"

// inDataDir returns a path below the data folder, or "" if there is none.
func (s *Stack) inDataDir(name string) string {
	if s.options.DataDir == "" {
		return ""
	}
	return filepath.Join(s.options.DataDir, name)
}

// parts are the endpoints and keys that functions use.
type parts struct{ dynamodbURL, kmsURL, pepperARN, secretsARN string }

func (s *Stack) startDynamoDB(ctx context.Context, port int) (err error) {
	if s.parts.dynamodbURL = s.options.AWS; s.options.AWS != "" {
		return nil
	}
	s.dynamodb, err = dynamodb.Start(ctx, dynamodb.Options{
		DataDir: s.inDataDir("dynamodb"), Port: port, Progress: s.options.Progress,
	})
	if err == nil {
		s.parts.dynamodbURL = s.dynamodb.URL
	}
	return err
}

func (s *Stack) createTables(ctx context.Context) error {
	client := dynamodb.Client(s.parts.dynamodbURL)
	err := dynamodb.CreateTables(ctx, client, dynamo.Names{
		Table: schema.TableName, Audit: schema.AuditTableName, Secrets: schema.SecretsTableName, Usage: schema.UsageTableName,
	})
	if err != nil {
		return fmt.Errorf("create the tables: %w", err)
	}
	if s.options.Replica != "" {
		if err := dynamodb.CreateTables(ctx, client, dynamo.Names{Table: ReplicaTable}); err != nil {
			return fmt.Errorf("create the replica: %w", err)
		}
	}
	return dynamodb.EnableTimeToLive(ctx, client, schema.TableName)
}

// startKMS starts the KMS emulator, which outlives ctx.
func (s *Stack) startKMS(ctx context.Context, port int) (err error) {
	if s.options.AWS != "" {
		return s.createKeys(ctx)
	}
	s.kms, err = kms.Start(context.WithoutCancel(ctx), kms.Options{
		KeyID: pepperKey, MoreKeys: []string{secretsKey}, File: s.inDataDir("kms.json"), Port: port, Region: Region, Account: Account,
	})
	if err == nil {
		s.parts.kmsURL, s.parts.pepperARN, s.parts.secretsARN = s.kms.URL, s.kms.KeyARN, s.kms.ARN(secretsKey)
	}
	return err
}

// createKeys creates the keys in another KMS than the emulator.
func (s *Stack) createKeys(ctx context.Context) error {
	s.parts.kmsURL = s.options.AWS
	client := awskms.New(awskms.Options{
		Region: Region, BaseEndpoint: &s.options.AWS,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: roles.Operator, SecretAccessKey: roles.Operator}, nil
		}),
	})
	for _, arn := range []*string{&s.parts.pepperARN, &s.parts.secretsARN} {
		made, err := client.CreateKey(ctx, &awskms.CreateKeyInput{})
		if err != nil {
			return fmt.Errorf("create a key: %w", err)
		}
		*arn = *made.KeyMetadata.Arn
	}
	return nil
}

// startEvents starts the EventBridge emulator, whose events are in the log.
func (s *Stack) startEvents() (err error) {
	s.events, err = eventbridge.Start(eventbridge.Options{
		Region: Region, Account: Account, Bus: EventBus, Log: func(line string) { s.options.Log("event", line) },
	})
	return err
}

// Events returns the events that functions have published, at most the last
// 10,000.
func (s *Stack) Events() []eventbridge.Event { return s.events.Events() }

// EventsURL returns where the events are shown.
func (s *Stack) EventsURL() string { return s.events.URL }

// startRoles starts the proxy that limits each function to its role in the
// stacks.
func (s *Stack) startRoles() error {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("start the guard of roles: %w", err)
	}
	s.rolesURL = "http://" + listener.Addr().String()
	s.guard = roles.New(roles.Config{
		DynamoDB: s.parts.dynamodbURL, KMS: s.parts.kmsURL, EventBridge: s.events.URL, Bus: EventBus, Table: schema.TableName, Region: Region, Log: s.options.Log, Before: s.options.Before,
		Tables: map[string]operations.Resource{
			schema.TableName: operations.Table, schema.AuditTableName: operations.AuditTable, schema.SecretsTableName: operations.SecretsTable, schema.UsageTableName: operations.UsageTable,
			ReplicaTable: operations.Replicas,
		},
		Other: s.options.Replica,
		Keys: map[string]operations.Resource{
			s.parts.pepperARN: operations.PepperKey, s.parts.secretsARN: operations.SecretsKey,
		},
	})
	s.roles = &http.Server{ReadHeaderTimeout: 10 * time.Second, Handler: s.guard}
	go func() { _ = s.roles.Serve(listener) }()
	return nil
}

// Calls returns the kinds of DynamoDB and KMS calls that functions have made.
func (s *Stack) Calls() []iam.Call { return s.guard.Calls() }

// Requests returns how many AWS requests a function has made so far.
func (s *Stack) Requests(function string) int { return s.guard.Requests(function) }

// DynamoDBURL returns the endpoint of DynamoDB Local. A restart does not change
// it.
func (s *Stack) DynamoDBURL() string { return s.parts.dynamodbURL }

// KMSURL returns the endpoint of the KMS emulator. A restart does not change it.
func (s *Stack) KMSURL() string { return s.parts.kmsURL }

// DynamoDBEnded returns a channel that is closed when DynamoDB Local ends, for
// any reason. It is never closed if the stack uses another DynamoDB.
func (s *Stack) DynamoDBEnded() <-chan struct{} {
	if s.dynamodb == nil {
		return nil
	}
	return s.dynamodb.Done()
}

// StopDynamoDB stops only DynamoDB Local. If it has data to keep, that takes
// about two seconds.
func (s *Stack) StopDynamoDB() {
	switch {
	case s.dynamodb == nil:
	case s.options.DataDir == "":
		s.dynamodb.Kill()
	default:
		s.dynamodb.Stop()
	}
}

// StartDynamoDB restarts DynamoDB Local on the same port. Without a data folder
// its tables are lost.
func (s *Stack) StartDynamoDB(ctx context.Context) error {
	if s.dynamodb == nil {
		return errNoPart
	}
	return s.startDynamoDB(ctx, s.dynamodb.Port)
}

// StopKMS stops only the KMS emulator.
func (s *Stack) StopKMS() {
	if s.kms != nil {
		_ = s.kms.Stop()
	}
}

// StartKMS restarts the KMS emulator on the same port. Without a data folder its
// key is lost, and a new one has the same name.
func (s *Stack) StartKMS(ctx context.Context) error {
	if s.kms == nil {
		return errNoPart
	}
	return s.startKMS(ctx, s.kms.Port)
}
