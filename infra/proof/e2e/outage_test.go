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

// outage is a separate stack whose parts can fail, with a good key.
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

// routes are the requests during an outage, each with its expected status. An
// HTTP API answers a failed authorizer with 500, and neither the status nor the
// headers can be changed. So its clients cannot distinguish an outage from a
// fault. But there too, a good key must never be called invalid.
var routes = []struct {
	method, path, body string
	down               int
}{
	{http.MethodGet, "/v1/whoami", "", http.StatusServiceUnavailable},
	{http.MethodGet, "/v1/apikeys", "", http.StatusServiceUnavailable},
	{http.MethodPost, "/api", `{"command":"list"}`, http.StatusInternalServerError},
}

// failing repeats the requests while a part is down, until all were made several
// times after the caches' bound. A good key may work only until then. Afterwards
// it gets 503 with Retry-After, or the route's equivalent, and never 401 or 403.
// A malformed key always gets 401.
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

// recovers waits until everything works again without intervention, and checks
// that the refused creation left nothing.
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

// Whichever part is down, no decision is wrong. When it is back, everything
// works again without intervention.
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

// Warm processes continue until their peppers are too old.
func (o outage) ofKMS(t *testing.T) {
	o.StopKMS()
	o.failing(t, time.Second+cacheTTL)
	if err := o.StartKMS(t.Context()); err != nil {
		t.Fatal(err)
	}
	o.recovers(t)
}

// Disabling the peppers' KMS key, the emergency stop, acts like an outage of
// KMS, and enabling it ends that.
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

// While DynamoDB is down, a good key that is not cached is a failure on every
// kind of API: it is not allowed, and never called invalid.
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
