package apikey

import (
	"context"
	"maps"

	"github.com/keyward/keyward/shared/keytext"
	"github.com/keyward/keyward/shared/routing"
)

// view is what one request reads of the store: each record once, and together
// what can be named together. A change that was decided by a view is committed
// on the condition that every record is still as the view read it: see
// [view.unchanged]. A view belongs to one attempt of one request.
type view struct {
	reader Reader
	org    OrgID
	found  Found
	// keys are all keys of the organization as they are listed, nil until a rule
	// needs them. No condition is about them.
	keys []Key
}

func (k *Keys) view(org OrgID) *view { return &view{reader: k.Store, org: org, found: Found{}} }

// read reads those of the refs that the view does not have yet, all at once. A
// ref of nothing is passed over.
func (v *view) read(ctx context.Context, refs ...Ref) error {
	unknown := v.unread(refs...)
	if len(unknown) == 0 {
		return nil
	}
	found, err := v.reader.Read(ctx, unknown...)
	maps.Copy(v.found, found)
	return err
}

// unread returns those of the refs that the view does not have yet.
func (v *view) unread(refs ...Ref) (unknown []Ref) {
	for _, ref := range refs {
		if _, known := v.found[ref]; !known && ref.isSet() {
			unknown = append(unknown, ref)
		}
	}
	return unknown
}

// around returns the view as it is before the writes and as it will be after them.
// Both read on by themselves.
func (v *view) beforeAndAfter(writes []Write) (before, after *view) {
	before = &view{reader: v.reader, org: v.org, found: maps.Clone(v.found)}
	after = &view{reader: v.reader, org: v.org, found: maps.Clone(v.found)}
	for _, w := range writes {
		switch w := w.(type) {
		case ReplaceKey:
			before.found[KeyRef(w.Before.ID)], after.found[KeyRef(w.After.ID)] = Finding{Record: w.Before}, Finding{Record: w.After}
		case DeleteKey:
			after.found[KeyRef(w.Key.ID)] = Finding{Err: NoSuchKey()}
		case ReplacePolicy:
			after.found[PolicyRef(v.org, w.After.ID)] = Finding{Record: w.After}
		case ReplaceUser:
			after.found[UserRef(v.org, w.After.ID)] = Finding{Record: w.After}
		case DeleteUser:
			after.found[UserRef(v.org, w.User.ID)] = Finding{Err: NoSuch(SubjectUser)}
		}
	}
	return before, after
}

// rely adds a key, and what its grant depends on, to what the view has read, from
// a view that has read on. A nil key adds nothing.
func (v *view) dependOn(key *Key, from *view) {
	if key == nil {
		return
	}
	refs := key.grantRefs()
	if user, err := from.found.User(v.org, key.OnBehalfOf); err == nil {
		refs = append(refs, PolicyRef(v.org, user.Policy))
	}
	for _, ref := range refs {
		if finding, known := from.found[ref]; known && len(v.unread(ref)) > 0 {
			v.found[ref] = finding
		}
	}
	if ref := KeyRef(key.ID); len(v.unread(ref)) > 0 {
		v.found[ref] = Finding{Record: *key}
	}
}

// names are the records that a key's grant depends on, as far as the key tells.
func (k Key) grantRefs() []Ref {
	return []Ref{PolicyRef(k.Org, k.Policy), UserRef(k.Org, k.OnBehalfOf), PolicyRef(k.Org, k.UserPolicy)}
}

// follow reads what the records of the view name, all at once: the policies and
// users of keys, and the policies of users. What another organization's records
// name is of no interest. It does the search meanwhile.
func (v *view) readNamed(ctx context.Context, extra prefetch) error {
	var named []Ref
	var load func()
	if extra != nil {
		named, load = extra(v)
	}
	for _, finding := range v.found {
		switch record := finding.Record.(type) {
		case Key:
			if record.Org == v.org {
				named = append(named, record.grantRefs()...)
			}
		case User:
			named = append(named, PolicyRef(v.org, record.Policy))
		}
	}
	if load == nil {
		return v.read(ctx, named...)
	}
	return concurrently(func() error { return v.read(ctx, named...) }, func() error { load(); return nil })
}

