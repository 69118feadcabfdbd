// Package verify turns a credential into a decision: whose it is, and whether
// that key or user may use a route of an API.
//
// A decision reads as little as possible. It waits for this many reads, one after
// the other:
//   - none for a credential that is neither the text of a key nor an access token;
//   - one for a key that does not exist: of the key's record, and of the service's if
//     the cache knows nothing of the API;
//   - two for a key that this process has not seen before: the key, then
//     everything that it depends on. A third is needed if its user's policy has
//     changed since the key was written;
//   - one for a key that was read too long ago, together with everything that it
//     depended on then. A second is needed if it now depends on something else;
//   - none for a key that was read a moment ago;
//   - one more for a secret that does not match a fresh record, because the key may
//     have been rotated since: at most ten times a second for each key;
//   - one more for a key on another organization's API, before it is refused;
//   - three for an access token whose user this process has not seen before: the claim
//     of its address, the user, then everything else. Later it costs what a key costs.
//
// A cached record is used for a set time and no longer. Refusals that depend on
// the request or on the time are decided for each request. The cache takes at
// most [Ceiling] bytes, and no organization can displace the records of one that
// holds less.
package verify

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/keytext"
	"github.com/keyward/keyward/shared/uuid"
)

// Verifier decides requests. It is safe for concurrent use.
type Verifier struct {
	config  Config
	builtin func() []builtin
	records *recordCache
	// hostRoot is empty if host names are ignored.
	hostRoot string
	// decoy makes refusing an unknown key take as long as refusing a wrong
	// secret.
	decoy apikey.Digester
}

// builtin is one API of a service that is known without a read.
type builtin struct {
	api     name
	service *guardedService
}

// New returns a verifier that has read nothing yet.
func New(config Config) *Verifier {
	v := &Verifier{
		config:   config,
		records:  newRecordCache(config),
		decoy:    decoy{},
		hostRoot: hostRoot(config.Domain),
	}
	v.builtin = sync.OnceValue(v.guardBuiltin)
	return v
}

// Prepare makes the built-in services ready, which the first request would do
// otherwise. It reads nothing. A request that arrives meanwhile waits for it.
func (v *Verifier) Prepare() { v.builtin() }

// guardBuiltin makes the built-in services ready.
func (v *Verifier) guardBuiltin() (all []builtin) {
	if v.config.Builtin == nil {
		return nil
	}
	for _, service := range v.config.Builtin() {
		ready := newGuardedService(service, func(*guardedService, int) {})
		for _, api := range service.APIs {
			all = append(all, builtin{serviceName(api), ready})
		}
	}
	return all
}

// Decide decides a request. An error means that there is no decision, because a
// dependency failed or a record is damaged. It is never the credential's fault,
// and always [apikey.Unavailable].
func (v *Verifier) Decide(ctx context.Context, r Request) (Decision, error) {
	return v.decide(ctx, nil, &r)
}

// DecideOn decides as [Verifier.Decide] does, on records that have been read, for a
// built-in service. It reads nothing, and caches nothing.
func (v *Verifier) DecideOn(ctx context.Context, records apikey.Found, r Request) (Decision, error) {
	return v.decide(ctx, records, &r)
}

func (v *Verifier) decide(ctx context.Context, records apikey.Found, r *Request) (Decision, error) {
	key, code := parseCredential(r.Authorization)
	if code == CredentialMalformed && v.config.OAuth != nil {
		if token, ok := parseToken(r.Authorization); ok {
			return v.decideToken(ctx, r, token)
		}
	}
	if code != "" {
		return Decision{Code: code}, nil
	}
	l := v.lookup(r)
	l.read = records
	defer l.release()
	who, code, err := v.authenticate(ctx, l, r, key)
	if err != nil || code != "" {
		return Decision{Code: code, Identity: Identity{KeyID: key.ID()}, Use: who.use()}, err
	}
	d, err := v.authorize(l, r, who)
	opener := d.Use.Permission
	if d.Use = who.use(); d.Outcome == Allowed {
		d.Use.Permission = opener
	}
	d.Use.Outdated = v.outdated(who, key)
	return d, err
}

// holder is the holder of a valid credential.
type holder struct {
	org apikey.OrgID
	// id and key are the key's id and cached record; key is nil for an access
	// token.
	id     uuid.UUID
	key    *keyRecord
	secret secret
	grant  apikey.Grant
	// refusal is why this request may not use the credential at any service.
	refusal Code
}

