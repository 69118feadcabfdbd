package verify

import (
	"cmp"
	"net/netip"
	"slices"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/routing"
)

// checkHostAndSource returns why a request may not use an organization's
// credential at any service: its host name or its source address; empty if it
// may.
func (v *Verifier) checkHostAndSource(r *Request, org apikey.OrgID, allowIPs []netip.Prefix) Code {
	switch {
	case !hostServes(v.hostRoot, r.Host, org):
		return OrganizationHost
	case !apikey.AllowsSource(allowIPs, r.Source):
		return SourceNotAllowed
	}
	return ""
}

// authorize decides what the holder of a valid credential may do.
func (v *Verifier) authorize(l *lookup, r *Request, who holder) (Decision, error) {
	d := Decision{Outcome: Forbidden, Code: who.refusal, Identity: who.identity()}
	switch who.refusal {
	case OrganizationHost:
		return Decision{Code: OrganizationHost, Identity: Identity{KeyID: d.Identity.KeyID}}, nil
	case SourceNotAllowed:
		return d, nil
	}
	service, err := l.service()
	if err != nil {
		return Decision{Identity: Identity{KeyID: d.Identity.KeyID, UserID: d.Identity.UserID}}, err
	}
	if d.Code = who.checkService(service, r.API); d.Code != "" {
		return d, nil
	}
	if service.record.Cache.Enabled() && r.Caching != NotCached {
		return v.decideCached(r, who, service, d), nil
	}
	held := service.held(who.grant)
	if d.Template, d.Use.Permission, d.Code = service.decide(r, held); d.Code != "" {
		return d, nil
	}
	if d.Template == "" {
		resources := service.resources(r, held)
		d.Resources = &resources
	}
	d.Outcome, d.Identity.Permissions = Allowed, service.declaredHeld(who.grant)
	return d, nil
}

// identity returns the holder as a guarded API sees it, without permissions.
func (h holder) identity() Identity {
	i := Identity{Org: h.org, UserID: h.grant.Identity, ByDefault: h.grant.ByDefault}
	if h.key != nil {
		i.KeyID, i.KeyType = h.id, cmp.Or(h.key.kind, apikey.TypeService)
	}
	return i
}

// checkService returns why the holder may not use a service through that API;
// empty if it may. A nil service is not registered.
func (h holder) checkService(service *guardedService, api routing.API) Code {
	switch {
	case service == nil || !service.has(api):
		return ServiceNotRegistered
	case service.record.Org != "" && service.record.Org != h.org:
		return OrganizationNotServed
	case h.key != nil && len(h.key.services()) > 0 && !slices.Contains(h.key.services(), service.record.ID):
		return ServiceNotAllowed
	}
	return ""
}
