package routing

import (
	"slices"
	"time"
)

// MaxCacheSeconds is the longest time for which API Gateway can cache an answer.
const MaxCacheSeconds = 3600

// GatewayCache describes how the gateways of a service's APIs cache the
// authorizer's answers. The zero GatewayCache says that they cache none.
type GatewayCache struct {
	// Seconds is how long an answer is cached: 0, for not at all, to
	// [MaxCacheSeconds].
	Seconds int
	// By lists the other parts of the cache key, besides the credential, each
	// once.
	By []CacheKey
}

// CacheKey is a part of a request that a gateway can use in its cache key.
type CacheKey string

const (
	// ByRoute is the method and the path template, or the route key.
	ByRoute CacheKey = "route"
	// BySource is the address that the gateway saw.
	BySource CacheKey = "source"
	// ByHost is the host name that the request was sent to.
	ByHost CacheKey = "host"
)

// CacheKeys returns all values of [CacheKey].
func CacheKeys() []CacheKey { return []CacheKey{ByRoute, BySource, ByHost} }

// TTL returns how long an answer is cached.
func (c GatewayCache) TTL() time.Duration { return time.Duration(c.Seconds) * time.Second }

// Enabled reports whether answers are cached at all.
func (c GatewayCache) Enabled() bool { return c.Seconds > 0 }

// Has reports whether the cache key holds this part of a request.
func (c GatewayCache) Has(key CacheKey) bool { return slices.Contains(c.By, key) }
