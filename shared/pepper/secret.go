package pepper

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"fmt"
	"hash"
	"io"
	"log/slog"
	"strconv"
	"sync"
	"time"

	"github.com/keyward/keyward/shared/apikey"
)

// Bytes is the length of a pepper in bytes.
const Bytes = 32

// secret is an unwrapped pepper. It does not hold the pepper itself, only the
// HMAC state made from it, which is just as secret. Printing it shows only the
// version.
type secret struct {
	version int
	since   time.Time
	wrapped []byte
	macs    sync.Pool
}

// mac is a keyed hash with space for its result, so that a digest allocates
// nothing.
type mac struct {
	hash hash.Hash
	sum  [sha256.Size]byte
}

// newSecret keys a hash with plaintext and overwrites plaintext. The first
// Reset replaces the key inside the hash with the state made from it.
func newSecret(stored apikey.Pepper, plaintext []byte, since time.Time) *secret {
	keyed := hmac.New(sha256.New, plaintext)
	keyed.Reset()
	clear(plaintext)
	s := &secret{version: stored.Version, since: since, wrapped: stored.Wrapped}
	s.macs.New = func() any {
		own, err := keyed.(hash.Cloner).Clone()
		if err != nil {
			panic("pepper: HMAC-SHA-256 cannot be cloned: " + err.Error())
		}
		return &mac{hash: own}
	}
	return s
}

func (s *secret) digest(message []byte) apikey.Digest {
	m := s.macs.Get().(*mac)
	m.hash.Reset()
	m.hash.Write(message)
	m.hash.Sum(m.sum[:0])
	digest := apikey.Digest{Pepper: s.version, Sum: m.sum}
	s.macs.Put(m)
	return digest
}

// madeOf reports whether the secret was unwrapped from stored.
func (s *secret) madeOf(stored apikey.Pepper) bool { return bytes.Equal(s.wrapped, stored.Wrapped) }

// Format prints the version, for every verb.
func (s *secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, s.String()) }

// String returns the version.
func (s *secret) String() string { return fmt.Sprintf("pepper %d (redacted)", s.version) }

// LogValue returns the version.
func (s *secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalJSON encodes the version as a string.
func (s *secret) MarshalJSON() ([]byte, error) { return strconv.AppendQuote(nil, s.String()), nil }

// Format prints nothing that the ring holds, for every verb.
func (r *Ring) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "pepper.Ring (redacted)") }

// LogValue returns nothing that the ring holds.
func (r *Ring) LogValue() slog.Value { return slog.StringValue("pepper.Ring (redacted)") }
