package apikey

import (
	"context"
	"fmt"
	"slices"

	"github.com/keyward/keyward/shared/uuid"
)

// bootstrapper is the actor of what is created before any user exists.
var bootstrapper = Actor{Username: "bootstrap"}

// Bootstrap creates whatever is missing of a setup: the first pepper, the
// organization, its owner, services and an admin key. It never changes or
// removes what exists, except that it adds accounts to the organization. Run it
// again to continue after a failure; if the only admin key is lost, run it with
// another key name. That works even if the organization has all the keys it can
// have. Errors: [Invalid], also if a user who is not OWNER has the owner's
// address; [NameTaken] if the admin key's name belongs to a key that is not the
// owner's, or an API to another service; [Unavailable].
func (r *Rules) Bootstrap(ctx context.Context, setup Setup) (SetupResult, error) {
	if err := setup.validate(); err != nil {
		return SetupResult{}, err
	}
	var result SetupResult
	steps := []func(principal) error{
		func(who principal) error { return requirePrefix(ctx, who, setup) },
		func(who principal) (err error) { result.Pepper, err = r.ensurePepper(ctx, who); return },
		func(who principal) (err error) { _, err = r.ensureOrganization(ctx, who, setup); return },
		func(who principal) error { return r.ensureStatus(ctx, who) },
		func(who principal) error { return r.ensureEntered(ctx, who) },
		func(who principal) (err error) { result.Owner, err = r.ensureOwner(ctx, who, setup); return },
		func(who principal) error { return r.ensureServices(ctx, who, setup) },
		func(who principal) (err error) {
			result.Admin, err = r.ensureAdmin(ctx, who, setup.AdminKey, result.Owner)
			return
		},
		func(who principal) (err error) { result.Organization, err = who.view.Organization(ctx); return },
	}
	for _, step := range steps {
		err := retryStale(ctx, func() error {
			return step(principal{Caller: Caller{Org: setup.Organization}, actor: bootstrapper, view: r.view(setup.Organization)})
		})
		if err != nil {
			return SetupResult{}, err
		}
	}
	return result, nil
}

// requirePrefix refuses a setup that would create an organization without a
// prefix of its own.
func requirePrefix(ctx context.Context, who principal, setup Setup) error {
	if setup.KeyPrefix != "" {
		return nil
	}
	if err := who.view.read(ctx, OrganizationRef(setup.Organization)); err != nil {
		return err
	}
	if _, err := who.view.found.Organization(setup.Organization); err == nil || KindOf(err) != NotFound {
		return err
	}
	return InvalidError(FieldError{prefixField, FieldRequired, "A new organization needs a keyPrefix. Choose one of your own, such as your product's name: " +
		"secret scanners find your keys by it. 2 to 16 characters of a-z and 0-9, starting with a letter, with at most one underscore, inside."})
}

func (r *Rules) ensurePepper(ctx context.Context, who principal) (int, error) {
	peppers, err := r.Store.Peppers(ctx)
	if err != nil {
		return 0, err
	}
	next := 1
	for _, p := range peppers {
		if p.State == PepperActive {
			return p.Version, nil
		}
		next = max(next, p.Version+1)
	}
	pepper, err := r.PepperMaker.NewPepper(ctx, next)
	if err != nil {
		return 0, err
	}
	pepper.CreatedOn = r.now()
	return next, r.commitAction(ctx, who, ActionCreatePepper, fmt.Sprint(next), nil, nil, CreatePepper{pepper})
}

func (r *Rules) ensureOrganization(ctx context.Context, who principal, setup Setup) (Organization, error) {
	if err := who.view.read(ctx, OrganizationRef(setup.Organization)); err != nil {
		return Organization{}, err
	}
	org, err := who.view.found.Organization(setup.Organization)
	if err == nil {
		return r.ensureAccounts(ctx, who, org, setup.accounts())
	}
	if KindOf(err) != NotFound {
		return org, err
	}
	s := setup.settings()
	org = Organization{
		ID: setup.Organization, Name: s.Name, KeyPrefix: s.KeyPrefix, MaxKeys: s.MaxKeys, Recoverable: s.Recoverable,
		Retention: s.Retention, OnExposure: s.OnExposure, StaleAfterDays: s.StaleAfterDays,
		Accounts: setup.accounts(), CreatedOn: r.now(), Version: 1,
	}
	return org, r.commitAction(ctx, who, ActionCreateOrganization, string(org.ID), nil, org.auditFields(), CreateOrganization{org})
}

// ensureStatus writes the status of an organization that was stored by an
// earlier version, so that later reads find it.
func (r *Rules) ensureStatus(ctx context.Context, who principal) error {
	status, err := who.view.Status(ctx, who.Org)
	if err != nil || status.Version > 0 {
		return err
	}
	written := status
	written.Version = 1
	return r.commitAction(ctx, who, ActionUpdateOrganization, string(who.Org), nil, nil, ReplaceStatus{status, written})
}

