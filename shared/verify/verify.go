// Package verify turns a credential into a decision: whose key it is, and
// whether that key may use a route of an API.
//
// A decision costs as little as it can. A credential that is not the text of a
// key costs nothing; a key that does not exist, one read; a key that was read a
// moment ago, none. What was read is kept for a set time and no longer; every
// reason to refuse that is the request's own is looked at anew each time.
package verify

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/keytext"
)

const (
	// DefaultCacheTTL is how long a record is kept where nothing else is set.
	DefaultCacheTTL = 5 * time.Second
	// MaxCacheTTL is the longest time that a record can be kept.
	MaxCacheTTL = 300 * time.Second

	maxKeys     = 10_000
	maxServices = 256
	// maxAbsent bounds each memory of what does not exist.
	maxAbsent = 1024
)

// KeyReader reads keys, as [apikey.Store] does: strongly consistent.
type KeyReader interface {
	Key(ctx context.Context, id keytext.ID) (apikey.Key, error)
}

// ServiceReader reads registered services, as [apikey.Store] does.
type ServiceReader interface {
	Service(ctx context.Context, api apikey.API) (apikey.Service, error)
}

// Config is what a [Verifier] needs. Keys, Services, Digester and Now must be
// set.
type Config struct {
	Keys     KeyReader
	Services ServiceReader
	Digester apikey.Digester
	// Builtin are services that are known without a read, such as Keyward's
	// own API. They come before registered ones.
	Builtin []apikey.Service
	// CacheTTL is how long a key's or a service's record is kept, from the
	// start of its read: the bound on how long a revoked key can still be
	// allowed. 0 reads for each request; more than [MaxCacheTTL] is that.
	CacheTTL time.Duration
	// Now is the wall clock.
	Now func() time.Time
}

// Verifier decides requests. It is safe for concurrent use.
type Verifier struct {
	config   Config
	builtin  map[apikey.API]*guarded
	keys     *cache[keytext.ID, apikey.Key]
	services *cache[apikey.API, guarded]
}

// New makes a verifier that has read nothing yet.
func New(config Config) *Verifier {
	ttl := min(config.CacheTTL, MaxCacheTTL)
	v := &Verifier{
		config:   config,
		builtin:  map[apikey.API]*guarded{},
		keys:     newCache[keytext.ID, apikey.Key](ttl, config.Now, maxKeys, maxAbsent),
		services: newCache[apikey.API, guarded](ttl, config.Now, maxServices, maxAbsent),
	}
	for _, service := range config.Builtin {
		for _, api := range service.APIs {
			v.builtin[api] = guard(service)
		}
	}
	return v
}

// Decide answers a request. An error means that no answer could be found,
// because a dependency failed or a record is damaged; it is never the fault of
// the credential, and it is an [apikey.Unavailable] one.
func (v *Verifier) Decide(ctx context.Context, r Request) (Decision, error) {
	key, code := parseCredential(r.Authorization)
	if code != "" {
		return Decision{Code: code}, nil
	}
	record, code, err := v.authenticate(ctx, key)
	if err != nil || code != "" {
		return Decision{Code: code, Identity: Identity{KeyID: key.ID()}}, err
	}
	return v.authorize(ctx, r, record)
}

// authenticate returns the record of a key whose secret is right.
func (v *Verifier) authenticate(ctx context.Context, key keytext.Key) (*apikey.Key, Code, error) {
	record, err := v.keys.get(ctx, key.ID(), v.readKey)
	if err != nil {
		return nil, "", err
	}
	if record == nil {
		// The same work as for a key that exists.
		_, _ = apikey.Matches(ctx, decoy{}, key, apikey.Digest{})
		return nil, KeyUnknown, nil
	}
	right, err := apikey.Matches(ctx, v.config.Digester, key, record.Digest)
	switch {
	case err != nil:
		return nil, "", unavailable("compute a digest", err)
	case !right:
		return nil, SecretWrong, nil
	}
	return record, "", nil
}

// authorize decides what a valid key may do.
func (v *Verifier) authorize(ctx context.Context, r Request, record *apikey.Key) (Decision, error) {
	d := Decision{Outcome: Forbidden, Identity: Identity{
		Org: record.Org, KeyID: record.ID, KeyType: KeyTypeService, Permissions: record.Permissions,
	}}
	service := v.builtin[r.API]
	if service == nil {
		var err error
		if service, err = v.services.get(ctx, r.API, v.readService); err != nil {
			return Decision{Identity: Identity{KeyID: record.ID}}, err
		}
	}
	if service == nil {
		d.Code = ServiceNotRegistered
		return d, nil
	}
	if service.org != "" && service.org != record.Org {
		d.Code = OrganizationNotServed
		return d, nil
	}
	route := service.route(r)
	if route == nil {
		d.Code = RouteNotRegistered
		return d, nil
	}
	d.Template = route.Path
	if len(route.Permissions) > 0 && !record.Permissions.HasAny(route.Permissions...) {
		d.Code = PermissionMissing
		return d, nil
	}
	d.Outcome = Allowed
	return d, nil
}

func (v *Verifier) readKey(ctx context.Context, id keytext.ID) (*apikey.Key, error) {
	record, err := v.config.Keys.Key(ctx, id)
	if err == nil && (record.ID != id || record.Org == "") {
		err = apikey.Failed("read a key", errors.New("the record is damaged"))
	}
	return &record, unavailable("read a key", err)
}

func (v *Verifier) readService(ctx context.Context, api apikey.API) (*guarded, error) {
	service, err := v.config.Services.Service(ctx, api)
	return guard(service), unavailable("read a service", err)
}

// unavailable makes every failure but [apikey.NotFound] one of a dependency.
func unavailable(doing string, err error) error {
	if err == nil || apikey.KindOf(err) == apikey.NotFound || apikey.KindOf(err) == apikey.Unavailable {
		return err
	}
	return apikey.Failed(doing, err)
}

// decoy computes digests that stand for nothing.
type decoy struct{}

// Digest hashes message under no pepper.
func (d decoy) Digest(ctx context.Context, message []byte) (apikey.Digest, error) {
	return d.DigestWith(ctx, 0, message)
}

// DigestWith hashes message under no pepper.
func (decoy) DigestWith(_ context.Context, _ int, message []byte) (apikey.Digest, error) {
	var digest apikey.Digest
	mac := hmac.New(sha256.New, digest.Sum[:])
	mac.Write(message)
	mac.Sum(digest.Sum[:0])
	return digest, nil
}
