package apikey

import (
	"context"
	"fmt"
	"reflect"
	"strings"

	"github.com/keyward/keyward/shared/keytext"
)

// Setup is what an operator wants to exist.
type Setup struct {
	Organization OrgID
	Name         string
	// KeyPrefix and MaxKeys are used for a new organization only; empty and 0
	// mean [DefaultPrefix] and [DefaultMaxKeys].
	KeyPrefix string
	MaxKeys   int
	// Permissions are added to those that the organization has.
	Permissions []Permission
	// Services are registered, in the place of those with the same APIs.
	Services []Service
	// AdminKey is the name of a key that holds every permission.
	AdminKey string
}

// SetupResult says what exists now.
type SetupResult struct {
	Organization Organization
	// Pepper is the active pepper's version.
	Pepper int
	// Admin is the admin key, where this call made it: nil where a key of that
	// name existed.
	Admin *Minted
}

// bootstrapper is the actor of what is made before any key exists.
var bootstrapper = Actor{Username: "bootstrap"}

// Bootstrap makes what is missing of a setup: the first pepper, the
// organization, permissions, services and an admin key. It removes nothing, and
// can be run again: after a failure it goes on, and after the only admin key
// was lost another name for it makes another. Errors: [Invalid],
// [QuotaReached], [Unavailable].
func (k *Keys) Bootstrap(ctx context.Context, setup Setup) (SetupResult, error) {
	if err := setup.validate(); err != nil {
		return SetupResult{}, err
	}
	var result SetupResult
	steps := []func() error{
		func() (err error) { result.Pepper, err = k.ensurePepper(ctx, setup.Organization); return },
		func() (err error) { result.Organization, err = k.ensureOrganization(ctx, setup); return },
		func() error { return k.ensureServices(ctx, setup) },
		func() (err error) {
			result.Admin, err = k.ensureAdmin(ctx, setup.AdminKey, result.Organization)
			return
		},
	}
	for _, step := range steps {
		if err := retryStale(ctx, step); err != nil {
			return SetupResult{}, err
		}
	}
	return result, nil
}

func (s Setup) validate() error {
	var faults []FieldError
	if !s.Organization.Valid() {
		faults = append(faults, FieldError{"organization.id", FieldValue, "The organization's id is 2 to 40 characters of a-z, 0-9 and inner hyphens, and starts with a letter."})
	}
	if s.KeyPrefix != "" && !keytext.ValidPrefix(s.KeyPrefix) {
		faults = append(faults, FieldError{"organization.keyPrefix", FieldValue, "The key prefix is 2 to 8 characters of a-z and 0-9, and starts with a letter."})
	}
	if s.MaxKeys < 0 {
		faults = append(faults, FieldError{"organization.maxKeys", FieldValue, "The largest number of keys is not negative."})
	}
	for i, p := range s.Permissions {
		if !validName(p.Name) {
			faults = append(faults, FieldError{fmt.Sprintf("permissions[%d].name", i), FieldValue, "A permission's name is 1 to 64 characters of A-Z, a-z, 0-9, '_', '.', ':' and '-'."})
		}
	}
	for i, service := range s.Services {
		if !OrgID(service.ID).Valid() || len(service.APIs) == 0 || len(service.APIs) > MaxServiceAPIs {
			faults = append(faults, FieldError{fmt.Sprintf("services[%d]", i), FieldValue, fmt.Sprintf("A service has an id and 1 to %d APIs.", MaxServiceAPIs)})
		}
	}
	if s.AdminKey == "" {
		faults = append(faults, FieldError{"adminKey", FieldRequired, "The admin key needs a name."})
	}
	faults = append(faults, checkText("adminKey", s.AdminKey)...)
	if len(faults) > 0 {
		return invalid(faults...)
	}
	return nil
}

// validName reports whether name can be a permission's.
func validName(name string) bool {
	const extra = "_.:-"
	for _, c := range name {
		letter := 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
		if !letter && !strings.ContainsRune(extra, c) {
			return false
		}
	}
	return name != "" && len(name) <= 64
}

func (k *Keys) ensurePepper(ctx context.Context, org OrgID) (int, error) {
	peppers, err := k.Store.Peppers(ctx)
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
	pepper, err := k.PepperMaker.NewPepper(ctx, next)
	if err != nil {
		return 0, err
	}
	return next, k.commitSetup(ctx, org, ActionCreatePepper, fmt.Sprint(next), CreatePepper{pepper})
}

func (k *Keys) ensureOrganization(ctx context.Context, setup Setup) (Organization, error) {
	before, err := k.Store.Organization(ctx, setup.Organization)
	if err != nil && KindOf(err) == NotFound {
		org := Organization{
			ID: setup.Organization, Name: setup.Name, KeyPrefix: setup.KeyPrefix, MaxKeys: setup.MaxKeys,
			Declared: setup.Permissions, CreatedOn: k.now(), Version: 1,
		}
		if org.KeyPrefix == "" {
			org.KeyPrefix = DefaultPrefix
		}
		if org.MaxKeys == 0 {
			org.MaxKeys = DefaultMaxKeys
		}
		return org, k.commitSetup(ctx, org.ID, ActionCreateOrganization, string(org.ID), CreateOrganization{org})
	}
	if err != nil {
		return Organization{}, err
	}
	after, known := before, before.declares()
	after.Declared = nil
	for _, p := range setup.Permissions {
		if !known.Has(p.Name) {
			after.Declared = append(after.Declared, p)
		}
	}
	if len(after.Declared) == 0 {
		return before, nil
	}
	after.Declared = append(before.Declared[:len(before.Declared):len(before.Declared)], after.Declared...)
	after.Version++
	return after, k.commitSetup(ctx, after.ID, ActionUpdateOrganization, string(after.ID), ReplaceOrganization{before, after})
}

func (k *Keys) ensureServices(ctx context.Context, setup Setup) error {
	for _, service := range setup.Services {
		service.Org = setup.Organization
		same := true
		for _, api := range service.APIs {
			registered, err := k.Store.Service(ctx, api)
			if err != nil && KindOf(err) != NotFound {
				return err
			}
			same = same && err == nil && reflect.DeepEqual(registered, service)
		}
		if same {
			continue
		}
		if err := k.commitSetup(ctx, service.Org, ActionRegisterService, service.ID, PutService{service}); err != nil {
			return err
		}
	}
	return nil
}

func (k *Keys) ensureAdmin(ctx context.Context, name string, org Organization) (*Minted, error) {
	minted, err := k.mint(ctx, org, Draft{Name: name, Permissions: org.declares()}, bootstrapper)
	if err != nil {
		return nil, err
	}
	err = k.commitSetup(ctx, org.ID, ActionCreateKey, minted.Key.ID.String(), CreateKey{minted.Key})
	if err != nil && KindOf(err) == NameTaken {
		return nil, nil
	}
	return &minted, err
}

func (k *Keys) commitSetup(ctx context.Context, org OrgID, action Action, target string, write Write) error {
	audit, err := k.audit(org, action, bootstrapper)
	if err != nil {
		return err
	}
	audit.Target = target
	if create, ok := write.(CreateKey); ok {
		audit.After = create.Key.facts()
	}
	return k.Store.Commit(ctx, Change{Writes: []Write{write}, Audit: audit})
}
