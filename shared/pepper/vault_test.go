package pepper_test

import (
	"context"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"

	localkms "github.com/keyward/keyward/infra/local/kms"
	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/keytext"
	"github.com/keyward/keyward/shared/pepper"
)

// vaults are two vaults of one KMS, each with a key of its own.
func vaults(t *testing.T) (one, other pepper.Vault, server *localkms.Server) {
	t.Helper()
	server, err := localkms.Start(t.Context(), localkms.Options{MoreKeys: []string{"alias/one", "alias/other"}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Stop() })
	client := kms.New(kms.Options{
		Region: localkms.DefaultRegion, BaseEndpoint: &server.URL, RetryMaxAttempts: 1,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "local", SecretAccessKey: "local"}, nil
		}),
	})
	return pepper.Vault{KMS: client, KeyID: server.ARN("alias/one")}, pepper.Vault{KMS: client, KeyID: server.ARN("alias/other")}, server
}

// A copy opens for its own key's id under its own KMS key, and for no other id,
// under no other key, and not once it was altered; none of these is anything but
// an outage, and none shows the text.
func TestVault(t *testing.T) {
	one, other, _ := vaults(t)
	id, stranger := keytext.ID{1}, keytext.ID{2}
	const canary = "kw_canary"
	sealed, err := one.Seal(t.Context(), id, canary)
	if err != nil || strings.Contains(string(sealed), canary) {
		t.Fatalf("sealed as %q, %v", sealed, err)
	}
	if text, err := one.Open(t.Context(), id, sealed); err != nil || text != canary {
		t.Errorf("opened %q, %v", text, err)
	}
	altered := append([]byte{}, sealed...)
	altered[len(altered)-1] ^= 1
	for name, open := range map[string]func() (string, error){
		"another id":     func() (string, error) { return one.Open(t.Context(), stranger, sealed) },
		"another key":    func() (string, error) { return other.Open(t.Context(), id, sealed) },
		"altered":        func() (string, error) { return one.Open(t.Context(), id, altered) },
		"nothing at all": func() (string, error) { return one.Open(t.Context(), id, nil) },
	} {
		text, err := open()
		if text != "" || apikey.KindOf(err) != apikey.Unavailable || strings.Contains(err.Error(), canary) {
			t.Errorf("%s: %q, %v", name, text, err)
		}
	}
}

// Without KMS nothing is sealed or opened, and that is an outage.
func TestVaultOutage(t *testing.T) {
	one, _, server := vaults(t)
	sealed, err := one.Seal(t.Context(), keytext.ID{1}, "text")
	if err != nil {
		t.Fatal(err)
	}
	_ = server.Stop()
	if _, err := one.Open(t.Context(), keytext.ID{1}, sealed); apikey.KindOf(err) != apikey.Unavailable {
		t.Errorf("open: %v", err)
	}
	if sealed, err := one.Seal(t.Context(), keytext.ID{1}, "text"); sealed != nil || apikey.KindOf(err) != apikey.Unavailable {
		t.Errorf("seal: %q, %v", sealed, err)
	}
}
