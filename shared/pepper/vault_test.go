package pepper_test

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"

	awskms "github.com/aws/aws-sdk-go-v2/service/kms"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/pepper"
	"github.com/keyward/keyward/shared/uuid"
)

const recoverable = "kw_CANARY0000000000000000000000000000000000000000000000000000000000000"

var (
	ownID   = uuid.UUID{1, 6: 0x40, 8: 0x80}
	otherID = uuid.UUID{2, 6: 0x40, 8: 0x80}

	_ apikey.Vault = (*pepper.Vault)(nil)
)

// A copy that was sealed for a key opens for that key. It shows nothing of the
// text, and no two copies are equal.
func TestVault(t *testing.T) {
	d := newDeployment(t)
	v := pepper.NewVault(d.kms.Client, d.otherKey, "recoverable-key")
	first, err := v.Seal(t.Context(), ownID, recoverable)
	if err != nil {
		t.Fatal(err)
	}
	second, err := v.Seal(t.Context(), ownID, recoverable)
	if err != nil || bytes.Equal(first, second) || bytes.Contains(first, []byte("CANARY")) {
		t.Errorf("the copies are alike or show the text: %v", err)
	}
	for _, sealed := range [][]byte{first, second} {
		if text, err := v.Open(t.Context(), ownID, sealed); err != nil || text != recoverable {
			t.Errorf("opened another text: %v", err)
		}
	}
}

// A copy is bound to its key's id, its purpose and the vault's KMS key. It does
// not open with any other, or if it was altered. No error shows the text.
func TestVaultBinding(t *testing.T) {
	d := newDeployment(t)
	v := pepper.NewVault(d.kms.Client, d.otherKey, "recoverable-key")
	sealed, err := v.Seal(t.Context(), ownID, recoverable)
	if err != nil {
		t.Fatal(err)
	}
	altered := bytes.Clone(sealed)
	altered[len(altered)-1] ^= 1
	unbound, err := d.kms.Encrypt(t.Context(), &awskms.EncryptInput{KeyId: &d.otherKey, Plaintext: []byte(recoverable)})
	if err != nil {
		t.Fatal(err)
	}
	for name, open := range map[string]func() (string, error){
		"another key's id": func() (string, error) { return v.Open(t.Context(), otherID, sealed) },
		"no id":            func() (string, error) { return v.Open(t.Context(), uuid.UUID{}, sealed) },
		"another KMS key": func() (string, error) {
			return pepper.NewVault(d.kms.Client, d.keyID, "recoverable-key").Open(t.Context(), ownID, sealed)
		},
		"another purpose": func() (string, error) {
			return pepper.NewVault(d.kms.Client, d.otherKey, "idempotent-answer").Open(t.Context(), ownID, sealed)
		},
		"altered":             func() (string, error) { return v.Open(t.Context(), ownID, altered) },
		"nothing":             func() (string, error) { return v.Open(t.Context(), ownID, nil) },
		"without the context": func() (string, error) { return v.Open(t.Context(), ownID, unbound.CiphertextBlob) },
	} {
		text, err := open()
		if text != "" {
			t.Errorf("%s: it was opened", name)
		}
		wantUnavailable(t, err)
	}
}

// The encryption context names the service, the purpose and the key, so that a
// key policy can require it.
func TestVaultContext(t *testing.T) {
	d := newDeployment(t)
	sealed, err := pepper.NewVault(d.kms.Client, d.otherKey, "recoverable-key").Seal(t.Context(), ownID, recoverable)
	if err != nil {
		t.Fatal(err)
	}
	out, err := d.kms.Client.Decrypt(t.Context(), &awskms.DecryptInput{CiphertextBlob: sealed, EncryptionContext: map[string]string{
		"service": "keyward", "purpose": "recoverable-key", "key": ownID.String(),
	}})
	if err != nil || string(out.Plaintext) != recoverable {
		t.Errorf("it does not open under its context: %v", err)
	}
}

// If the KMS key cannot be reached or is disabled, the vault fails and returns
// nothing. It also refuses to seal an empty text, or a text without a key's id.
func TestVaultFailures(t *testing.T) {
	d := newDeployment(t)
	v := pepper.NewVault(d.kms.Client, d.otherKey, "recoverable-key")
	sealed, err := v.Seal(t.Context(), ownID, recoverable)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.kms.DisableKey(t.Context(), &awskms.DisableKeyInput{KeyId: &d.otherKey}); err != nil {
		t.Fatal(err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	good := pepper.NewVault(d.kms.Client, d.keyID, "recoverable-key")
	for name, seal := range map[string]func() ([]byte, error){
		"disabled": func() ([]byte, error) { return v.Seal(t.Context(), ownID, recoverable) },
		"ended":    func() ([]byte, error) { return good.Seal(ended, ownID, recoverable) },
		"no text":  func() ([]byte, error) { return good.Seal(t.Context(), ownID, "") },
		"no id":    func() ([]byte, error) { return good.Seal(t.Context(), uuid.UUID{}, recoverable) },
	} {
		made, err := seal()
		if made != nil || errors.Is(err, context.Canceled) != (name == "ended") || strings.Contains(err.Error(), "CANARY") {
			t.Errorf("%s: %d bytes, %v", name, len(made), err)
		}
		wantUnavailable(t, err)
	}
	if _, err := v.Open(t.Context(), ownID, sealed); err == nil {
		t.Error("opened under a disabled key")
	}
}
