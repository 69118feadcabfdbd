package apikey

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/keyward/keyward/shared/permission"
	"github.com/keyward/keyward/shared/routing"
)

// servicesVisible lists the permissions that let a caller see services.
var servicesVisible = []string{permission.AdministerServices, permission.AdministerAPIKeys}

// Registered is the result of registering a service.
type Registered struct {
	Service
	// Warnings are those of [Service.Warnings].
	Warnings []routing.Warning
	// Left counts the keys, policies and users that may still hold a withdrawn
	// permission: see [Rules.PutService].
	Left int
}

// PutService registers a service or replaces what a caller can write of it. A
// version other than 0 must be the current one. A draft that changes nothing
// leaves the version as it is.
//
// A permission that no service declares after this is withdrawn. If keys,
// policies or users still hold it, the error is [InUse]. With force, it is
// taken from all of them: the service's APIs refuse it within the revocation
// bound, and the records change before the answer. If Left is not 0, a sweep
// soon changes the rest. Until then, services can declare the permission again
// only if it is certain that nothing holds it; otherwise the error is
// [Withdrawing].
//
// Errors: [Unauthenticated], [Forbidden], [Invalid], [NameTaken],
// [PreconditionFailed], [InUse], [Withdrawing], [Unavailable].
func (r *Rules) PutService(ctx context.Context, by Caller, id string, version int64, draft ServiceDraft, force bool) (after Registered, created bool, err error) {
	warn := warnOnce()
	var withdrawn withdrawal
	var changer principal
	err = retryStale(ctx, func() error {
		var impact withdrawalImpact
		who, err := r.authorizePrefetching(ctx, by, []string{permission.AdministerServices}, r.prefetchWithdrawalImpact(ctx, id, draft.declares(id), &impact), ServiceRef(by.Org, id))
		if err != nil {
			return err
		}
		changer = principal{Caller: who.Caller, actor: who.actor}
		after, created, withdrawn, err = r.putService(ctx, who, id, version, draft, warn, force, impact)
		return err
	})
	if err != nil {
		return after, created, err
	}
	after.Left = r.withdrawInTime(ctx, changer, withdrawn)
	return after, created, err
}

// warnOnce returns a function that computes [ServiceDraft.warnings] once for
// all attempts to put a draft, unless an attempt finds a different gateway
// cache.
func warnOnce() func(ServiceDraft) ([]routing.Warning, error) {
	var done bool
	var of routing.GatewayCache
	var warnings []routing.Warning
	var err error
	return func(draft ServiceDraft) ([]routing.Warning, error) {
		if !done || !same(of, draft.Cache) {
			warnings, err = draft.warnings()
			done, of = true, draft.Cache
		}
		return warnings, err
	}
}

// putService is one attempt of [Rules.PutService], without authorization. It
// calls warn only if the draft has no other faults.
func (r *Rules) putService(ctx context.Context, who principal, id string, version int64, draft ServiceDraft, warn func(ServiceDraft) ([]routing.Warning, error), force bool, impact withdrawalImpact) (put Registered, created bool, withdrawn withdrawal, err error) {
	org, err := who.view.Organization(ctx)
	if err != nil {
		return Registered{}, false, withdrawn, err
	}
	before, err := who.view.Service(ctx, id)
	if err != nil && KindOf(err) != NotFound {
		return Registered{}, false, withdrawn, err
	}
	created = err != nil
	if err := checkVersion(version, before.Version, SubjectService); err != nil {
		return Registered{}, false, withdrawn, err
	}
	after, warnings, err := draft.applyTo(before, id, org, warn)
	if err != nil || same(before, after) {
		return Registered{Service: after, Warnings: warnings}, false, withdrawn, err
	}
	if created {
		after.ID, after.Org, after.CreatedBy, after.CreatedOn = id, org.ID, who.actor, r.now()
	} else {
		after.LastModifiedBy, after.LastModifiedOn = who.actor, r.now()
	}
	after.Version++
	if err := InvalidError(append(r.checkSize("routes", "A service", MaxServiceRecord, before, after), r.checkCopiesSize(before, after)...)...); err != nil {
		return Registered{}, false, withdrawn, err
	}
	impact.use.Examples = who.visible(impact.use.Examples)
	writes, withdrawn, err := r.redeclare(org, id, after.Permissions, force, impact)
	if err != nil {
		return Registered{}, false, withdrawn, err
	}
	var was *auditFields
	if !created {
		was = before.auditFields()
	}
	writes = append(writes, PutService{before, after})
	return Registered{Service: after, Warnings: warnings}, created, withdrawn, r.commitAction(ctx, who, ActionPutService, id, was, after.auditFields(), writes...)
}

