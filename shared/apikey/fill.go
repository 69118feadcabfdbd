package apikey

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/keyward/keyward/shared/keytext"
)

// filling is a draft on its way into a key's record.
type filling struct {
	draft  Draft
	org    Organization
	before Key
	// next is before, or a new key, with the draft's values.
	next   Key
	faults []FieldError
}

func (f *filling) fault(field string, code FieldCode, format string, args ...any) {
	f.faults = append(f.faults, FieldError{field, code, fmt.Sprintf(format, args...)})
}

// refs are the records that the draft names.
func (d Draft) refs(org OrgID) []Ref {
	refs := []Ref{PolicyRef(org, d.Policy), UserRef(org, d.OnBehalfOf)}
	for _, id := range d.Services[:min(len(d.Services), MaxPage)] {
		refs = append(refs, ServiceRef(org, id))
	}
	return refs
}

// fill puts a draft's values into a key: a new one, where before is the zero
// Key. It finds every fault at once.
func (k *Keys) fill(ctx context.Context, who acting, org Organization, before Key, d Draft) (Key, error) {
	if latest := org.MaxKeyLifetime; before.ID.IsZero() && d.LongestLife && d.ExpiresOn.IsZero() && latest > 0 {
		d.ExpiresOn = k.now().Add(latest)
	}
	f := &filling{draft: d, org: org, before: before, next: before}
	if f.next.Type == "" {
		f.next.Type, f.next.Recoverable, f.next.Listed = TypeService, d.Recoverable, d.Listed
		if d.Type != "" {
			f.next.Type = d.Type
		}
	} else if d.Type != "" && d.Type != f.next.Type {
		f.fault("type", FieldConflict, "A key's type cannot be changed.")
	}
	f.next.Disabled = d.Disabled
	f.naming(k.NFC)
	f.grant()
	f.times(k.now())
	f.addresses()
	if before.ID.IsZero() && d.Recoverable && !org.Recoverable {
		f.fault("recoverable", FieldConflict, "The organization does not allow recoverable keys.")
	}
	for _, look := range []func(context.Context, *view) error{f.readPolicy, f.readUser, f.readServices} {
		if err := look(ctx, who.view); err != nil {
			return Key{}, err
		}
	}
	if f.next.Type == TypeShared && (before.ID.IsZero() || before.OnBehalfOf != f.next.OnBehalfOf) {
		f.next.Representable = who.grant.Permissions.HasAny(who.manageable()...)
	}
	const what = "A key, whose permissions a policy could name in its place,"
	return f.next, refuse(append(f.faults, k.fit("permissions", what, MaxKeyRecord, before, f.next)...))
}

func (f *filling) naming(nfc func(string) string) {
	d := f.draft
	nameless := d.Nameless || !f.before.ID.IsZero() && f.before.Name == ""
	if d.Name == "" && !nameless {
		f.fault("name", FieldRequired, "A key needs a name.")
	}
	if d.Name != f.before.Name || d.Description != f.before.Description {
		f.faults = append(f.faults, checkNaming(d.Name, d.Description)...)
	}
	f.next.Name, f.next.Description, f.next.Claim = d.Name, d.Description, nfc(d.Name)
}

// grant checks what the draft grants, by its form alone.
func (f *filling) grant() {
	d, next := f.draft, &f.next
	next.Permissions, next.Narrowed, next.Policy, next.OnBehalfOf = d.Permissions, false, d.Policy, d.OnBehalfOf
	switch next.Type {
	case TypePersonal:
		next.Narrowed = d.Narrowed
		if !d.Policy.IsZero() {
			f.fault("policyId", FieldConflict, "A personal key has what its user has, not a policy.")
		}
		if d.OnBehalfOf.IsZero() && (f.before.ID.IsZero() || f.enabled()) {
			f.fault("onBehalfOf", FieldUser, "A personal key needs a user before it can be enabled.")
		}
	case TypeService:
		if !d.OnBehalfOf.IsZero() {
			f.fault("onBehalfOf", FieldConflict, "A service key stands for no user.")
		}
	case TypeShared:
	default:
		f.fault("type", FieldValue, "type is service, personal or shared.")
	}
	if !d.Policy.IsZero() && len(d.Permissions) > 0 {
		f.fault("policyId", FieldConflict, "A key has a policy or permissions, not both.")
		f.fault("permissions", FieldConflict, "A key has a policy or permissions, not both.")
	}
	catalogue := f.org.declares()
	if d.DeclaredOnly {
		catalogue = catalogue.Without(OwnPermissions())
	}
	f.faults = append(f.faults, unknownPermissions(d.Permissions.Without(f.before.Permissions), catalogue)...)
}

