package wiring

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awskms "github.com/aws/aws-sdk-go-v2/service/kms"
	"golang.org/x/text/unicode/norm"

	"github.com/keyward/keyward/infra/local/dynamodb"
	"github.com/keyward/keyward/infra/local/kms"
	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/dynamo"
	"github.com/keyward/keyward/shared/operations"
	"github.com/keyward/keyward/shared/pepper"
	"github.com/keyward/keyward/shared/permission"
)

// The authorizer does its KMS work during initialization: the first decision
// does not call KMS and does not list peppers. It opens the KMS connection while
// it reads the list: here each waits for the other to begin.
func TestHandlerIsPrimed(t *testing.T) {
	r := record(t)
	synctest.Test(t, func(t *testing.T) {
		warming, listing := make(chan struct{}), make(chan struct{})
		var asked tally
		both := http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
			target := request.Header.Get("X-Amz-Target")
			first := asked.add(request.Method+" "+target) == 1
			switch {
			case first && request.Method == http.MethodGet:
				close(warming)
				meet(t, listing, "the list of peppers was not read while the connection to KMS was opened")
			case first && strings.HasSuffix(target, ".Query"):
				close(listing)
				meet(t, warming, "the connection to KMS was not opened while the list of peppers was read")
			}
			r.ServeHTTP(w, request)
		})
		a := on(t, quiet, r.values, map[string]http.Handler{dynamodbHost: both, kmsHost: both})
		a.Prime()
		want := map[string]int{"GET ": 1, "POST TrentService.Decrypt": 1, "POST DynamoDB_20120810.Query": 1}
		asked.want(t, "after initialization", want)
		answer, err := a.Invoke(t.Context(), r.event)
		if err != nil || !strings.Contains(string(answer), `"Allow"`) {
			t.Errorf("%s, %v", answer, err)
		}
		want["POST DynamoDB_20120810.BatchGetItem"] = 2 // the key, then its user and the status
		asked.want(t, "after the first decision", want)
	})
}

// The handler that Lambda gets is primed.
func TestHandler(t *testing.T) {
	var asked tally
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.add(r.Header.Get("X-Amz-Target"))
		w.WriteHeader(http.StatusBadRequest)
	}))
	defer server.Close()
	values := unreachable()
	values["AWS_ENDPOINT_URL_DYNAMODB"] = server.URL
	for name, value := range values {
		t.Setenv(name, value)
	}
	if Handler().Authorizer == nil || asked.add("DynamoDB_20120810.Query") == 1 {
		t.Error("nobody asked for the list of peppers")
	}
}

// meet waits for less than the limit of an attempt.
func meet(t *testing.T, begun <-chan struct{}, otherwise string) {
	select {
	case <-begun:
	case <-time.After(attemptLimits.Attempt / 2):
		t.Error(otherwise)
	}
}

// house is a deployment: an environment, stores with an organization, the text
// of its admin key, whose user is an OWNER, and that of a service key.
type house struct {
	values         map[string]string
	admin, service string
	rules          *apikey.Rules
	by             apikey.Caller
}

// deployment returns a house's environment and its admin key.
func deployment(t testing.TB) (values map[string]string, key string) {
	t.Helper()
	h := furnish(t)
	return h.values, h.admin
}

// server starts the DynamoDB Local that all houses share; it ends with the tests'
// process. houses counts them, because each has its own tables.
var (
	server = sync.OnceValues(func() (*dynamodb.Server, error) {
		return dynamodb.Start(context.Background(), dynamodb.Options{Progress: os.Stderr})
	})
	houses atomic.Int32
)

func furnish(t testing.TB) house {
	t.Helper()
	tables, err := server()
	if err != nil {
		t.Fatal(err)
	}
	wrapping, err := kms.Start(t.Context(), kms.Options{KeyID: "alias/keyward"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = wrapping.Stop() })
	table := fmt.Sprint("keyward-", houses.Add(1))
	names := dynamo.Names{Table: table, Audit: table + "-audit", Usage: table + "-usage"}
	client := dynamodb.Client(tables.URL, dynamodb.Patient)
	if err := dynamodb.CreateTables(t.Context(), client, names); err != nil {
		t.Fatal(err)
	}
	store := dynamo.New(client, names)
	ring := pepper.New(pepper.Config{
		KMS: awskms.New(awskms.Options{
			Region: dynamodb.Region, BaseEndpoint: &wrapping.URL,
			Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
				return aws.Credentials{AccessKeyID: "local", SecretAccessKey: "local"}, nil
			}),
		}),
		Source: store, KeyID: wrapping.KeyARN, Table: names.Table, Now: time.Now,
	})
	h := house{values: unreachable(), rules: &apikey.Rules{
		Store: store, Digester: ring, PepperMaker: ring, Now: time.Now, Entropy: rand.Reader, NFC: norm.NFC.String,
	}}
	made, err := h.rules.Bootstrap(t.Context(), apikey.Setup{
		Organization: "acme", KeyPrefix: "kw", MaxKeys: 10, OwnerEmail: "owner@example.com", OwnerName: "Owner", AdminKey: "Admin", Accounts: []string{"123456789012"},
	})
	if err != nil {
		t.Fatal(err)
	}
	h.by, h.admin = apikey.Caller{Org: "acme", Key: made.Admin.Key.ID}, made.Admin.Text.Reveal()
	own, err := h.rules.Create(t.Context(), h.by, apikey.Draft{Name: "Service", Permissions: permission.NewSet(permission.ManageAPIKeys)})
	if err != nil {
		t.Fatal(err)
	}
	h.service = own.Text.Reveal()
	h.values["AWS_ENDPOINT_URL_DYNAMODB"], h.values["AWS_ENDPOINT_URL_KMS"] = tables.URL, wrapping.URL
	h.values[operations.EnvTable], h.values[operations.EnvUsageTable], h.values[operations.EnvPepperKey] = names.Table, names.Usage, wrapping.KeyARN
	return h
}

// tally counts requests by kind.
type tally struct {
	mu    sync.Mutex
	count map[string]int
}

func (a *tally) add(what string) int {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.count == nil {
		a.count = map[string]int{}
	}
	a.count[what]++
	return a.count[what]
}

func (a *tally) want(t *testing.T, when string, want map[string]int) {
	t.Helper()
	a.mu.Lock()
	defer a.mu.Unlock()
	for what, n := range a.count {
		if n != want[what] {
			t.Errorf("%s: %d of %q, want %d", when, n, what, want[what])
		}
	}
	for what, n := range want {
		if a.count[what] == 0 {
			t.Errorf("%s: none of %q, want %d", when, what, n)
		}
	}
}
