package verify

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"testing"
	"time"

	"github.com/keyward/keyward/shared/apikey"
)

// tallied counts a digester's digests and records their messages.
type tallied struct {
	apikey.Digester
	messages [][]byte
}

func (d *tallied) DigestWith(ctx context.Context, version int, message []byte) (apikey.Digest, error) {
	d.messages = append(d.messages, append([]byte(nil), message...))
	return d.Digester.DigestWith(ctx, version, message)
}

// A missing key costs one digest of its own text, like an existing one, so the
// response time does not tell them apart. No pepper is used, because that could
// wait for KMS.
func TestUnknownKeyCostsADigest(t *testing.T) {
	for _, ttl := range []time.Duration{0, ttl} {
		w := newWorld()
		v, key, unknown := w.verifier(ttl), w.mint(t, "acme", "ManageFiles"), newKey(t)
		counted := &tallied{Digester: v.decoy}
		v.decoy = counted
		w.hmac = 0
		for round := range 3 { // with and without a memory of the miss
			if d := decide(t, v, bearer(unknown)); d.Code != KeyUnknown {
				t.Fatalf("got %+v", d)
			}
			if len(counted.messages) != round+1 || w.hmac != 0 {
				t.Fatalf("round %d: %d decoys and %d digests", round, len(counted.messages), w.hmac)
			}
		}
		decide(t, v, bearer(key))
		if len(counted.messages) != 3 || w.hmac != 1 {
			t.Errorf("a known key: %d decoys and %d digests in all", len(counted.messages), w.hmac)
		}
	}
}

// A decoy is the HMAC-SHA-256 of the whole message: as much work as a digest.
func TestDecoyIsHMAC(t *testing.T) {
	message := []byte("a message")
	mac := hmac.New(sha256.New, make([]byte, sha256.Size))
	mac.Write(message)
	want := apikey.Digest{Sum: [sha256.Size]byte(mac.Sum(nil))}
	for name, digest := range map[string]func() (apikey.Digest, error){
		"Digest":     func() (apikey.Digest, error) { return decoy{}.Digest(t.Context(), message) },
		"DigestWith": func() (apikey.Digest, error) { return decoy{}.DigestWith(t.Context(), 1, message) },
	} {
		if got, err := digest(); err != nil || got != want {
			t.Errorf("%s made something else, %v", name, err)
		}
	}
}
