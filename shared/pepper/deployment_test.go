package pepper_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awskms "github.com/aws/aws-sdk-go-v2/service/kms"

	"github.com/keyward/keyward/infra/local/kms"
	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/pepper"
)

// deployment is a ring that uses the KMS stand-in through the real client, and
// a list of peppers in memory.
type deployment struct {
	ring            *pepper.Ring
	kms             *countingKMS
	source          *source
	clock           *clock
	keyID, otherKey string
	t               testing.TB
}

func newDeployment(t testing.TB) *deployment {
	t.Helper()
	server, err := kms.Start(t.Context(), kms.Options{KeyID: "alias/peppers"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Stop() })
	client := awskms.New(awskms.Options{
		Region: kms.DefaultRegion, BaseEndpoint: &server.URL, RetryMaxAttempts: 1,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "local", SecretAccessKey: "local"}, nil
		}),
	})
	other, err := client.CreateKey(t.Context(), &awskms.CreateKeyInput{})
	if err != nil {
		t.Fatal(err)
	}
	d := &deployment{
		kms: &countingKMS{Client: client}, source: &source{}, clock: &clock{at: time.Unix(1_700_000_000, 0)},
		keyID: server.KeyARN, otherKey: *other.KeyMetadata.KeyId, t: t,
	}
	d.ring = pepper.New(pepper.Config{KMS: d.kms, Source: d.source, KeyID: d.keyID, Table: "keyward", Now: d.clock.now})
	return d
}

// add stores a new pepper, made by another ring than the one under test.
func (d *deployment) add(version int, state apikey.PepperState) {
	d.t.Helper()
	maker := pepper.New(pepper.Config{KMS: d.kms.Client, KeyID: d.keyID, Table: "keyward", Now: d.clock.now})
	made, err := maker.NewPepper(d.t.Context(), version)
	if err != nil {
		d.t.Fatal(err)
	}
	made.State = state
	d.source.peppers = append(d.source.peppers, made)
}

func (d *deployment) set(version int, state apikey.PepperState) {
	for i := range d.source.peppers {
		if d.source.peppers[i].Version == version {
			d.source.peppers[i].State = state
		}
	}
}

func binding(version int) map[string]string {
	return map[string]string{"service": "keyward", "table": "keyward", "version": fmt.Sprint(version)}
}

// plaintext returns a stored pepper's bytes, decrypted by KMS.
func (d *deployment) plaintext(version int) []byte {
	d.t.Helper()
	for _, p := range d.source.peppers {
		if p.Version == version {
			out, err := d.kms.Client.Decrypt(d.t.Context(), &awskms.DecryptInput{CiphertextBlob: p.Wrapped, EncryptionContext: binding(version)})
			if err != nil {
				d.t.Fatal(err)
			}
			return out.Plaintext
		}
	}
	d.t.Fatalf("no pepper %d", version)
	return nil
}

// seal wraps a plaintext of any length under any key.
func (d *deployment) seal(t testing.TB, keyID string, version, length int) []byte {
	t.Helper()
	out, err := d.kms.Encrypt(t.Context(), &awskms.EncryptInput{KeyId: &keyID, Plaintext: make([]byte, length), EncryptionContext: binding(version)})
	if err != nil {
		t.Fatal(err)
	}
	return out.CiphertextBlob
}

func (d *deployment) wantCalls(t testing.TB, reads, decrypts int) {
	t.Helper()
	if d.source.reads != reads || d.kms.started() != decrypts {
		t.Errorf("%d reads and %d KMS calls, want %d and %d", d.source.reads, d.kms.started(), reads, decrypts)
	}
}

func wantUnavailable(t testing.TB, err error) {
	t.Helper()
	if apikey.KindOf(err) != apikey.Unavailable {
		t.Errorf("got %v, want an Unavailable error", err)
	}
}

type countingKMS struct {
	*awskms.Client
	fail error
	wait chan struct{}

	mu       sync.Mutex
	decrypts int
}

func (c *countingKMS) started() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.decrypts
}

func (c *countingKMS) Decrypt(ctx context.Context, in *awskms.DecryptInput, options ...func(*awskms.Options)) (*awskms.DecryptOutput, error) {
	c.mu.Lock()
	c.decrypts++
	c.mu.Unlock()
	if c.wait != nil {
		<-c.wait
	}
	if c.fail != nil {
		return nil, c.fail
	}
	return c.Client.Decrypt(ctx, in, options...)
}

func (c *countingKMS) GenerateDataKeyWithoutPlaintext(ctx context.Context, in *awskms.GenerateDataKeyWithoutPlaintextInput, options ...func(*awskms.Options)) (*awskms.GenerateDataKeyWithoutPlaintextOutput, error) {
	if c.fail != nil {
		return nil, c.fail
	}
	return c.Client.GenerateDataKeyWithoutPlaintext(ctx, in, options...)
}

// source counts its reads. The ring never reads it twice at the same time, so
// the count needs no lock.
type source struct {
	peppers []apikey.Pepper
	fail    error
	reads   int
}

func (s *source) Peppers(context.Context) ([]apikey.Pepper, error) {
	s.reads++
	return append([]apikey.Pepper(nil), s.peppers...), s.fail
}

type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) step(by time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(by)
}