// unchanged returns the conditions under which all that the view has read is
// still so. A record that is damaged has no version, and decides nothing.
//
// Services are left out: a key may name so many that they do not fit into one
// transaction. A service that goes while a key is limited to it leaves the key
// as if it had gone a moment later: it opens nothing there. Whatever changes a
// service replaces or deletes it by its version.
func (v *view) unchanged() []Write {
	var conditions []Write
	for ref, finding := range v.found {
		if ref.Subject == SubjectService || finding.Err != nil && KindOf(finding.Err) != NotFound {
			continue
		}
		conditions = append(conditions, Require{ref, versionOf(finding.Record)})
	}
	return conditions
}

// versionOf returns the version of a record, and 0 of none.
func versionOf(record any) int64 {
	switch r := record.(type) {
	case Key:
		return r.Version
	case Organization:
		return r.Version
	case Status:
		return r.Version
	case Policy:
		return r.Version
	case User:
		return r.Version
	}
	return 0
}

// names reports whether the ref names anything.
func (r Ref) isSet() bool {
	switch r.Subject {
	case SubjectKey, SubjectPolicy, SubjectUser:
		return !r.ID.IsZero()
	case SubjectService:
		return OrgID(r.Service).Valid() || r.API != routing.API{}
	}
	return r.Org != ""
}

// Key reads a key; [NotFound] where there is none.
func (v *view) Key(ctx context.Context, id keytext.ID) (Key, error) {
	if id.IsZero() {
		return Key{}, NoSuchKey()
	}
	if err := v.read(ctx, KeyRef(id)); err != nil {
		return Key{}, err
	}
	return v.found.Key(id)
}

// Organization reads the organization of a valid caller. That it is missing is
// damage, not an answer.
func (v *view) Organization(ctx context.Context) (Organization, error) {
	if err := v.read(ctx, OrganizationRef(v.org)); err != nil {
		return Organization{}, err
	}
	org, err := v.found.Organization(v.org)
	return org, unavailableIfMissing("read the organization of a valid key", err)
}

// Status implements [GrantReader].
func (v *view) Status(ctx context.Context, org OrgID) (Status, error) {
	if err := v.read(ctx, StatusRef(org)); err != nil {
		return Status{}, err
	}
	return v.found.Status(org)
}

// Policy implements [GrantReader].
func (v *view) Policy(ctx context.Context, org OrgID, id keytext.ID) (Policy, error) {
	if id.IsZero() {
		return Policy{}, NoSuch(SubjectPolicy)
	}
	if err := v.read(ctx, PolicyRef(org, id)); err != nil {
		return Policy{}, err
	}
	return v.found.Policy(org, id)
}

// User implements [GrantReader].
func (v *view) User(ctx context.Context, org OrgID, id keytext.ID) (User, error) {
	if id.IsZero() {
		return User{}, NoSuch(SubjectUser)
	}
	if err := v.read(ctx, UserRef(org, id)); err != nil {
		return User{}, err
	}
	return v.found.User(org, id)
}

// Service reads a service by its id; [NotFound] where there is none.
func (v *view) Service(ctx context.Context, id string) (Service, error) {
	if !OrgID(id).Valid() {
		return Service{}, NoSuch(SubjectService)
	}
	if err := v.read(ctx, ServiceRef(v.org, id)); err != nil {
		return Service{}, err
	}
	return v.found.Service(v.org, id)
}

// grantOf resolves a key's grant by the view. Of an OWNER it names every
// permission.
func (v *view) keyGrant(ctx context.Context, key Key) (Grant, error) {
	grant, err := Resolve(ctx, v, &key)
	if err != nil {
		return Grant{}, err
	}
	return v.expandCatalogue(ctx, grant)
}

// heldBy resolves a user's grant like [view.grantOf].
func (v *view) userGrant(ctx context.Context, user User) (Grant, error) {
	grant, err := ResolveUser(ctx, v, user)
	if err != nil {
		return Grant{}, err
	}
	return v.expandCatalogue(ctx, grant)
}

// spelled names the permissions of a grant that depends on the catalogue.
func (v *view) expandCatalogue(ctx context.Context, grant Grant) (Grant, error) {
	if grant.User == nil || grant.User.Role != RoleOwner {
		return grant, nil
	}
	org, err := v.Organization(ctx)
	if err != nil {
		return Grant{}, err
	}
	grant.Permissions = grant.Of(org.declares())
	return grant, nil
}