// use returns the key whose usage a request of the holder counts for.
func (h holder) use() Use {
	if h.secret.generation == 0 {
		return Use{}
	}
	return Use{Key: h.id, Org: h.org, Generation: h.secret.generation}
}

// authenticate returns the holder of a key whose secret is right, that can be
// used now, and whose grant still exists. Otherwise the code says why not, and
// the holder has no grant. Afterwards, the lookup holds everything that the
// decision depends on.
func (v *Verifier) authenticate(ctx context.Context, l *lookup, r *Request, key keytext.Key) (holder, Code, error) {
	asked := v.config.Now()
	record, err := v.readKey(ctx, l, r, key, asked)
	for ; err == nil && record != nil; record, err = found[*keyRecord](l, keyKind) {
		var presented apikey.Key
		now, which, code, err := v.checkKey(ctx, key, record, &presented)
		if (code == SecretWrong || code == PepperRetired) && l.requestNewer(asked, now) {
			v.records.fetch(ctx, l)
			continue
		}
		who := holder{org: record.org, id: key.ID(), key: record, secret: which}
		if err != nil || code != "" {
			return who, code, err
		}
		return v.resolve(ctx, l, r, who, &presented, now)
	}
	if err != nil {
		return holder{}, "", err
	}
	// The same work as for a key that exists.
	_, _ = apikey.Matches(ctx, v.decoy, key, apikey.Digest{})
	return holder{}, KeyUnknown, nil
}

// resolve gives the holder of a key its grant, after fetching what that depends
// on. now is the current time.
func (v *Verifier) resolve(ctx context.Context, l *lookup, r *Request, who holder, presented *apikey.Key, now time.Time) (holder, Code, error) {
	who.refusal = v.checkHostAndSource(r, who.org, who.key.allowIPs())
	for needs := who.key.dependencies(who.refusal); l.requestAll(&needs, now); now = v.config.Now() {
		v.records.fetch(ctx, l)
	}
	grant, err := apikey.Resolve(ctx, l, presented)
	code, err := goneGrantCode(err)
	who.grant = grant
	return who, code, err
}

// readKey returns a key's record; nil if there is none. If the secret matches
// the last known record, the same read also fetches what the key depended on
// then. Otherwise it reads only the key.
func (v *Verifier) readKey(ctx context.Context, l *lookup, r *Request, key keytext.Key, asked time.Time) (*keyRecord, error) {
	l.requestKey(key.ID(), asked)
	last, err := found[*keyRecord](l, keyKind)
	if l.slots[keyKind].state == settled {
		return last, err
	}
	if last != nil {
		var presented apikey.Key
		if now, _, code, err := v.checkKey(ctx, key, last, &presented); code == "" && err == nil {
			needs := last.dependencies(v.checkHostAndSource(r, last.org, last.allowIPs()))
			l.requestAll(&needs, now)
		}
	}
	v.records.fetch(ctx, l)
	return found[*keyRecord](l, keyKind)
}

// checkKey returns which secret of a record a key has, or why the key cannot be
// used now, and the current time. It sets presented to the key, as the rules know it.
func (v *Verifier) checkKey(ctx context.Context, key keytext.Key, record *keyRecord, presented *apikey.Key) (time.Time, secret, Code, error) {
	which, code, err := v.findSecret(ctx, key, record)
	now := v.config.Now()
	if code != "" || err != nil {
		return now, which, code, err
	}
	if *presented = record.key(key.ID()); !presented.Live(now) {
		return now, which, deadKeyCode(presented, now), nil
	}
	return now, which, "", nil
}

func deadKeyCode(key *apikey.Key, now time.Time) Code {
	switch {
	case key.Deleted():
		return KeyDeleted
	case key.Disabled:
		return KeyDisabled
	case now.Before(key.NotBefore):
		return KeyNotYetValid
	}
	return KeyExpired
}

// goneGrantCode returns the code for an error that means there is no grant.
// Other errors become [apikey.Unavailable].
func goneGrantCode(err error) (Code, error) {
	switch {
	case err == nil:
		return "", nil
	case errors.Is(err, apikey.ErrSuspended):
		return OrganizationSuspended, nil
	case apikey.KindOf(err) == apikey.Unauthenticated:
		return GrantGone, nil
	}
	return "", unavailable("resolve a grant", err)
}
