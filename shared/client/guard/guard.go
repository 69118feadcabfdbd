// Package guard protects a net/http service with Keyward's keys, without API
// Gateway. It asks Keyward about each key and keeps the answer for a short time.
//
//	g, err := guard.New(c, guard.Config{Service: "files"})
//	http.ListenAndServe(":8080", g.Routes(mux))
//
// A request passes only if Keyward says so: a revoked key is refused within the
// revocation bound of the deployment (cacheTtlSeconds), as at the authorizer. A bad key is 401, a good one that may not do this is 403, and
// an outage is 503 with Retry-After, never one of the others. The bodies are those
// of the authorizer's gateway.
//
// The client's key needs the permission VerifyApiKeys.
package guard

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/netip"
	"time"

	"github.com/keyward/keyward/shared/client"
	"github.com/keyward/keyward/shared/flight"
	"github.com/keyward/keyward/shared/identity"
	"github.com/keyward/keyward/shared/keytext"
)

// Config says what a guard protects, and how. The zero Config is ready to use.
type Config struct {
	// Service is the id of the registered service that the guard protects. Without
	// it, keys that are limited to services are refused, and Routes refuses all.
	Service string
	// TTL is the longest time that an answer is used; 0 means 5 s. Keyward's own
	// ttlSeconds and the key's end shorten it. A negative TTL asks about every
	// request.
	TTL time.Duration
	// Source returns the address that a request comes from. By default it is that of
	// the connection. Behind a proxy, return the address that the proxy vouches for,
	// and never one from a header that anybody can send. An invalid address means
	// that it is unknown: keys with address rules are then refused.
	Source func(*http.Request) netip.Addr
	// Timeout is how long a request waits for Keyward before it is answered 503; 0
	// means 3 s.
	Timeout time.Duration
	// KeepAuthorization leaves the key in the header for the guarded handler.
	// Otherwise it is removed there, so that it cannot leak from there.
	KeepAuthorization bool
	// Log gets the reasons of 503s, at most one a second; nil means [slog.Default].
	Log *slog.Logger
}

const (
	defaultTTL     = 5 * time.Second
	defaultTimeout = 3 * time.Second
	// refusalTTL is how long a refusal is used: long enough for a flood of one bad
	// key, short enough for a key that was just created.
	refusalTTL = time.Second
)

// Guard decides about requests. Make one with [New], and share it among handlers:
// they then share what it keeps.
type Guard struct {
	client *client.Client
	config Config

	hash    hasher
	allowed cache
	refused cache
	flights flight.Group[digest, decision]
	queue   *queue
	log     limitedLog
}

// New returns a guard that asks with a client. An error means that the config
// contradicts itself.
func New(c *client.Client, config Config) (*Guard, error) {
	if c == nil {
		return nil, errors.New("guard: there is no client")
	}
	if config.Timeout < 0 {
		return nil, errors.New("guard: Timeout must not be negative")
	}
	if config.TTL == 0 {
		config.TTL = defaultTTL
	}
	if config.Timeout == 0 {
		config.Timeout = defaultTimeout
	}
	if config.Source == nil {
		config.Source = remote
	}
	if config.Log == nil {
		config.Log = slog.Default()
	}
	return &Guard{
		client: c, config: config, hash: newHasher(), queue: newQueue(),
		allowed: cache{most: maxAllowed}, refused: cache{most: maxRefused}, log: limitedLog{to: config.Log},
	}, nil
}

// AnyKey lets every valid key of the organization pass.
func (g *Guard) AnyKey(next http.Handler) http.Handler {
	return g.handler(next, func(*http.Request) (client.Question, error) { return client.Question{}, nil })
}

// Permission lets valid keys pass that hold a permission. Without a name, such as
// that of a variable which is not set, it lets none pass.
func (g *Guard) Permission(name string) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return g.handler(next, func(*http.Request) (client.Question, error) {
			if name == "" {
				return client.Question{}, errors.New("guard: Permission needs a name")
			}
			return client.Question{Permission: name}, nil
		})
	}
}

// Routes lets pass whom the service's registered routes allow to. Inside of an
// [http.ServeMux], the route is the mux's pattern; around one, it is the path, and
// paths of more than one spelling are answered 404.
func (g *Guard) Routes(next http.Handler) http.Handler {
	return g.handler(next, func(r *http.Request) (client.Question, error) {
		if g.config.Service == "" {
			return client.Question{}, errors.New("guard: Routes needs the Service in the Config")
		}
		return routeOf(r)
	})
}

// handler guards next by a question.
func (g *Guard) handler(next http.Handler, question func(*http.Request) (client.Question, error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		key, err := keytext.FromAuthorization(r.Header["Authorization"])
		if err != nil {
			unauthorized.write(w, "")
			return
		}
		d, err := g.decideOn(r, key.Reveal(), question)
		switch {
		case errors.Is(err, errNoRoute):
			noRoute.write(w, "")
		case err != nil:
			if r.Context().Err() == nil { // somebody still waits for an answer
				g.log.failure(err)
			}
			unavailable.write(w, "")
		case d.refusal == http.StatusUnauthorized:
			unauthorized.write(w, "")
		case d.refusal != 0:
			forbidden.write(w, d.code)
		default:
			next.ServeHTTP(w, g.passed(r, d.caller))
		}
	})
}

// decideOn returns the decision about a request.
func (g *Guard) decideOn(r *http.Request, key string, question func(*http.Request) (client.Question, error)) (decision, error) {
	q, err := question(r)
	if err != nil {
		return decision{}, err
	}
	q.Service = g.config.Service
	if source := g.config.Source(r); source.IsValid() {
		q.Source = source.WithZone("").Unmap().String()
	}
	return g.decide(r.Context(), key, q)
}

// passed returns the request as the guarded handler gets it.
func (g *Guard) passed(r *http.Request, caller identity.Identity) *http.Request {
	r = r.WithContext(context.WithValue(r.Context(), callerKey{}, caller))
	if !g.config.KeepAuthorization {
		header := make(http.Header, len(r.Header))
		for name, values := range r.Header {
			if name != "Authorization" {
				header[name] = values
			}
		}
		r.Header = header
	}
	return r
}

type callerKey struct{}

// Identity returns who calls; ok is false for a request that no guard let pass.
func Identity(ctx context.Context) (caller identity.Identity, ok bool) {
	caller, ok = ctx.Value(callerKey{}).(identity.Identity)
	return caller, ok
}

// remote returns the address of the connection.
func remote(r *http.Request) netip.Addr {
	address, _ := netip.ParseAddrPort(r.RemoteAddr) // invalid if it has no address
	return address.Addr()
}
