package verify

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"

	"github.com/keyward/keyward/shared/apikey"
)

// decoy computes digests for keys that do not exist, so that refusing one takes
// as long as refusing a wrong secret.
type decoy struct{}

// Digest hashes message without a pepper.
func (d decoy) Digest(ctx context.Context, message []byte) (apikey.Digest, error) {
	return d.DigestWith(ctx, 0, message)
}

// DigestWith hashes message without a pepper.
func (decoy) DigestWith(_ context.Context, _ int, message []byte) (apikey.Digest, error) {
	var digest apikey.Digest
	mac := hmac.New(sha256.New, digest.Sum[:])
	mac.Write(message)
	mac.Sum(digest.Sum[:0])
	return digest, nil
}
