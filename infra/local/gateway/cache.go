package gateway

import (
	"sync"
	"time"
)

// cacheSize is the maximum number of cached answers.
const cacheSize = 10_000

// cache holds authorizers' answers by API and identity, as API Gateway does.
// Requests with the same identity get the same answer, on every route.
type cache struct {
	mu      sync.Mutex
	entries map[string]cached
}

type cached struct {
	verdict verdict
	until   time.Time
}

func newCache() *cache { return &cache{entries: map[string]cached{}} }

func (c *cache) get(key string) (verdict, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	entry, found := c.entries[key]
	if !found || !time.Now().Before(entry.until) {
		delete(c.entries, key)
		return verdict{}, false
	}
	return entry.verdict, true
}

// put caches an answer for ttl; 0 caches nothing.
func (c *cache) put(key string, v verdict, ttl time.Duration) {
	if ttl <= 0 {
		return
	}
	now := time.Now()
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.entries) >= cacheSize {
		for old, entry := range c.entries {
			if !now.Before(entry.until) {
				delete(c.entries, old)
			}
		}
		if len(c.entries) >= cacheSize {
			clear(c.entries)
		}
	}
	c.entries[key] = cached{v, now.Add(ttl)}
}
