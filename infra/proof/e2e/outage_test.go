package e2e

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"

	"github.com/keyward/keyward/infra/local/await"
	"github.com/keyward/keyward/infra/local/stack"
	"github.com/keyward/keyward/infra/proof/stacktest"
	"github.com/keyward/keyward/shared/operations"
)

// outage is a stack of its own, whose parts can fail, with a good key.
type outage struct {
	*stacktest.Stack
	admin, good stacktest.Client
}

func newOutage(t *testing.T) outage {
	t.Helper()
	s, err := stacktest.Start(stack.Options{DataDir: t.TempDir(), Environment: map[string]string{
		operations.EnvCacheTTL: "1", operations.EnvPepperMaxAge: "1",
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Stop)
	o := outage{s, s.Admin().Down(), stacktest.Client{}}
	key := o.admin.Create(t, "good", "AccessQueries", "ManageApiKeys")
	o.good = o.admin.With(key.APIKey)
	o.good.Do(t, http.MethodGet, "/v1/whoami", "").Want(t, http.StatusOK)
	return o
}

// routes are asked during an outage, each with the status that it must have then.
// An HTTP API answers a failed authorizer with 500 and cannot be told another
// answer, nor to add a header: so clients of one cannot tell an outage from a
// fault. What must hold there too is that a good key is never called a bad one.
var routes = []struct {
	method, path, body string
	down               int
}{
	{http.MethodGet, "/v1/whoami", "", http.StatusServiceUnavailable},
	{http.MethodGet, "/v1/apikeys", "", http.StatusServiceUnavailable},
	{http.MethodPost, "/api", `{"command":"list"}`, http.StatusInternalServerError},
}

// failing asks again and again while a part is down, until all routes were asked some
// times after the bound that the caches set: a good key may get through only until
// then, is then 503 with Retry-After or what the route has for it, and never 401 or
// 403; a malformed one is 401 all the while.
func (o outage) failing(t *testing.T, bound time.Duration) {
	t.Helper()
	began := time.Now()
	for late := 0; late < 3; {
		past := time.Since(began) > bound
		for _, r := range routes {
			asked := time.Since(began)
			answer := o.good.Do(t, r.method, r.path, r.body)
			switch {
			case answer.Status == r.down:
				if r.down == http.StatusServiceUnavailable && answer.Header.Get("Retry-After") == "" {
					t.Errorf("%s: 503 without Retry-After", r.path)
				}
			case answer.Status == http.StatusOK && asked <= bound:
			default:
				t.Fatalf("%s: status %d, %s into the outage: %s", r.path, answer.Status, asked, answer.Body)
			}
		}
		o.admin.With("kw_junk").Do(t, http.MethodGet, "/v1/whoami", "").Want(t, http.StatusUnauthorized)
		if past {
			late++
		}
	}
	o.admin.Do(t, http.MethodPost, "/v1/apikeys", `{"name":"during the outage","permissions":[]}`).Want(t, http.StatusServiceUnavailable)
}

// recovers waits until all works again by itself, and checks that the refused
// creation left nothing.
func (o outage) recovers(t *testing.T) {
	t.Helper()
	began := time.Now()
	for _, r := range routes {
		await.Until(t, r.path+" works again", func() bool {
			status := o.good.Do(t, r.method, r.path, r.body).Status
			if status == http.StatusUnauthorized || status == http.StatusForbidden {
				t.Fatalf("%s: status %d for a good key", r.path, status)
			}
			return status == http.StatusOK
		})
	}
	t.Logf("recovered after %s", time.Since(began).Round(time.Millisecond))
	await.Until(t, "a key can be made again", func() bool {
		answer := o.admin.Do(t, http.MethodPost, "/v1/apikeys", `{"name":"during the outage","permissions":[]}`)
		if answer.Status == http.StatusServiceUnavailable {
			return false
		}
		o.admin.Delete(t, stacktest.JSON[stacktest.Key](t, answer.Want(t, http.StatusCreated)).ID)
		return true
	})
}

// Whatever part is down, nothing is decided wrongly; when it is back, all works again
// by itself.
func TestOutages(t *testing.T) {
	o := newOutage(t)
	t.Run("DynamoDB", o.ofDynamoDB)
	t.Run("KMS", o.ofKMS)
	t.Run("a disabled key", o.ofTheKey)
	t.Run("every shape", o.ofEveryShape)
}

func (o outage) ofDynamoDB(t *testing.T) {
	o.StopDynamoDB()
	o.failing(t, cacheTTL)
	if err := o.StartDynamoDB(t.Context()); err != nil {
		t.Fatal(err)
	}
	o.recovers(t)
}

// Warm processes go on until their peppers are too old.
func (o outage) ofKMS(t *testing.T) {
	o.StopKMS()
	o.failing(t, time.Second+cacheTTL)
	if err := o.StartKMS(t.Context()); err != nil {
		t.Fatal(err)
	}
	o.recovers(t)
}

// Disabling the peppers' KMS key, the emergency stop, is like an outage of KMS,
// and enabling it ends that.
func (o outage) ofTheKey(t *testing.T) {
	client := kms.New(kms.Options{
		Region: stack.Region, BaseEndpoint: aws.String(o.KMSURL()),
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "operator", SecretAccessKey: "secret"}, nil
		}),
	})
	key := aws.String(o.Variables()[operations.EnvPepperKey])
	if _, err := client.DisableKey(t.Context(), &kms.DisableKeyInput{KeyId: key}); err != nil {
		t.Fatal(err)
	}
	o.failing(t, time.Second+cacheTTL)
	if _, err := client.EnableKey(t.Context(), &kms.EnableKeyInput{KeyId: key}); err != nil {
		t.Fatal(err)
	}
	o.recovers(t)
}

// A good key that the authorizer does not remember is a failure on every kind of API
// while DynamoDB is away: it does not pass, and it is never called a bad key.
func (o outage) ofEveryShape(t *testing.T) {
	unused := o.admin.Create(t, "unused", "AccessQueries")
	o.StopDynamoDB()
	for name, ask := range shapes() {
		if status, body := ask(t, o.URL, unused.APIKey); status < 500 {
			t.Errorf("%s: status %d: %s", name, status, body)
		}
	}
	if err := o.StartDynamoDB(t.Context()); err != nil {
		t.Fatal(err)
	}
	o.recovers(t)
}
