package guard

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/keyward/keyward/shared/client"
	"github.com/keyward/keyward/shared/identity"
)

// decision is Keyward's answer to a question.
type decision struct {
	// refusal is the status of a refusal, and 0 for a request that may pass.
	refusal int
	// code says why a valid key is refused.
	code   string
	caller identity.Identity

	// asked is when the question was sent, and ttl how long the answer may be used
	// from then on.
	asked time.Time
	ttl   time.Duration
	size  int
}

// fresh reports whether the decision may still be used. It holds by both clocks: the
// wall's goes on while a machine sleeps, and the other is not set back.
func (d decision) fresh(now time.Time) bool {
	return max(now.Sub(d.asked), now.Round(0).Sub(d.asked.Round(0))) < d.ttl
}

// decide returns the decision about a key: a kept one, or a new one that concurrent
// requests with the same question share. An error means that there is no
// decision.
func (g *Guard) decide(ctx context.Context, key string, q client.Question) (decision, error) {
	arrived := time.Now()
	what := g.hash.of(key, q)
	for _, kept := range []*cache{&g.allowed, &g.refused} {
		if d, ok := kept.get(what); ok && d.fresh(arrived) {
			return d, nil
		}
	}
	ctx, cancel := context.WithTimeout(ctx, g.config.Timeout)
	defer cancel()
	for {
		d, err := g.flights.Do(ctx, what, g.config.Timeout, func(ctx context.Context) (decision, error) {
			return g.ask(ctx, what, key, q)
		})
		// A question that was sent before this request came may have been answered
		// long ago.
		if err != nil || !d.asked.Before(arrived) || d.fresh(time.Now()) {
			return d, err
		}
	}
}

// ask asks Keyward, and keeps the answer.
func (g *Guard) ask(ctx context.Context, what digest, key string, q client.Question) (decision, error) {
	who := g.hash.of(key, client.Question{})
	leave, err := g.queue.enter(ctx, who)
	if err != nil {
		return decision{}, err
	}
	defer leave()
	d := decision{asked: time.Now()}
	v, err := g.client.Verify(ctx, client.NewSecret(key), q)
	if unlisted(err) {
		// The key decides whether that is told.
		q = client.Question{Service: q.Service, Source: q.Source}
		if v, err = g.client.Verify(ctx, client.NewSecret(key), q); err == nil && v.Valid {
			v = &client.Verification{Code: routeNotRegistered}
		}
	}
	if err != nil {
		return decision{}, explained(err)
	}
	g.queue.learn(who, v.Valid || forbids[v.Code])
	if !v.Valid {
		d.refusal, d.ttl, d.size = http.StatusUnauthorized, min(refusalTTL, g.config.TTL), entrySize
		if forbids[v.Code] {
			d.refusal, d.code = http.StatusForbidden, v.Code
		}
		g.refused.put(what, d)
		return d, nil
	}
	permissions := string(identity.Append(nil, v.Permissions))
	members := map[string]any{"orgId": v.OrgID, "keyId": v.KeyID, "keyType": string(v.Type), "userId": v.UserID, "permissions": permissions}
	if v.UserByDefault {
		members["userByDefault"] = "true"
	}
	if d.caller, err = identity.From(members); err != nil {
		return decision{}, fmt.Errorf("the answer does not say who calls: %w", err)
	}
	d.ttl = min(g.config.TTL, v.TTL())
	d.size = entrySize + 2*len(permissions) + len(v.OrgID) + len(v.KeyID) + len(v.UserID)
	g.allowed.put(what, d)
	return d, nil
}

// unlisted reports whether an error says that the service has no such route.
func unlisted(err error) bool {
	e, ok := errors.AsType[*client.Error](err)
	return ok && e.Status == http.StatusBadRequest && len(e.Fields) > 0 && !slices.ContainsFunc(e.Fields, func(f client.FieldError) bool {
		return f.Field != "route" && f.Field != "path"
	})
}

// explained adds what to do to errors that are the operator's to mend.
func explained(err error) error {
	switch {
	case errors.Is(err, client.ErrUnauthenticated):
		return fmt.Errorf("the guard's own key is not valid: %w", err)
	case errors.Is(err, client.ErrForbidden), errors.Is(err, client.ErrPermissionMissing):
		return fmt.Errorf("the guard's own key needs the permission VerifyApiKeys: %w", err)
	case errors.Is(err, client.ErrInvalidRequest), errors.Is(err, client.ErrServiceNotFound):
		return fmt.Errorf("the guard's service or permission is not one of Keyward's: %w", err)
	}
	return err
}

const routeNotRegistered = "ROUTE_NOT_REGISTERED"

// forbids are the codes that refuse a valid key. With any other, the key is not
// valid.
var forbids = map[string]bool{
	"PERMISSION_MISSING": true, "SOURCE_NOT_ALLOWED": true, "SERVICE_NOT_ALLOWED": true, "SERVICE_NOT_REGISTERED": true,
	routeNotRegistered: true, "ORGANIZATION_NOT_SERVED": true, "GATEWAY_CACHE": true,
}
