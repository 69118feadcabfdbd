// Package e2e tests all of Keyward together over HTTP: the real binaries,
// DynamoDB Local and the KMS emulator behind the local gateway.
package e2e

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/keyward/keyward/infra/local/demo"
	"github.com/keyward/keyward/infra/local/dynamodb"
	"github.com/keyward/keyward/infra/local/stack"
	"github.com/keyward/keyward/infra/proof/stacktest"
	"github.com/keyward/keyward/shared/dialect/canonical"
	"github.com/keyward/keyward/shared/dynamo/schema"
	"github.com/keyward/keyward/shared/operations"
)

// cacheTTL is short, so that changes show soon; and so is the time between two
// writes of a key's uses.
const cacheTTL = time.Second

var (
	// running is the stack that most tests share.
	running *stacktest.Stack
	// admin is a client with the first admin key.
	admin stacktest.Client
	// issuer issues the access tokens that the stack accepts.
	issuer *stacktest.Issuer
	// github signs the reports that the stack accepts.
	github *gitHub
)

func TestMain(m *testing.M) {
	var err error
	if github, err = newGitHub(); err != nil {
		fmt.Fprintln(os.Stderr, "keyward:", err)
		os.Exit(1)
	}
	options := stack.Options{Replica: replica, Environment: map[string]string{
		operations.EnvGitHubKeys: github.server.URL, operations.EnvCacheTTL: "1", operations.EnvUsageInterval: "1",
	}}
	stacktest.MainOfAll(m, options, func(s *stacktest.Stack, i *stacktest.Issuer) error {
		running, issuer, admin = s, i, s.Admin()
		return nil
	})
}

// requestIDs matches what differs between two otherwise equal answers.
var requestIDs = regexp.MustCompile(`"requestId":"[^"]*"`)

// tables returns every item of both tables, as text.
func tables(t *testing.T) string {
	t.Helper()
	client := dynamodb.Client(running.DynamoDBURL())
	var items []string
	for _, table := range []string{schema.TableName, schema.AuditTableName} {
		for _, item := range itemsOf(t, client, table) {
			text, err := json.Marshal(item)
			if err != nil {
				t.Fatal(err)
			}
			items = append(items, string(text))
		}
	}
	slices.Sort(items)
	return strings.Join(items, "\n")
}

// snapshot changes whenever anything in the tables does.
func snapshot(t *testing.T) string {
	t.Helper()
	return fmt.Sprintf("%x", sha256.Sum256([]byte(tables(t))))
}

// secondOrganization returns a client with the admin key of another
// organization.
func secondOrganization(t *testing.T) stacktest.Client {
	t.Helper()
	setup := demo.Setup(stack.Account, "Admin "+t.Name())
	setup.Organization.ID = "other"
	setup.Services = setup.Services[:0]
	return bootstrapped(t, setup)
}

// bootstrapped invokes bootstrap and returns a client with the new admin key.
func bootstrapped(t *testing.T, setup canonical.Setup) stacktest.Client {
	t.Helper()
	event, err := json.Marshal(setup)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := running.Invoke(t.Context(), "bootstrap", event)
	if err != nil {
		t.Fatal(err)
	}
	var result canonical.SetupResult
	if err := json.Unmarshal(answer, &result); err != nil || result.AdminKey == nil {
		t.Fatalf("%v: no admin key", err)
	}
	return admin.With(string(result.AdminKey.Text))
}