// ensureEntered enters an organization that was stored by an earlier version into
// the directory.
func (r *Rules) ensureEntered(ctx context.Context, who principal) error {
	// The directory is read from just before the id: no character of an id sorts
	// after z.
	last := len(who.Org) - 1
	before := who.Org[:last] + OrgID([]byte{who.Org[last] - 1, '~'})
	next, err := r.Store.Organizations(ctx, before, 1)
	if err != nil || slices.Contains(next.Records, who.Org) {
		return err
	}
	return r.commitAction(ctx, who, ActionUpdateOrganization, string(who.Org), nil, nil, EnterOrganization{who.Org})
}

// ensureAccounts adds accounts to those that the organization may register.
func (r *Rules) ensureAccounts(ctx context.Context, who principal, org Organization, accounts []string) (Organization, error) {
	after := org
	after.Accounts = slices.Concat(org.Accounts, accounts)
	slices.Sort(after.Accounts)
	after.Accounts = slices.Compact(after.Accounts)
	if same(org, after) {
		return org, nil
	}
	after.Version++
	return after, r.commitAction(ctx, who, ActionUpdateOrganization, string(org.ID), org.auditFields(), after.auditFields(), ReplaceOrganization{org, after})
}

// ensureOwner returns the OWNER with the setup's e-mail address. If nobody has the
// address, it creates one.
func (r *Rules) ensureOwner(ctx context.Context, who principal, setup Setup) (User, error) {
	user, err := r.Store.UserByClaim(ctx, setup.Organization, EmailClaim(setup.OwnerEmail))
	switch {
	case err == nil && user.Role != RoleOwner:
		return User{}, InvalidError(FieldError{"owner.email", FieldConflict,
			"This address belongs to a user who is not an OWNER. Send the address of an OWNER. For a new OWNER, send an address that no user has."})
	case err == nil || KindOf(err) != NotFound:
		return user, err
	}
	org, err := who.view.Organization(ctx)
	if err != nil {
		return User{}, err
	}
	id, err := uuid.New(r.Entropy)
	if err != nil {
		return User{}, UnavailableError("read entropy", err)
	}
	user = User{
		ID: id, Org: org.ID, Email: setup.OwnerEmail, Claim: EmailClaim(setup.OwnerEmail), Name: setup.OwnerName,
		Role: RoleOwner, CreatedBy: bootstrapper, CreatedOn: r.now(), Version: 1,
	}
	writes, err := r.ownerWrites(ctx, who, org, User{}, user, userImpact{})
	if err != nil {
		return User{}, err
	}
	return user, r.commitAction(ctx, who, ActionCreateUser, id.String(), nil, user.auditFields(), append(writes, CreateUser{user})...)
}

func (r *Rules) ensureServices(ctx context.Context, who principal, setup Setup) error {
	for _, service := range setup.Services {
		// Each service is a change of its own and needs fresh reads.
		who.view = r.view(who.Org)
		_, err := who.view.Service(ctx, service.ID)
		if err == nil {
			continue
		}
		if KindOf(err) != NotFound {
			return err
		}
		if _, _, _, err := r.putService(ctx, who, service.ID, 0, service.ServiceDraft, ServiceDraft.warnings, false, withdrawalImpact{}); err != nil {
			return err
		}
	}
	return nil
}

// ensureAdmin creates the owner's personal key, unless a key of that name
// exists. The organization's quota does not apply: somebody who used it up must
// not be able to prevent a recovery. The audit record of a key beyond the quota
// says so.
func (r *Rules) ensureAdmin(ctx context.Context, who principal, name string, owner User) (*Minted, error) {
	existing, damaged, err := firstRecords(r.keyLister(ctx, who.Org, KeyFilter{Name: r.NFC(name)}, 1), 1)
	switch {
	case err != nil:
		return nil, err
	case len(existing) > 0 && !isAdmin(existing[0], owner):
		return nil, adminNameError()
	case len(existing) > 0:
		return nil, nil
	}
	org, err := who.view.Organization(ctx)
	if err != nil {
		return nil, err
	}
	minted := &Minted{}
	key := Key{Name: name, Claim: r.NFC(name), Type: TypePersonal, OnBehalfOf: owner.ID}
	if _, err := r.mint(ctx, org, key, bootstrapper, minted); err != nil {
		return nil, err
	}
	made := minted.Key.auditFields()
	made.flag("beyondQuota", org.KeyCount >= org.MaxKeys)
	err = r.commitAction(ctx, who, ActionCreateKey, minted.Key.ID.String(), nil, made, CreateKey{Key: minted.Key, Limit: NoLimit})
	if err != nil && KindOf(err) == NameTaken {
		if len(damaged) > 0 {
			return nil, adminNameError()
		}
		return nil, StaleError() // another run was first, and its key is not listed yet
	}
	return minted, err
}

// isAdmin reports whether bootstrap created a key: a personal key of the owner
// or, in the first version, a service key.
func isAdmin(key Key, owner User) bool {
	return key.CreatedBy == bootstrapper || key.Type == TypePersonal && key.OnBehalfOf == owner.ID
}

// adminNameError returns the error for an admin key whose name belongs to a key
// that is not the owner's.
func adminNameError() *Error {
	const detail = "Another API key of the organization has this name, and is not a personal key of the owner. Send another name."
	return &Error{Kind: NameTaken, Detail: detail, Fields: []FieldError{{"adminKey", FieldConflict, detail}}}
}
