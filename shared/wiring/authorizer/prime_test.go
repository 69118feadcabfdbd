package authorizer

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awskms "github.com/aws/aws-sdk-go-v2/service/kms"
	"golang.org/x/text/unicode/norm"

	"github.com/keyward/keyward/authorizer/gateway"
	"github.com/keyward/keyward/infra/local/dynamodb"
	"github.com/keyward/keyward/infra/local/kms"
	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/dynamo"
	"github.com/keyward/keyward/shared/operations"
	"github.com/keyward/keyward/shared/pepper"
)

// The handler that Lambda gets has done during initialization what KMS is needed
// for: the first decision calls it not at all, and reads no list of peppers. The
// connection to KMS was opened while the list was read: each waits here for the
// other to have begun.
func TestHandlerIsPrimed(t *testing.T) {
	values, key := deployment(t)
	warming, listing := make(chan struct{}), make(chan struct{})
	var asked tally
	values["AWS_ENDPOINT_URL_KMS"] = front(t, values["AWS_ENDPOINT_URL_KMS"], func(r *http.Request) {
		if asked.add("KMS "+r.Method+" "+r.Header.Get("X-Amz-Target")) == 1 && r.Method == http.MethodGet {
			close(warming)
			await(t, listing, "the list of peppers was not read while the connection to KMS was opened")
		}
	})
	values["AWS_ENDPOINT_URL_DYNAMODB"] = front(t, values["AWS_ENDPOINT_URL_DYNAMODB"], func(r *http.Request) {
		if asked.add(r.Header.Get("X-Amz-Target")) == 1 && strings.HasSuffix(r.Header.Get("X-Amz-Target"), ".Query") {
			close(listing)
			await(t, warming, "the connection to KMS was not opened while the list of peppers was read")
		}
	})
	for name, value := range values {
		t.Setenv(name, value)
	}
	handler := Handler()
	want := map[string]int{"KMS GET ": 1, "KMS POST TrentService.Decrypt": 1, "DynamoDB_20120810.Query": 1}
	asked.want(t, "after initialization", want)

	const arn = "arn:aws:execute-api:eu-central-1:123456789012:abc/v1/GET/v1/whoami"
	answer, err := handler.Invoke(t.Context(), []byte(`{"type":"TOKEN","authorizationToken":"Bearer `+key+`","methodArn":"`+arn+`"}`))
	if err != nil || !strings.Contains(string(answer), `"Allow"`) {
		t.Errorf("%s, %v", answer, err)
	}
	want["DynamoDB_20120810.BatchGetItem"] = 2 // the key, then its user and the status
	asked.want(t, "after the first decision", want)
}

// A service that takes requests and never answers delays neither the start nor a
// decision beyond its limit, and nothing is allowed.
func TestStartsDuringAHang(t *testing.T) {
	over := make(chan struct{})
	silent := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-over }))
	defer silent.Close()
	defer close(over)
	values := unreachable()
	values["AWS_ENDPOINT_URL_DYNAMODB"], values["AWS_ENDPOINT_URL_KMS"] = silent.URL, silent.URL
	a, err := New(lookup(values), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	a.Prime()
	primed := time.Now()
	const arn = "arn:aws:execute-api:eu-central-1:123456789012:abc/v1/GET/v1/whoami"
	answer, err := a.Invoke(t.Context(), []byte(`{"type":"TOKEN","authorizationToken":"Bearer `+goodText+`","methodArn":"`+arn+`"}`))
	if !errors.Is(err, gateway.ErrNoDecision) || answer != nil {
		t.Errorf("%s, %v", answer, err)
	}
	const slack = 500 * time.Millisecond
	if start, decision := primed.Sub(began), time.Since(primed); start > primeLimit+slack || decision > gateway.DecisionLimit+slack {
		t.Errorf("the start took %s and the decision %s", start, decision)
	}
	if all := time.Duration(attemptLimits.Attempts) * attemptLimits.Attempt; attemptLimits.Attempts < 2 || all >= gateway.DecisionLimit {
		t.Errorf("%d attempts of %s do not fit into a decision", attemptLimits.Attempts, attemptLimits.Attempt)
	}
}

// deployment is an environment with stores that hold an organization, and the
// text of its admin key, whose user is an OWNER.
func deployment(t testing.TB) (values map[string]string, key string) {
	t.Helper()
	tables, err := dynamodb.Start(t.Context(), dynamodb.Options{Progress: os.Stderr})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(tables.Stop)
	wrapping, err := kms.Start(t.Context(), kms.Options{KeyID: "alias/keyward"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = wrapping.Stop() })
	names := dynamo.Names{Table: "keyward", Audit: "keyward-audit"}
	client := dynamodb.Client(tables.URL)
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
	rules := &apikey.Keys{Store: store, Digester: ring, PepperMaker: ring, Now: time.Now, Entropy: rand.Reader, NFC: norm.NFC.String}
	made, err := rules.Bootstrap(t.Context(), apikey.Setup{
		Organization: "acme", MaxKeys: 10, OwnerEmail: "owner@example.com", OwnerName: "Owner", AdminKey: "Admin",
	})
	if err != nil {
		t.Fatal(err)
	}
	values = unreachable()
	values["AWS_ENDPOINT_URL_DYNAMODB"], values["AWS_ENDPOINT_URL_KMS"] = tables.URL, wrapping.URL
	values[operations.EnvTable], values[operations.EnvPepperKey] = names.Table, wrapping.KeyARN
	return values, made.Admin.Text.Reveal()
}

// front stands before a service, and sees each request first.
func front(t *testing.T, behind string, see func(*http.Request)) string {
	t.Helper()
	target, err := url.Parse(behind)
	if err != nil {
		t.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(target)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		see(r)
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// await waits for less than an attempt's limit.
func await(t *testing.T, begun <-chan struct{}, otherwise string) {
	select {
	case <-begun:
	case <-time.After(attemptLimits.Attempt * 2 / 3):
		t.Error(otherwise)
	}
}

// tally counts requests by what they ask.
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
