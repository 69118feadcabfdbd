package apikey

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/keyward/keyward/shared/uuid"
)

// keyBuilder applies a draft to a key and collects the draft's faults.
type keyBuilder struct {
	draft Draft
	org   Organization
	// before is the zero Key for a new key.
	before Key
	// next is before with the draft's values.
	next   Key
	faults []FieldError
}

func (b *keyBuilder) fault(field string, code FieldCode, format string, args ...any) {
	b.faults = append(b.faults, FieldError{field, code, fmt.Sprintf(format, args...)})
}

// refs returns the records that the draft names.
func (d Draft) refs(org OrgID) []Ref {
	refs := []Ref{PolicyRef(org, d.Policy), UserRef(org, d.OnBehalfOf)}
	for _, id := range d.Services[:min(len(d.Services), MaxPage)] {
		refs = append(refs, ServiceRef(org, id))
	}
	return refs
}

// applyDraft returns before with the draft's values; a new key if before is the
// zero Key. The error is [Invalid] and lists all faults.
func (r *Rules) applyDraft(ctx context.Context, who principal, org Organization, before Key, d Draft) (Key, error) {
	if latest := org.MaxKeyLifetime; before.ID.IsZero() && d.LongestLife && d.ExpiresOn.IsZero() && latest > 0 {
		d.ExpiresOn = r.now().Add(latest)
	}
	b := &keyBuilder{draft: d, org: org, before: before, next: before}
	if b.next.Type == "" {
		b.next.Type, b.next.Recoverable, b.next.Listed = TypeService, d.Recoverable, d.Listed
		if d.Type != "" {
			b.next.Type = d.Type
		}
	} else if d.Type != "" && d.Type != b.next.Type {
		b.fault("type", FieldConflict, "A key's type cannot be changed. Create another key instead.")
	}
	b.next.Disabled = d.Disabled
	b.applyNames(r.NFC)
	b.applyGrant()
	b.applyTimes(r.now())
	b.applyAddresses()
	if before.ID.IsZero() && d.Recoverable && !org.Recoverable {
		b.fault("recoverable", FieldConflict, "The organization does not allow recoverable keys. An OWNER can allow them.")
	}
	for _, look := range []func(context.Context, *view) error{b.readPolicy, b.readUser, b.readServices} {
		if err := look(ctx, who.view); err != nil {
			return Key{}, err
		}
	}
	if b.next.Type == TypeShared && (before.ID.IsZero() || before.OnBehalfOf != b.next.OnBehalfOf) {
		b.next.Representable = who.grant.Permissions.HasAny(who.managePermissions()...)
	}
	const what = "A key (a policy can hold its permissions instead)"
	return b.next, InvalidError(append(b.faults, r.checkSize("permissions", what, MaxKeyRecord, before, b.next)...)...)
}

func (b *keyBuilder) applyNames(nfc func(string) string) {
	d := b.draft
	nameless := d.Nameless || !b.before.ID.IsZero() && b.before.Name == ""
	if d.Name == "" && !nameless {
		b.fault("name", FieldRequired, "A key needs a name.")
	}
	if d.Name != b.before.Name || d.Description != b.before.Description {
		b.faults = append(b.faults, checkNaming(d.Name, d.Description)...)
	}
	b.next.Name, b.next.Description, b.next.Claim = d.Name, d.Description, nfc(d.Name)
}

// applyGrant sets the key's permissions, policy and user, and checks their form.
// It reads nothing.
func (b *keyBuilder) applyGrant() {
	d, next := b.draft, &b.next
	next.Permissions, next.Narrowed, next.Policy, next.OnBehalfOf = d.Permissions, false, d.Policy, d.OnBehalfOf
	switch next.Type {
	case TypePersonal:
		next.Narrowed = d.Narrowed
		if !d.Policy.IsZero() {
			b.fault("policyId", FieldConflict, "A personal key has permissions of its user and cannot have a policy.")
		}
		if d.OnBehalfOf.IsZero() && (b.before.ID.IsZero() || b.enabled()) {
			b.fault("onBehalfOf", FieldUser, "A personal key needs a user before it can be enabled.")
		}
	case TypeService:
		if !d.OnBehalfOf.IsZero() {
			b.fault("onBehalfOf", FieldConflict, "A service key cannot act for a user. Leave onBehalfOf out, or create a key of another type.")
		}
	case TypeShared:
	default:
		b.fault("type", FieldValue, "type must be service, personal or shared.")
	}
	if !d.Policy.IsZero() && len(d.Permissions) > 0 {
		b.fault("policyId", FieldConflict, "A key can have a policy or permissions, not both. Send one of them.")
		b.fault("permissions", FieldConflict, "A key can have a policy or permissions, not both. Send one of them.")
	}
	catalogue := b.org.declares()
	if d.DeclaredOnly {
		catalogue = catalogue.Without(OwnPermissions())
	}
	b.faults = append(b.faults, unknownPermissions(d.Permissions.Without(b.before.Permissions), catalogue)...)
}

// enabled reports whether the draft enables the key, or changes the user of a
// key that stays enabled.
func (b *keyBuilder) enabled() bool {
	return !b.draft.Disabled && (b.before.Disabled || b.draft.OnBehalfOf != b.before.OnBehalfOf)
}

