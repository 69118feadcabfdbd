package pepper

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"

	"github.com/keyward/keyward/shared/apikey"
)

// KMS is the part of the KMS client that a [Ring] uses.
type KMS interface {
	GenerateDataKeyWithoutPlaintext(context.Context, *kms.GenerateDataKeyWithoutPlaintextInput, ...func(*kms.Options)) (*kms.GenerateDataKeyWithoutPlaintextOutput, error)
	Decrypt(context.Context, *kms.DecryptInput, ...func(*kms.Options)) (*kms.DecryptOutput, error)
}

// NewPepper makes KMS generate and wrap a pepper, without returning the
// plaintext. It stores nothing.
func (r *Ring) NewPepper(ctx context.Context, version int) (apikey.Pepper, error) {
	made, err := r.config.KMS.GenerateDataKeyWithoutPlaintext(ctx, &kms.GenerateDataKeyWithoutPlaintextInput{
		KeyId:             &r.config.KeyID,
		NumberOfBytes:     aws.Int32(Bytes),
		EncryptionContext: r.encryptionContext(version),
	})
	if err != nil {
		return apikey.Pepper{}, apikey.UnavailableError(fmt.Sprintf("make pepper %d", version), err)
	}
	return apikey.Pepper{Version: version, State: apikey.PepperActive, Wrapped: made.CiphertextBlob}, nil
}

// unwrap makes KMS decrypt a pepper. It names the KMS key, so ciphertext of
// another key is refused.
func (r *Ring) unwrap(ctx context.Context, stored apikey.Pepper, since time.Time) (*secret, error) {
	doing := fmt.Sprintf("unwrap pepper %d", stored.Version)
	out, err := r.config.KMS.Decrypt(ctx, &kms.DecryptInput{
		KeyId:             &r.config.KeyID,
		CiphertextBlob:    stored.Wrapped,
		EncryptionContext: r.encryptionContext(stored.Version),
	})
	if r.config.Unwrapped != nil {
		r.config.Unwrapped(r.config.Now().Sub(since), err)
	}
	if err != nil {
		return nil, apikey.UnavailableError(doing, err)
	}
	if len(out.Plaintext) != Bytes {
		clear(out.Plaintext)
		return nil, apikey.UnavailableError(doing, fmt.Errorf("it has %d bytes, not %d", len(out.Plaintext), Bytes))
	}
	return newSecret(stored, out.Plaintext, since), nil
}

// encryptionContext binds a wrapped pepper to its table and version: KMS does
// not decrypt it for another table or under another version. The KMS key's
// policy can require it.
func (r *Ring) encryptionContext(version int) map[string]string {
	return map[string]string{"service": "keyward", "table": r.config.Table, "version": strconv.Itoa(version)}
}
