package verify

import (
	"slices"
	"time"

	"github.com/keyward/keyward/shared/permission"
	"github.com/keyward/keyward/shared/routing"
)

// AnswerCaching says how the gateway caches the answer, if the service declares a
// [routing.GatewayCache].
type AnswerCaching int

// The ways of caching.
const (
	// CachedAsRegistered caches as the service is registered.
	CachedAsRegistered AnswerCaching = iota
	// CachedByCredential caches by the credential alone, whatever the service
	// says, because the gateway supports nothing else.
	CachedByCredential
	// CachedForTTL caches by the credential, for an API with one route, for as
	// long as the answer's TTL.
	CachedForTTL
	// NotCached caches nothing.
	NotCached
)

// keyedBy reports whether answers are cached by key, in addition to the
// credential.
func (k AnswerCaching) keyedBy(key routing.CacheKey, cache routing.GatewayCache) bool {
	return k == CachedAsRegistered && cache.Has(key)
}

// answerDelay is the most time that an answer takes to reach the gateway. The
// gateway's TTL starts then.
const answerDelay = time.Second

// decideCached decides a request whose answer the gateway will cache and reuse
// for the same credential. The answer must be right for all those requests.
func (v *Verifier) decideCached(r *Request, who holder, service *guardedService, d Decision) Decision {
	held := service.held(who.grant)
	d.Template, d.Use.Permission, d.Code = service.decide(r, held)
	switch {
	case r.Caching == CachedForTTL:
		d.TTL = who.remaining(v.config.Now(), service.record.Cache.TTL())
	case !v.cacheable(r, who, service.record.Cache):
		d.Template, d.Code = "", GatewayCached
		return d
	case r.YesOrNo && d.Code == "" && !service.allowsAll(r, held):
		d.Code = GatewayCached
	case !r.YesOrNo && !r.Caching.keyedBy(routing.ByRoute, service.record.Cache):
		resources := service.resources(r, held)
		d.Resources = &resources
	}
	if d.Code == "" {
		d.Outcome = Allowed
	} else {
		d.TTL = 0
	}
	if d.Code == "" || d.Resources != nil && len(d.Resources.Allow) > 0 {
		d.Identity.Permissions = service.declaredHeld(who.grant)
	}
	return d
}

// cacheable reports whether an answer about the credential stays right for as
// long as it is cached, and for every source and host. If not, the request is
// denied.
func (v *Verifier) cacheable(r *Request, who holder, cache routing.GatewayCache) bool {
	switch {
	case who.remaining(v.config.Now(), cache.TTL()) < cache.TTL():
		return false
	case who.key != nil && len(who.key.allowIPs()) > 0 && !r.Caching.keyedBy(routing.BySource, cache):
		return false
	}
	// Kinds of events without a host name accept credentials under any name.
	return v.hostRoot == "" || r.Caching == CachedByCredential || r.Caching.keyedBy(routing.ByHost, cache)
}

// remaining returns how much of limit the credential stays valid after the
// gateway receives the answer, in whole seconds. It is 0 for an access token,
// whose end is unknown.
func (h holder) remaining(now time.Time, limit time.Duration) time.Duration {
	if h.key == nil {
		return 0
	}
	for _, end := range []time.Time{h.key.ends(), h.secret.ends} {
		if !end.IsZero() {
			limit = max(0, min(limit, end.Sub(now.Add(answerDelay)).Truncate(time.Second)))
		}
	}
	return limit
}

// allowsAll reports whether a holder of those permissions may make every
// request that a cached yes to this one would allow.
func (g *guardedService) allowsAll(r *Request, held permission.Set) bool {
	if !r.Caching.keyedBy(routing.ByRoute, g.record.Cache) {
		return g.resources(r, held).AllOpen
	}
	return !r.AnyMethod || !slices.ContainsFunc(routing.Methods(), func(method string) bool {
		other := *r
		other.Method = method
		_, _, code := g.decide(&other, held)
		return code != ""
	})
}

// resources returns the policy patterns for the request's whole API, for a
// holder of those permissions.
func (g *guardedService) resources(r *Request, held permission.Set) routing.PolicyResources {
	if r.OnHTTP {
		return g.httpCompiler().Compile(held)
	}
	return g.compiler().Compile(held)
}
