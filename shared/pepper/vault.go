package pepper

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/service/kms"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/uuid"
)

// VaultKMS is the part of the KMS client that a [Vault] uses.
type VaultKMS interface {
	Encrypt(context.Context, *kms.EncryptInput, ...func(*kms.Options)) (*kms.EncryptOutput, error)
	Decrypt(context.Context, *kms.DecryptInput, ...func(*kms.Options)) (*kms.DecryptOutput, error)
}

// Vault encrypts the texts of keys for one purpose, under a KMS key of its own.
// It is an [apikey.Vault], stores nothing, and is safe for concurrent use.
type Vault struct {
	kms            VaultKMS
	keyID, purpose string
}

// NewVault returns a vault with the KMS key of that id, alias or ARN. It does
// no I/O.
func NewVault(client VaultKMS, keyID, purpose string) *Vault { return &Vault{client, keyID, purpose} }

// Seal encrypts a key's text.
func (v *Vault) Seal(ctx context.Context, id uuid.UUID, text string) ([]byte, error) {
	const doing = "encrypt the text of a key"
	if id.IsZero() || text == "" {
		return nil, apikey.UnavailableError(doing, errors.New("there is nothing to encrypt"))
	}
	plaintext := []byte(text)
	defer clear(plaintext)
	out, err := v.kms.Encrypt(ctx, &kms.EncryptInput{KeyId: &v.keyID, Plaintext: plaintext, EncryptionContext: v.context(id)})
	if err != nil {
		return nil, apikey.UnavailableError(doing, err)
	}
	return out.CiphertextBlob, nil
}

// Open decrypts what [Vault.Seal] returned for that key. It names the KMS key,
// so ciphertext of another key is refused.
func (v *Vault) Open(ctx context.Context, id uuid.UUID, sealed []byte) (string, error) {
	out, err := v.kms.Decrypt(ctx, &kms.DecryptInput{KeyId: &v.keyID, CiphertextBlob: sealed, EncryptionContext: v.context(id)})
	if err != nil {
		return "", apikey.UnavailableError("decrypt the text of a key", err)
	}
	defer clear(out.Plaintext)
	return string(out.Plaintext), nil
}

// context returns the encryption context. It makes a text useless for another
// key or purpose, and as a pepper. The IAM roles require its first two parts.
func (v *Vault) context(id uuid.UUID) map[string]string {
	return map[string]string{"service": "keyward", "purpose": v.purpose, "key": id.String()}
}
