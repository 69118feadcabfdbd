package pepper

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/service/kms"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/keytext"
)

// VaultKMS is the part of the KMS client that a [Vault] uses.
type VaultKMS interface {
	Encrypt(context.Context, *kms.EncryptInput, ...func(*kms.Options)) (*kms.EncryptOutput, error)
	Decrypt(context.Context, *kms.DecryptInput, ...func(*kms.Options)) (*kms.DecryptOutput, error)
}

// Vault encrypts the copies of recoverable keys under a KMS key of its own. It
// is an [apikey.Vault], stores nothing, and is safe for concurrent use.
type Vault struct {
	kms   VaultKMS
	keyID string
}

// NewVault returns a vault with the KMS key of that id, alias or ARN. It does
// no I/O.
func NewVault(client VaultKMS, keyID string) *Vault { return &Vault{client, keyID} }

// Seal encrypts a key's text.
func (v *Vault) Seal(ctx context.Context, id keytext.ID, text string) ([]byte, error) {
	const doing = "encrypt a recoverable key"
	if id.IsZero() || text == "" {
		return nil, apikey.UnavailableError(doing, errors.New("there is nothing to encrypt"))
	}
	plaintext := []byte(text)
	defer clear(plaintext)
	out, err := v.kms.Encrypt(ctx, &kms.EncryptInput{KeyId: &v.keyID, Plaintext: plaintext, EncryptionContext: copyEncryptionContext(id)})
	if err != nil {
		return nil, apikey.UnavailableError(doing, err)
	}
	return out.CiphertextBlob, nil
}

// Open decrypts what [Vault.Seal] returned for that key. It names the KMS key,
// so ciphertext of another key is refused.
func (v *Vault) Open(ctx context.Context, id keytext.ID, sealed []byte) (string, error) {
	out, err := v.kms.Decrypt(ctx, &kms.DecryptInput{KeyId: &v.keyID, CiphertextBlob: sealed, EncryptionContext: copyEncryptionContext(id)})
	if err != nil {
		return "", apikey.UnavailableError("decrypt a recoverable key", err)
	}
	defer clear(out.Plaintext)
	return string(out.Plaintext), nil
}

// copyEncryptionContext binds an encrypted copy to its key: KMS does not
// decrypt it as another key's copy or as a pepper. The IAM roles require the
// entries service and purpose.
func copyEncryptionContext(id keytext.ID) map[string]string {
	return map[string]string{"service": "keyward", "purpose": "recoverable-key", "key": id.String()}
}