// applyTo returns the service before with the draft applied, and its warnings.
// A draft that changes nothing is not checked.
func (d ServiceDraft) applyTo(before Service, id string, org Organization, warn func(ServiceDraft) ([]routing.Warning, error)) (after Service, warnings []routing.Warning, err error) {
	if d.KeepCache {
		d.Cache = before.Cache
	}
	after = before
	after.Name, after.APIs, after.Routes, after.Permissions = d.Name, d.APIs, d.Routes, d.declares(id)
	after.Unlisted, after.Cache = cmp.Or(d.Unlisted, routing.RefuseUnlisted), d.Cache
	if same(before, after) {
		return before, before.Warnings(), nil
	}
	if err := d.validate(id, org); err != nil {
		return Service{}, nil, err
	}
	warnings, err = warn(d)
	return after, warnings, err
}

// redeclare returns the writes that replace the permissions that a service
// declares in the organization's catalogue. Permissions that vanish from it are
// withdrawn, if nothing holds them or force is set. It returns the withdrawn
// ones that something holds.
func (r *Rules) redeclare(org Organization, id string, permissions []Permission, force bool, impact withdrawalImpact) (writes []Write, withdrawn withdrawal, err error) {
	next := org.redeclared(id, permissions)
	if slices.Equal(next.Declared, org.Declared) {
		return nil, withdrawn, nil
	}
	next.Version++
	// A permission without listed holders is withdrawn by a sweep too: a recent
	// grant may not be listed yet.
	gone := org.declares().Without(next.declares())
	again := org.Withdrawn.And(next.declares())
	next.Withdrawn = org.Withdrawn.Without(again).Or(gone)
	if err := r.checkCatalogue(org, next); err != nil {
		return nil, withdrawn, err
	}
	if impact.err != nil {
		return nil, withdrawn, impact.err
	}
	if pending := again.Without(impact.redeclarable); len(pending) > 0 {
		return nil, withdrawn, stillWithdrawing(pending, impact.left)
	}
	if len(gone) == 0 {
		return []Write{ReplaceOrganization{org, next}}, withdrawn, nil
	}
	held := impact.use.Keys+impact.use.Policies+impact.use.Users > 0
	if held && !force {
		return nil, withdrawn, &Error{Kind: InUse, Subject: SubjectPermission, Use: &impact.use,
			Detail: "This would remove permissions that are still granted: " + strings.Join(gone, ", ") + ". To remove them from every key, policy and user as well, repeat the request with ?force=true."}
	}
	writes = []Write{ReplaceOrganization{org, next}, BeginTask{Task{Org: org.ID, Kind: TaskWithdraw}}}
	if !held {
		return writes, withdrawn, nil
	}
	return writes, withdrawal{next, gone}, nil
}

// ListServices returns up to limit services by id. Errors: [Unauthenticated],
// [Forbidden], [Invalid], [Unavailable].
func (r *Rules) ListServices(ctx context.Context, by Caller, after string, limit int) (part Listed[Service, string], err error) {
	if err := checkLimit(limit); err != nil {
		return part, err
	}
	return listAuthorized(ctx, r, by, servicesVisible, func() (Listed[Service, string], error) {
		return r.Store.Services(ctx, by.Org, after, limit)
	})
}

// GetService returns a service. Errors: [Unauthenticated], [Forbidden],
// [NotFound], [Unavailable].
func (r *Rules) GetService(ctx context.Context, by Caller, id string) (Service, error) {
	who, err := r.authorize(ctx, by, servicesVisible, ServiceRef(by.Org, id))
	if err != nil {
		return Service{}, err
	}
	return who.view.Service(ctx, id)
}

// DeleteService removes a service, even a damaged one. Its APIs are refused
// within the revocation bound. Permissions are withdrawn as by
// [Rules.PutService]; left counts the keys, policies and users that may still
// hold one. Errors: [Unauthenticated], [Forbidden], [NotFound],
// [PreconditionFailed], [InUse], [Unavailable].
func (r *Rules) DeleteService(ctx context.Context, by Caller, id string, version int64, force bool) (left int, err error) {
	var service Service
	var withdrawn withdrawal
	var changer principal
	err = retryStale(ctx, func() error {
		var impact withdrawalImpact
		who, err := r.authorizePrefetching(ctx, by, []string{permission.AdministerServices}, r.prefetchWithdrawalImpact(ctx, id, nil, &impact), ServiceRef(by.Org, id))
		if err != nil {
			return err
		}
		changer = principal{Caller: who.Caller, actor: who.actor}
		service, err = who.view.Service(ctx, id)
		damaged := salvage(who.view, ServiceRef(who.Org, id), &service, &err)
		if err != nil {
			return err
		}
		if damaged {
			service.ID, service.Org = id, who.Org
		}
		if err := checkVersion(version, service.Version, SubjectService); err != nil {
			return err
		}
		org, err := who.view.Organization(ctx)
		if err != nil {
			return err
		}
		var writes []Write
		impact.use.Examples = who.visible(impact.use.Examples)
		if writes, withdrawn, err = r.redeclare(org, id, nil, force, impact); err != nil {
			return err
		}
		was := service.auditFields()
		was.flag("damaged", damaged)
		return r.commitAction(ctx, who, ActionDeleteService, id, was, nil, append(writes, DeleteService{service, damaged})...)
	})
	if err != nil {
		return 0, err
	}
	return r.withdrawInTime(ctx, changer, withdrawn), nil
}
