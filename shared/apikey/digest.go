package apikey

import (
	"context"
	"crypto/hmac"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/keyward/keyward/shared/keytext"
)

// Digester computes keyed hashes under versioned peppers. Its errors are
// [Unavailable]: a pepper that is unknown or cannot be decrypted is an outage,
// never a bad key. For a pepper that an operator has retired, the error wraps
// [ErrPepperRetired]. It must not keep a message after the call.
type Digester interface {
	// Digest hashes message under the active pepper.
	Digest(ctx context.Context, message []byte) (Digest, error)
	// DigestWith hashes message under the pepper of that version.
	DigestWith(ctx context.Context, version int, message []byte) (Digest, error)
}

// ErrPepperRetired is the cause of a [Digester]'s error about a pepper that is
// known to be retired. Secrets under it are no longer valid.
var ErrPepperRetired = errors.New("the pepper is retired")

// Digest is the keyed hash of a key's text, and the version of the pepper that
// keyed it. Logs show only the version.
type Digest struct {
	Pepper int
	Sum    [32]byte
}

// LogValue returns the pepper's version, without the sum.
func (d Digest) LogValue() slog.Value { return slog.IntValue(d.Pepper) }

// digestPurpose separates these hashes from any other use of a pepper.
const digestPurpose = "keyward api key v1\x00"

// appendDigestInput appends what is hashed of a key. The prefix is part of it,
// so the same id and secret under another prefix do not match. Every other part
// has a fixed length, so no two keys give the same input.
func appendDigestInput(dst []byte, key keytext.Key) []byte {
	id, secret := key.ID(), key.Secret()
	dst = append(dst, digestPurpose...)
	dst = append(dst, id[:]...)
	dst = append(dst, secret[:]...)
	return append(dst, key.Prefix()...)
}

// maxDigestInput is more than the longest input, in bytes.
const maxDigestInput = 128

// digestBuffers reuses cleared buffers. Otherwise each request would allocate
// one with a secret in it.
var digestBuffers = sync.Pool{New: func() any { return new([maxDigestInput]byte) }}

// DigestOf returns the digest of a new key under the active pepper.
func DigestOf(ctx context.Context, d Digester, key keytext.Key) (Digest, error) {
	var room [maxDigestInput]byte
	return d.Digest(ctx, appendDigestInput(room[:0], key))
}

// Matches reports, in constant time, whether want is the digest of key. An
// error means that this could not be determined.
func Matches(ctx context.Context, d Digester, key keytext.Key, want Digest) (bool, error) {
	return new(Hashes).Matches(ctx, d, key, want)
}

// Hashes compares one key with several digests, and computes its hash under
// each pepper once. The zero Hashes is ready for use.
type Hashes struct {
	got   [1 + MaxOlder]Digest
	count int
}

// Matches is [Matches] for the one key of these hashes.
func (h *Hashes) Matches(ctx context.Context, d Digester, key keytext.Key, want Digest) (bool, error) {
	for i := range h.count {
		if h.got[i].Pepper == want.Pepper {
			return sameDigest(&h.got[i], &want), nil
		}
	}
	room := digestBuffers.Get().(*[maxDigestInput]byte)
	got, err := d.DigestWith(ctx, want.Pepper, appendDigestInput(room[:0], key))
	clear(room[:])
	digestBuffers.Put(room)
	if err != nil {
		return false, err
	}
	if got.Pepper = want.Pepper; h.count < len(h.got) {
		h.got[h.count] = got
		h.count++
	}
	return sameDigest(&got, &want), nil
}

// sameDigest compares in constant time.
func sameDigest(got, want *Digest) bool { return hmac.Equal(got.Sum[:], want.Sum[:]) }

// PepperState says what a pepper is used for.
type PepperState string

// The states of a pepper, in the order in which it passes through them.
const (
	// PepperActive keys new digests.
	PepperActive PepperState = "active"
	// PepperVerifying still verifies keys that were made under it.
	PepperVerifying PepperState = "verifying"
	// PepperRetired verifies nothing any more.
	PepperRetired PepperState = "retired"
)

// Pepper is a stored pepper, wrapped by KMS.
type Pepper struct {
	Version int
	State   PepperState
	// Wrapped is KMS ciphertext, bound to an encryption context.
	Wrapped []byte
	// CreatedOn is zero for a pepper that an earlier version made. ReplacedOn is
	// when another version became active; zero until then.
	CreatedOn, ReplacedOn time.Time
	// Damage is why the record could not be read; nil if it could. A damaged
	// pepper has only its version, or 0 if that cannot be read either.
	Damage error
}
