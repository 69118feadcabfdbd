package clients_test

import (
	"context"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/kms"

	"github.com/keyward/keyward/infra/local/bubble"
	"github.com/keyward/keyward/shared/wiring/clients"
	"github.com/keyward/keyward/shared/wiring/settings"
)

// calls holds, for each client, a function that creates the client and calls it.
var calls = map[string]func(*clients.Clients) func(context.Context) error{
	"KMS": func(c *clients.Clients) func(context.Context) error {
		client := c.KMS()
		return func(ctx context.Context) error {
			_, err := client.Decrypt(ctx, &kms.DecryptInput{CiphertextBlob: []byte("sealed")})
			return err
		}
	},
	"DynamoDB": func(c *clients.Clients) func(context.Context) error {
		client := c.DynamoDB()
		return func(ctx context.Context) error {
			_, err := client.GetItem(ctx, &dynamodb.GetItemInput{
				TableName: aws.String("keyward"), Key: map[string]types.AttributeValue{"pk": &types.AttributeValueMemberS{Value: "a"}},
			})
			return err
		}
	},
}

// service emulates both AWS services on an in-memory network, and counts the
// requests.
func service(t *testing.T, limits clients.Limits, handler http.HandlerFunc) (c *clients.Clients, asked *atomic.Int32, network *bubble.Network) {
	t.Helper()
	asked = new(atomic.Int32)
	network = bubble.New(t)
	network.Serve("aws.test", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		handler(w, r)
	}))
	c = clients.New(settings.Settings{
		Region: "eu-central-1", KMSEndpoint: "http://aws.test", DynamoDBEndpoint: "http://aws.test",
		Credentials: settings.Credentials{AccessKeyID: "AKIDEXAMPLE", SecretAccessKey: "secret"},
	}, limits)
	network.On(c.HTTP())
	return c, asked, network
}

// longestPause is the maximum pause between two attempts.
const longestPause = 50 * time.Millisecond

// A service that never answers, or stops halfway through its answer, causes as
// many attempts as the limits allow, none longer than they allow.
func TestHangingService(t *testing.T) {
	limits := clients.Limits{Attempt: 100 * time.Millisecond, Attempts: 2}
	for how, before := range map[string]func(http.ResponseWriter){
		"silent": func(http.ResponseWriter) {},
		"halfway": func(w http.ResponseWriter) {
			w.Header().Set("Content-Length", "1000")
			_, _ = w.Write([]byte("{"))
			_ = http.NewResponseController(w).Flush()
		},
	} {
		for name, newCall := range calls {
			t.Run(name+", "+how, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					c, asked, _ := service(t, limits, func(w http.ResponseWriter, r *http.Request) {
						before(w)
						<-r.Context().Done()
					})
					began := time.Now()
					err := newCall(c)(t.Context())
					if took := time.Since(began); err == nil || took < 2*limits.Attempt || took > 2*limits.Attempt+longestPause {
						t.Errorf("%v after %v", err, took)
					}
					if n := asked.Load(); n != 2 {
						t.Errorf("%d attempts, want 2", n)
					}
				})
			})
		}
	}
}

// A service that answers with failures is called as often as the limits allow,
// in quick succession: no pause comes near the SDK's default of seconds.
func TestFailingService(t *testing.T) {
	for _, attempts := range []int{1, 2, 12} {
		for name, newCall := range calls {
			synctest.Test(t, func(t *testing.T) {
				c, asked, _ := service(t, clients.Limits{Attempt: time.Second, Attempts: attempts}, fail)
				began := time.Now()
				err := newCall(c)(t.Context())
				if took := time.Since(began); err == nil || took > time.Duration(attempts)*longestPause {
					t.Errorf("%s: %v after %v", name, err, took)
				}
				if n := int(asked.Load()); n != attempts {
					t.Errorf("%s: %d attempts, want %d", name, n, attempts)
				}
			})
		}
	}
}

// Each call has its second attempt, however many calls failed before it: earlier
// retries do not use up later ones.
func TestFailuresDoNotUseUpRetries(t *testing.T) {
	const many = 200
	for name, newCall := range calls {
		synctest.Test(t, func(t *testing.T) {
			c, asked, _ := service(t, clients.Limits{Attempt: 5 * time.Second, Attempts: 2}, fail)
			call := newCall(c)
			var all sync.WaitGroup
			for range many {
				all.Go(func() { _ = call(t.Context()) })
			}
			all.Wait()
			if n := asked.Load(); n != 2*many {
				t.Errorf("%s: %d attempts, want %d", name, n, 2*many)
			}
		})
	}
}

func fail(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) }

// WarmKMS opens the connection that the first call then uses. It sends no
// signature, and ends with its context if KMS does not answer.
func TestWarmKMS(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, asked, network := service(t, clients.Limits{Attempt: 5 * time.Second, Attempts: 1}, func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodGet && r.Header.Get("Authorization") != "" {
				t.Error("the request that warms is signed")
			}
			fail(w, r)
			_, _ = w.Write(make([]byte, 20_000))
		})
		c.WarmKMS(t.Context())
		_ = calls["KMS"](c)(t.Context())
		if asked.Load() != 2 || network.Dials() != 1 {
			t.Errorf("%d requests over %d connections, want 2 over 1", asked.Load(), network.Dials())
		}
	})
	synctest.Test(t, func(t *testing.T) {
		silent, _, _ := service(t, clients.Limits{Attempt: 5 * time.Second, Attempts: 1}, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		began := time.Now()
		if silent.WarmKMS(ctx); time.Since(began) != time.Second {
			t.Errorf("warming took %v", time.Since(began))
		}
	})
}
