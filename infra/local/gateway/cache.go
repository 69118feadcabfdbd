package gateway

import (
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
)

// cacheSize is the maximum number of cached answers.
const cacheSize = 10_000

// cache holds authorizers' answers by API and identity, as API Gateway does.
// Requests with the same identity get the same answer, on every route.
type cache struct{ entries *lru.Cache[string, cached] }

type cached struct {
	verdict verdict
	until   time.Time
}

func newCache() cache {
	entries, err := lru.New[string, cached](cacheSize)
	if err != nil {
		panic(err) // only for a size of 0
	}
	return cache{entries}
}

func (c cache) get(key string) (verdict, bool) {
	entry, found := c.entries.Get(key)
	if !found || !time.Now().Before(entry.until) {
		return verdict{}, false
	}
	return entry.verdict, true
}

// put caches an answer for ttl; 0 caches nothing.
func (c cache) put(key string, v verdict, ttl time.Duration) {
	if ttl > 0 {
		c.entries.Add(key, cached{v, time.Now().Add(ttl)})
	}
}