func (b *keyBuilder) applyTimes(now time.Time) {
	d, next := b.draft, &b.next
	next.NotBefore, next.ExpiresOn = wholeSeconds(d.NotBefore), wholeSeconds(d.ExpiresOn)
	if !b.writable("notBefore", next.NotBefore) || !b.writable("expiresOn", next.ExpiresOn) {
		return
	}
	changed := !next.ExpiresOn.Equal(b.before.ExpiresOn) || b.before.ID.IsZero()
	created := b.before.CreatedOn
	if b.before.ID.IsZero() {
		created = now
	}
	switch {
	case next.ExpiresOn.IsZero():
		if b.org.MaxKeyLifetime > 0 && changed {
			b.fault("expiresOn", FieldRequired, "Keys of this organization must expire at most %s after their creation.", durationText(b.org.MaxKeyLifetime))
		}
	case changed && !next.ExpiresOn.After(now):
		b.fault("expiresOn", FieldValue, "expiresOn must be in the future.")
	case changed && b.org.MaxKeyLifetime > 0 && next.ExpiresOn.Sub(created) > b.org.MaxKeyLifetime:
		b.fault("expiresOn", FieldValue, "Keys of this organization must expire at most %s after their creation.", durationText(b.org.MaxKeyLifetime))
	case !next.NotBefore.Before(next.ExpiresOn):
		b.fault("notBefore", FieldValue, "notBefore must be before expiresOn.")
	}
}

// writable reports whether a time can be written in UTC, and adds a fault if it
// cannot: RFC 3339 has four digits for the year, and an offset can move a time
// beyond them.
func (b *keyBuilder) writable(field string, at time.Time) bool {
	if year := at.Year(); year < 1 || year > 9999 {
		b.fault(field, FieldValue, "%s must be from 0001-01-01T00:00:00Z to 9999-12-31T23:59:59Z, in UTC.", field)
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

func (b *keyBuilder) applyAddresses() {
	var faults []FieldError
	if b.next.AllowIPs, faults = parseAddresses(b.draft.AllowIPs); len(faults) == 0 && b.draft.IPv4Only {
		faults = onlyIPv4(b.draft.AllowIPs, b.before.AllowIPs)
	}
	b.faults = append(b.faults, faults...)
	if b.draft.AnyAddress && len(b.before.AllowIPs) > 0 {
		b.fault("allowIps", FieldAddress, "An empty list removes no limit. Send null to allow every address.")
	}
}

// readPolicy checks that the draft's policy exists in the organization. The
// policy that the key already has may be missing.
func (b *keyBuilder) readPolicy(ctx context.Context, v *view) error {
	if b.draft.Policy.IsZero() {
		return nil
	}
	policy, err := v.Policy(ctx, b.org.ID, b.draft.Policy)
	if gone := err != nil && KindOf(err) == NotFound; b.draft.Policy == b.before.Policy && (gone || err == nil) {
		return nil
	} else if gone || err == nil && policy.Deleted {
		b.fault("policyId", FieldPolicy, "There is no such policy.")
		return nil
	}
	return err
}

// readUser checks that the draft's user exists in the organization. The user
// that the key already has may be missing, unless the draft enables a personal
// key.
func (b *keyBuilder) readUser(ctx context.Context, v *view) error {
	b.next.UserPolicy = uuid.UUID{}
	if b.draft.OnBehalfOf.IsZero() {
		return nil
	}
	user, err := v.User(ctx, b.org.ID, b.draft.OnBehalfOf)
	switch {
	case err == nil && b.next.Type == TypePersonal:
		b.next.UserPolicy = user.Policy
	case err != nil && KindOf(err) != NotFound:
		return err
	case err != nil && (b.draft.OnBehalfOf != b.before.OnBehalfOf || b.next.Type == TypePersonal && b.enabled()):
		b.fault("onBehalfOf", FieldUser, "There is no such user.")
	case err != nil && b.next.Type == TypePersonal:
		b.next.Disabled = true // the user's removal did not disable the key
	}
	return nil
}

func (b *keyBuilder) readServices(ctx context.Context, v *view) error {
	b.next.Services = slices.Compact(slices.Sorted(slices.Values(b.draft.Services)))
	if len(b.next.Services) > MaxPage {
		b.fault("services", FieldTooLong, "A key can be limited to at most %d services.", MaxPage)
		return nil
	}
	for _, id := range b.next.Services {
		if slices.Contains(b.before.Services, id) {
			continue
		}
		_, err := v.Service(ctx, id)
		if err != nil && KindOf(err) != NotFound {
			return err
		}
		if err != nil {
			b.fault("services", FieldService, "There is no service %q. GET /v1/services lists them.", id)
		}
	}
	return nil
}

// draftOf returns the draft that describes a key as it is.
func draftOf(key Key) Draft {
	return Draft{
		Name: key.Name, Description: key.Description, Nameless: key.Name == "",
		Permissions: key.Permissions, Narrowed: key.Narrowed, Policy: key.Policy, OnBehalfOf: key.OnBehalfOf,
		Services: key.Services, Disabled: key.Disabled, NotBefore: key.NotBefore, ExpiresOn: key.ExpiresOn,
		AllowIPs: addressTexts(key.AllowIPs),
	}
}

// refs returns the records that the edit names.
func (e Edit) refs(org OrgID) []Ref {
	var d Draft
	set(&d.Policy, e.Policy)
	set(&d.OnBehalfOf, e.OnBehalfOf)
	set(&d.Services, e.Services)
	return d.refs(org)
}

// apply returns the draft that describes the key after the edit. A new policy
// replaces direct permissions. To replace a policy with direct permissions, the
// edit must also remove the policy.
func (e Edit) apply(key Key) Draft {
	d := draftOf(key)
	d.Type = e.Type
	set(&d.Name, e.Name)
	set(&d.Description, e.Description)
	set(&d.Policy, e.Policy)
	if e.Policy != nil && *e.Policy != (uuid.UUID{}) {
		d.Permissions = nil
	}
	set(&d.Permissions, e.Permissions)
	if e.Permissions != nil {
		// Naming a personal key's permissions narrows it to them. An empty list
		// leaves the key as wide as it is, because formats show an empty list
		// for a key that is not narrowed.
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
