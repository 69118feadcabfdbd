package pepper

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/kms"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/keytext"
)

// VaultKMS is what a [Vault] uses of the KMS client.
type VaultKMS interface {
	Encrypt(context.Context, *kms.EncryptInput, ...func(*kms.Options)) (*kms.EncryptOutput, error)
	Decrypt(context.Context, *kms.DecryptInput, ...func(*kms.Options)) (*kms.DecryptOutput, error)
}

// Vault is an [apikey.Vault] on KMS: it encrypts the copies of recoverable keys
// under a KMS key of their own, each bound to its key's id. It keeps nothing.
type Vault struct {
	KMS VaultKMS
	// KeyID is the id or ARN of the KMS key.
	KeyID string
}

// Seal implements [apikey.Vault].
func (v Vault) Seal(ctx context.Context, id keytext.ID, text string) ([]byte, error) {
	out, err := v.KMS.Encrypt(ctx, &kms.EncryptInput{KeyId: &v.KeyID, Plaintext: []byte(text), EncryptionContext: bindingOf(id)})
	if err != nil {
		return nil, apikey.Failed("encrypt the copy of a key", err)
	}
	return out.CiphertextBlob, nil
}

// Open implements [apikey.Vault]. The KMS key is named, so that what another one
// encrypted is refused.
func (v Vault) Open(ctx context.Context, id keytext.ID, sealed []byte) (string, error) {
	out, err := v.KMS.Decrypt(ctx, &kms.DecryptInput{KeyId: &v.KeyID, CiphertextBlob: sealed, EncryptionContext: bindingOf(id)})
	if err != nil {
		return "", apikey.Failed("decrypt the copy of a key", err)
	}
	return string(out.Plaintext), nil
}

// bindingOf is the encryption context of a copy: it is of no use for another
// key, and the roles require its first two parts.
func bindingOf(id keytext.ID) map[string]string {
	return map[string]string{"service": "keyward", "purpose": "recoverable-key", "key": id.String()}
}
