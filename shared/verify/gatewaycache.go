package verify

import (
	"slices"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/routing"
)

// Keeping is how a gateway of the request's kind keeps answers, if the API's
// service says that its gateways keep any.
type AnswerCaching int

// The ways of keeping.
const (
	// KeptAsStated is by what the service says.
	CachedAsRegistered AnswerCaching = iota
	// KeptByCredential is by the credential alone, whatever the service says:
	// the gateway knows no other way.
	CachedByCredential
	// KeptAsTold is by the credential, for an API of one route, for as long as
	// the answer says.
	CachedForTTL
	// NotKept is never.
	NotCached
)

// by reports whether answers are kept by that, besides the credential.
func (k AnswerCaching) keyedBy(key routing.CacheKey, cache routing.GatewayCache) bool {
	return k == CachedAsRegistered && cache.Has(key)
}

// answerTime is how long an answer may take to the gateway, which keeps it from
// then on.
const answerDelay = time.Second

// keep decides a request of which the gateway keeps the answer, and gives it
// again to whoever shows the same credential: the answer must be right for all
// of them.
func (v *Verifier) decideCached(r Request, who holder, service *guardedService, d Decision) Decision {
	held := service.held(who.grant)
	d.Template, d.Code = service.decide(r, held)
	switch {
	case r.Caching == CachedForTTL:
		d.TTL = who.remaining(v.config.Now(), service.record.Cache.For())
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

// keepable reports whether an answer about the credential can be right for as
// long as it is kept, and from wherever it is asked for: else the answer is a
// denial, which is right enough.
func (v *Verifier) cacheable(r Request, who holder, cache routing.GatewayCache) bool {
	switch {
	case who.remaining(v.config.Now(), cache.For()) < cache.For():
		return false
	case who.key != nil && len(who.key.allowIPs()) > 0 && !r.Caching.keyedBy(routing.BySource, cache):
		return false
	}
	// A kind of event without a host name takes credentials under any name.
	return v.hostRoot == "" || r.Caching == CachedByCredential || r.Caching.keyedBy(routing.ByHost, cache)
}

// lasts is for how much of a time the credential is good once the gateway has the
// answer, in whole seconds. When an access token ends is not known: it is not relied on.
func (h holder) remaining(now time.Time, limit time.Duration) time.Duration {
	switch {
	case h.key == nil:
		return 0
	case h.key.ends().IsZero():
		return limit
	}
	return max(0, min(limit, h.key.ends().Sub(now.Add(answerDelay)).Truncate(time.Second)))
}

// opens reports whether a holder of those permissions may make all requests that
// a yes to this one is kept for.
func (g *guardedService) allowsAll(r Request, held apikey.Permissions) bool {
	if !r.Caching.keyedBy(routing.ByRoute, g.record.Cache) {
		return g.resources(r, held).AllOpen
	}
	return !r.AnyMethod || !slices.ContainsFunc(routing.Methods(), func(method string) bool {
		r.Method = method
		_, code := g.decide(r, held)
		return code != ""
	})
}

// resources returns the patterns of a policy for the request's whole API, for a
// caller who holds these permissions.
func (g *guardedService) resources(r Request, held apikey.Permissions) routing.PolicyResources {
	if r.OnHTTP {
		return g.httpCompiler().Compile(held)
	}
	return g.compiler().Compile(held)
}