// enabled reports whether the draft enables a key, or leaves one enabled whose
// user it takes.
func (f *filling) enabled() bool {
	return !f.draft.Disabled && (f.before.Disabled || f.draft.OnBehalfOf != f.before.OnBehalfOf)
}

func (f *filling) times(now time.Time) {
	d, next := f.draft, &f.next
	next.NotBefore, next.ExpiresOn = wholeSeconds(d.NotBefore), wholeSeconds(d.ExpiresOn)
	if !f.writable("notBefore", next.NotBefore) || !f.writable("expiresOn", next.ExpiresOn) {
		return
	}
	changed := !next.ExpiresOn.Equal(f.before.ExpiresOn) || f.before.ID.IsZero()
	created := f.before.CreatedOn
	if f.before.ID.IsZero() {
		created = now
	}
	switch {
	case next.ExpiresOn.IsZero():
		if f.org.MaxKeyLifetime > 0 && changed {
			f.fault("expiresOn", FieldRequired, "Keys of this organization expire, at most %s after their creation.", span(f.org.MaxKeyLifetime))
		}
	case changed && !next.ExpiresOn.After(now):
		f.fault("expiresOn", FieldValue, "expiresOn is in the past.")
	case changed && f.org.MaxKeyLifetime > 0 && next.ExpiresOn.Sub(created) > f.org.MaxKeyLifetime:
		f.fault("expiresOn", FieldValue, "Keys of this organization expire at most %s after their creation.", span(f.org.MaxKeyLifetime))
	case !next.NotBefore.Before(next.ExpiresOn):
		f.fault("notBefore", FieldValue, "notBefore is not before expiresOn.")
	}
}

// writable finds a time that has no form in UTC: RFC 3339 has four digits for the
// year, and an offset can move a time beyond them.
func (f *filling) writable(field string, at time.Time) bool {
	if year := at.Year(); year < 1 || year > 9999 {
		f.fault(field, FieldValue, "%s is from 0001-01-01T00:00:00Z to 9999-12-31T23:59:59Z, counted in UTC. Send a time between these.", field)
		return false
	}
	return true
}

func wholeSeconds(t time.Time) time.Time {
	if t.IsZero() {
		return time.Time{}
	}
	return t.UTC().Truncate(time.Second)
}

func (f *filling) addresses() {
	var faults []FieldError
	if f.next.AllowIPs, faults = parseAddresses(f.draft.AllowIPs); len(faults) == 0 && f.draft.IPv4Only {
		faults = onlyIPv4(f.draft.AllowIPs, f.before.AllowIPs)
	}
	f.faults = append(f.faults, faults...)
	if f.draft.AnyAddress && len(f.before.AllowIPs) > 0 {
		f.fault("allowIps", FieldAddress, "An empty list removes no limit. Send null to allow every address.")
	}
}

// readPolicy finds the draft's policy. Another organization's is no policy.
func (f *filling) readPolicy(ctx context.Context, v *view) error {
	if f.draft.Policy.IsZero() {
		return nil
	}
	policy, err := v.Policy(ctx, f.org.ID, f.draft.Policy)
	if gone := err != nil && KindOf(err) == NotFound; f.draft.Policy == f.before.Policy && (gone || err == nil) {
		return nil
	} else if gone || err == nil && policy.Deleted {
		f.fault("policyId", FieldPolicy, "There is no such policy.")
		return nil
	}
	return err
}

