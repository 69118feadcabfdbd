package apikey

import (
	"slices"
	"time"
)

// Unlisted is what becomes of a request that fits no route of its service.
type Unlisted string

// What becomes of unlisted requests. The zero Unlisted refuses them too.
const (
	RefuseUnlisted Unlisted = "refuse"
	// AuthenticateUnlisted lets them pass with every key that may use the
	// service.
	AuthenticateUnlisted Unlisted = "authenticate"
)

// GatewayCache is what the gateways of a service's APIs keep of the authorizer's
// answers. The zero GatewayCache is none of them.
type GatewayCache struct {
	// Seconds is how long an answer is kept, up to [MaxCacheSeconds]; 0 is not
	// at all.
	Seconds int
	// By is what the answers are kept by, besides the credential, each once.
	By []CacheKey
}

// CacheKey is a part of a request that a gateway keeps answers by.
type CacheKey string

// What answers can be kept by.
const (
	// ByRoute is the method and the template, or the route key, together.
	ByRoute CacheKey = "route"
	// BySource is the address that the gateway saw.
	BySource CacheKey = "source"
	// ByHost is the host name under which the gateway was asked.
	ByHost CacheKey = "host"
)

// CacheKeys are all that answers can be kept by.
func CacheKeys() []CacheKey { return []CacheKey{ByRoute, BySource, ByHost} }

// For is how long an answer is kept.
func (c GatewayCache) For() time.Duration { return time.Duration(c.Seconds) * time.Second }

// Keeps reports whether answers are kept at all.
func (c GatewayCache) Keeps() bool { return c.Seconds > 0 }

func (c GatewayCache) keys() []string {
	var keys []string
	for _, key := range c.By {
		keys = append(keys, string(key))
	}
	return keys
}

// Has reports whether answers are kept by that, besides the credential.
func (c GatewayCache) Has(key CacheKey) bool { return slices.Contains(c.By, key) }
