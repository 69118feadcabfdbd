package e2e

import (
	"net/http"
	"testing"
	"time"

	"github.com/keyward/keyward/infra/local/stack"
	"github.com/keyward/keyward/infra/local/stacktest"
	"github.com/keyward/keyward/shared/operations"
)

// recovery bounds how long after an outage all must work again.
const recovery = 10 * time.Second

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
	o := outage{s, s.Admin(), stacktest.Client{}}
	key := o.admin.Create(t, "good", "ManageFiles", "ManageApiKeys")
	o.good = o.admin.With(key.APIKey)
	o.good.Do(t, http.MethodGet, "/v1/whoami", "").Want(t, http.StatusOK)
	return o
}

// failing asks again and again while a part is down: a good key may get through
// only within the bound that the caches set, is then 503 with Retry-After, and
// never 401 or 403; a malformed one is 401 all the while.
func (o outage) failing(t *testing.T, bound time.Duration) {
	t.Helper()
	began := time.Now()
	refused := 0
	for time.Since(began) < bound+2*time.Second {
		asked := time.Since(began)
		for _, path := range []string{"/v1/whoami", "/v1/apikeys"} {
			answer := o.good.Do(t, http.MethodGet, path, "")
			switch {
			case answer.Status == http.StatusServiceUnavailable:
				refused++
				if answer.Header.Get("Retry-After") == "" {
					t.Errorf("%s: 503 without Retry-After", path)
				}
			case answer.Status == http.StatusOK && asked <= bound:
			default:
				t.Fatalf("%s: status %d, %s into the outage: %s", path, answer.Status, asked, answer.Body)
			}
		}
		o.admin.With("kw_junk").Do(t, http.MethodGet, "/v1/whoami", "").Want(t, http.StatusUnauthorized)
	}
	if refused == 0 {
		t.Error("nothing was refused: there was no outage")
	}
	o.admin.Do(t, http.MethodPost, "/v1/apikeys", `{"name":"during the outage","permissions":[]}`).Want(t, http.StatusServiceUnavailable)
}

// recovers waits until all works again by itself, and checks that the refused
// creation left nothing.
func (o outage) recovers(t *testing.T) {
	t.Helper()
	began := time.Now()
	for o.good.Do(t, http.MethodGet, "/v1/whoami", "").Status != http.StatusOK {
		if time.Since(began) > recovery {
			t.Fatalf("not recovered after %s", recovery)
		}
	}
	t.Logf("recovered after %s", time.Since(began).Round(time.Millisecond))
	o.admin.Create(t, "during the outage")
	o.good.Do(t, http.MethodGet, "/v1/apikeys", "").Want(t, http.StatusOK)
}

// While DynamoDB is down, nothing is decided wrongly; when it is back, all works
// again.
func TestDynamoDBOutage(t *testing.T) {
	o := newOutage(t)
	o.StopDynamoDB()
	o.failing(t, cacheTTL)
	if err := o.StartDynamoDB(t.Context()); err != nil {
		t.Fatal(err)
	}
	o.recovers(t)
}

// While KMS is down, warm processes go on until their peppers are too old, and
// then nothing is decided wrongly; when it is back, all works again.
func TestKMSOutage(t *testing.T) {
	o := newOutage(t)
	o.StopKMS()
	o.failing(t, time.Second+cacheTTL)
	if err := o.StartKMS(t.Context()); err != nil {
		t.Fatal(err)
	}
	o.recovers(t)
}