// readUser finds the draft's user. Another organization's is no user.
func (f *filling) readUser(ctx context.Context, v *view) error {
	f.next.UserPolicy = keytext.ID{}
	if f.draft.OnBehalfOf.IsZero() {
		return nil
	}
	user, err := v.User(ctx, f.org.ID, f.draft.OnBehalfOf)
	switch {
	case err == nil && f.next.Type == TypePersonal:
		f.next.UserPolicy = user.Policy
	case err != nil && KindOf(err) != NotFound:
		return err
	case err != nil && (f.draft.OnBehalfOf != f.before.OnBehalfOf || f.next.Type == TypePersonal && f.enabled()):
		f.fault("onBehalfOf", FieldUser, "There is no such user.")
	}
	return nil
}

func (f *filling) readServices(ctx context.Context, v *view) error {
	f.next.Services = slices.Compact(slices.Sorted(slices.Values(f.draft.Services)))
	if len(f.next.Services) > MaxPage {
		f.fault("services", FieldTooLong, "A key names at most %d services.", MaxPage)
		return nil
	}
	for _, id := range f.next.Services {
		if slices.Contains(f.before.Services, id) {
			continue
		}
		_, err := v.Service(ctx, id)
		if err != nil && KindOf(err) != NotFound {
			return err
		}
		if err != nil {
			f.fault("services", FieldService, "There is no service %q.", id)
		}
	}
	return nil
}

// draftOf is the draft that would leave a key as it is.
func draftOf(key Key) Draft {
	return Draft{
		Name: key.Name, Description: key.Description, Nameless: key.Name == "",
		Permissions: key.Permissions, Narrowed: key.Narrowed, Policy: key.Policy, OnBehalfOf: key.OnBehalfOf,
		Services: key.Services, Disabled: key.Disabled, NotBefore: key.NotBefore, ExpiresOn: key.ExpiresOn,
		AllowIPs: addressTexts(key.AllowIPs),
	}
}

// refs are the records that the edit names.
func (e Edit) refs(org OrgID) []Ref {
	var d Draft
	set(&d.Policy, e.Policy)
	set(&d.OnBehalfOf, e.OnBehalfOf)
	set(&d.Services, e.Services)
	return d.refs(org)
}

// apply is the draft that the edit makes of a key. A policy takes the place of
// direct permissions; the other way round, the policy must be taken away too.
func (e Edit) apply(key Key) Draft {
	d := draftOf(key)
	d.Type = e.Type
	set(&d.Name, e.Name)
	set(&d.Description, e.Description)
	set(&d.Policy, e.Policy)
	if e.Policy != nil && *e.Policy != (keytext.ID{}) {
		d.Permissions = nil
	}
	set(&d.Permissions, e.Permissions)
	if e.Permissions != nil {
		// To name a personal key's permissions is to narrow it to them. To name
		// none leaves a key as wide as it is: formats show none for one that is
		// not narrowed.
		d.Narrowed = key.Type == TypePersonal && (key.Narrowed || len(*e.Permissions) > 0)
	}
	set(&d.Narrowed, e.Narrowed)
	set(&d.OnBehalfOf, e.OnBehalfOf)
	if key.Type == TypePersonal && d.OnBehalfOf.IsZero() && !key.OnBehalfOf.IsZero() {
		d.Disabled = true // as when the user is removed
	}
	set(&d.Services, e.Services)
	set(&d.Disabled, e.Disabled)
	set(&d.NotBefore, e.NotBefore)
	set(&d.ExpiresOn, e.ExpiresOn)
	set(&d.AllowIPs, e.AllowIPs)
	d.IPv4Only, d.AnyAddress, d.DeclaredOnly = e.IPv4Only, e.AnyAddress, e.DeclaredOnly
	return d
}

func set[T any](field, value *T) {
	if value != nil {
		*field = *value
	}
}
