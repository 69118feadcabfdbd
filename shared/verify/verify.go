// Package verify turns a credential into a decision: whose it is, and whether
// that key or user may use a route of an API.
//
// A decision costs as little as it can. A credential that is not the text of a
// key costs nothing; a key that does not exist, one read; a key that was read a
// moment ago, none. What was read is kept for a set time and no longer; every
// reason to refuse that is the request's own or the time's is looked at anew
// each time.
package verify

import (
	"context"
	"errors"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/keytext"
)

// Verifier decides requests. It is safe for concurrent use.
type Verifier struct {
	config   Config
	builtin  map[apikey.API]*guarded
	keys     *cache[keytext.ID, keyRecord]
	services *cache[apikey.API, guarded]
	guards   guards
	claims   *cache[string, apikey.User]
	grants   *grants
	// hostRoot is empty where host names do not count.
	hostRoot string
	// decoy makes the digests of keys that do not exist.
	decoy apikey.Digester
}

// New makes a verifier that has read nothing yet.
func New(config Config) *Verifier {
	ttl := min(config.CacheTTL, MaxCacheTTL)
	v := &Verifier{
		config:   config,
		builtin:  map[apikey.API]*guarded{},
		keys:     newCache[keytext.ID, keyRecord](ttl, config, maxKeys, maxAbsent),
		services: newCache[apikey.API, guarded](ttl, config, maxServices, maxAbsent),
		claims:   newCache[string, apikey.User](ttl, config, maxUsers, maxAbsent),
		grants:   newGrants(ttl, config),
		decoy:    decoy{},
		hostRoot: hostRoot(config.Domain),
	}
	for _, service := range config.Builtin {
		for _, api := range service.APIs {
			v.builtin[nameOf(api)] = guard(service)
		}
	}
	return v
}

// Decide answers a request. An error means that no answer could be found,
// because a dependency failed or a record is damaged; it is never the fault of
// the credential, and it is an [apikey.Unavailable] one.
func (v *Verifier) Decide(ctx context.Context, r Request) (Decision, error) {
	key, code := parseCredential(r.Authorization)
	if code == CredentialMalformed && v.config.OAuth != nil {
		if token, ok := parseToken(r.Authorization); ok {
			return v.decideToken(ctx, r, token)
		}
	}
	if code != "" {
		return Decision{Code: code}, nil
	}
	who, code, err := v.authenticate(ctx, key)
	if err != nil || code != "" {
		return Decision{Code: code, Identity: Identity{KeyID: key.ID()}}, err
	}
	return v.authorize(ctx, r, who)
}

// holder is whose a valid credential is.
type holder struct {
	org apikey.OrgID
	// id is the key's, and key what is kept of it; nil for an access token.
	id    keytext.ID
	key   *keyRecord
	grant apikey.Grant
}

// authenticate finds the holder of a key whose secret is right, which can be
// used now, and whose grant still stands.
func (v *Verifier) authenticate(ctx context.Context, key keytext.Key) (holder, Code, error) {
	kept, err := v.keys.get(ctx, key.ID(), v.readKey)
	if err != nil {
		return holder{}, "", err
	}
	if kept == nil {
		// The same work as for a key that exists.
		_, _ = apikey.Matches(ctx, v.decoy, key, apikey.Digest{})
		return holder{}, KeyUnknown, nil
	}
	right, err := apikey.Matches(ctx, v.config.Digester, key, kept.digest)
	switch {
	case err != nil:
		return holder{}, "", unavailable("compute a digest", err)
	case !right:
		return holder{}, SecretWrong, nil
	}
	record := kept.key(key.ID())
	if now := v.config.Now(); !record.Live(now) {
		return holder{}, whyDead(&record, now), nil
	}
	grant, err := apikey.Resolve(ctx, v.grants, &record)
	switch {
	case err == nil:
		return holder{kept.org, record.ID, kept, grant}, "", nil
	case apikey.KindOf(err) == apikey.Unauthenticated:
		return holder{}, whyEnded(err), nil
	}
	return holder{}, "", unavailable("resolve a grant", err)
}

// whyEnded is why there is no grant, of an error that says so.
func whyEnded(err error) Code {
	if errors.Is(err, apikey.ErrSuspended) {
		return OrganizationSuspended
	}
	return GrantGone
}

func whyDead(key *apikey.Key, now time.Time) Code {
	switch {
	case key.Disabled:
		return KeyDisabled
	case now.Before(key.NotBefore):
		return KeyNotYetValid
	}
	return KeyExpired
}
