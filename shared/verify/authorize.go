package verify

import (
	"cmp"
	"context"
	"slices"

	"github.com/keyward/keyward/shared/apikey"
)

// authorize decides what the holder of a valid credential may do.
func (v *Verifier) authorize(ctx context.Context, r Request, who holder) (Decision, error) {
	d := Decision{Outcome: Forbidden, Identity: who.identity()}
	if !hostServes(v.hostRoot, r.Host, who.org) {
		return Decision{Code: OrganizationHost, Identity: Identity{KeyID: d.Identity.KeyID}}, nil
	}
	if who.key != nil && !apikey.AllowsSource(who.key.allowIPs(), r.Source) {
		d.Code = SourceNotAllowed
		return d, nil
	}
	service, err := v.service(ctx, r.API)
	if err != nil {
		return Decision{Identity: Identity{KeyID: d.Identity.KeyID, UserID: d.Identity.UserID}}, err
	}
	if d.Code = who.mayUse(service, r.API); d.Code != "" {
		return d, nil
	}
	if service.cache.Keeps() && r.Keeping != NotKept {
		return v.keep(r, who, service, d), nil
	}
	held := service.heldBy(who.grant)
	if d.Template, d.Code = service.decide(r, held); d.Code != "" {
		return d, nil
	}
	if d.Template == "" {
		coverage := service.coverage(r, held)
		d.Coverage = &coverage
	}
	d.Outcome, d.Identity.Permissions = Allowed, service.known(held)
	return d, nil
}

// identity is who the holder is to a guarded API, permissions aside.
func (h holder) identity() Identity {
	i := Identity{Org: h.org, UserID: h.grant.Identity}
	if h.key != nil {
		i.KeyID, i.KeyType = h.id, cmp.Or(h.key.kind, apikey.TypeService)
	}
	return i
}

// mayUse is why the holder may not use a service, which may be nil, through that
// API; empty where it may.
func (h holder) mayUse(service *guarded, api apikey.API) Code {
	switch {
	case service == nil || !service.has(api):
		return ServiceNotRegistered
	case service.org != "" && service.org != h.org:
		return OrganizationNotServed
	case h.key != nil && len(h.key.services()) > 0 && !slices.Contains(h.key.services(), service.id):
		return ServiceNotAllowed
	}
	return ""
}
