package guard

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"hash"
	"sync"

	"github.com/keyward/keyward/shared/client"
)

// digest identifies a question about a key, without its text.
type digest [sha256.Size]byte

// hasher computes digests under a key that only this process has.
type hasher struct{ pool *sync.Pool }

func newHasher() hasher {
	secret := make([]byte, sha256.Size)
	_, _ = rand.Read(secret) // never fails
	return hasher{&sync.Pool{New: func() any { return hmac.New(sha256.New, secret) }}}
}

// of returns the digest of a key and a question. The length before each part
// keeps them apart.
func (h hasher) of(key string, q client.Question) (d digest) {
	mac := h.pool.Get().(hash.Hash)
	defer h.pool.Put(mac)
	mac.Reset()
	text := make([]byte, 0, 256)
	for _, part := range [...]string{key, q.Permission, q.Service, q.Method, q.Route, q.Path, q.Source} {
		text = binary.AppendUvarint(text, uint64(len(part)))
		text = append(text, part...)
	}
	_, _ = mac.Write(text)
	mac.Sum(d[:0])
	return d
}

const (
	// entrySize is about how much memory an entry takes, besides its texts.
	entrySize = 512
	// maxAllowed and maxRefused are the most bytes of a generation. Refusals have a
	// cache of their own, so that a flood of junk drops no good key.
	maxAllowed = 8 << 20
	maxRefused = 1 << 20
)

// cache keeps decisions in two generations. When the younger one is full, it
// becomes the older one, and the older one goes.
type cache struct {
	most int

	mu             sync.Mutex
	younger, older map[digest]decision
	size           int
}

func (c *cache) get(what digest) (decision, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if d, ok := c.younger[what]; ok {
		return d, true
	}
	d, ok := c.older[what]
	return d, ok
}

// put keeps a decision, unless it cannot be used again.
func (c *cache) put(what digest, d decision) {
	if d.ttl <= 0 {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.size += d.size - c.younger[what].size; c.younger == nil || c.size > c.most {
		c.younger, c.older, c.size = map[digest]decision{}, c.younger, d.size
	}
	c.younger[what] = d
}

// drop forgets a decision.
func (c *cache) drop(what digest) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.size -= c.younger[what].size
	delete(c.younger, what)
	delete(c.older, what)
}
