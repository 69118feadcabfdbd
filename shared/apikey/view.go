package apikey

import (
	"context"
	"maps"

	"github.com/keyward/keyward/shared/uuid"
)

// view holds what one attempt of one request has read from the store. It reads
// each record once, and records together where possible. A change is committed
// on the condition that every record is still as its view read it: see
// [view.unchanged].
type view struct {
	reader Reader
	org    OrgID
	found  Found
	// keys are all listed keys of the organization, and damagedKeys how many
	// others could not be read; nil until a rule needs them. They do not become
	// conditions.
	keys        []Key
	damagedKeys int
}

func (r *Rules) view(org OrgID) *view { return &view{reader: r.Store, org: org, found: Found{}} }

// read reads the refs that the view does not have yet, all at once. It ignores
// unset refs.
func (v *view) read(ctx context.Context, refs ...Ref) error {
	unknown := v.unread(refs...)
	if len(unknown) == 0 {
		return nil
	}
	found, err := v.reader.Read(ctx, unknown...)
	if len(v.found) == 0 && found != nil {
		v.found = found
		return err
	}
	maps.Copy(v.found, found)
	return err
}

// unread returns the refs that the view does not have yet.
func (v *view) unread(refs ...Ref) (unknown []Ref) {
	for i, ref := range refs {
		if !ref.isSet() {
			continue
		}
		if _, known := v.found[ref]; !known {
			if unknown == nil {
				unknown = make([]Ref, 0, len(refs)-i)
			}
			unknown = append(unknown, ref)
		}
	}
	return unknown
}

// beforeAndAfter returns two copies of the view, as of before and after the
// writes. They can read on independently.
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

// dependOn makes a key, and the records on which its grant depends, conditions
// of this view. They come from another view that has read them. A nil key adds
// nothing.
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

// grantRefs returns the records on which a key's grant depends, as far as the
// key names them.
func (k Key) grantRefs() []Ref {
	return []Ref{PolicyRef(k.Org, k.Policy), UserRef(k.Org, k.OnBehalfOf), PolicyRef(k.Org, k.UserPolicy)}
}

// readNamed reads what the records of the view name, all at once: the policies
// and users of keys, the policies of users, and the keys of outcomes. It ignores
// records of other organizations. It runs extra at the same time.
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
				named = append(named, v.unread(record.grantRefs()...)...)
			}
		case User:
			named = append(named, v.unread(PolicyRef(v.org, record.Policy))...)
		case Outcome:
			named = append(named, v.unread(KeyRef(record.APIKey))...)
		}
	}
	if load == nil {
		return v.read(ctx, named...)
	}
	return concurrently(func() error { return v.read(ctx, named...) }, func() error { load(); return nil })
}

// unchanged returns the conditions that everything the view has read is still
// the same. A damaged record has no version and decides nothing.
//
// Services are left out, because a key can name more of them than fit into one
// transaction. That is safe: a key that is limited to a deleted service cannot
// be used there. A change of a service has its own condition on the version. The
// last use of a key decides nothing.
func (v *view) unchanged() []Write {
	var conditions []Write
	for ref, finding := range v.found {
		if ref.Subject == SubjectService || ref.Subject == SubjectLastUse || finding.Err != nil && KindOf(finding.Err) != NotFound {
			continue
		}
		conditions = append(conditions, Require{ref, versionOf(finding.Record)})
	}
	return conditions
}

// versionOf returns the version of a record; 0 for none.
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
	case Outcome:
		return r.Version
	}
	return 0
}

// isSet reports whether the ref names a record.
func (r Ref) isSet() bool {
	switch r.Subject {
	case SubjectKey, SubjectPolicy, SubjectUser, SubjectLastUse:
		return !r.ID.IsZero()
	case SubjectService:
		return OrgID(r.Service).Valid() || r.Account != ""
	case SubjectOutcome:
		return r.Org != "" && !r.ID.IsZero() && r.Service != ""
	}
	return r.Org != ""
}

// Key reads a key; [NotFound] if there is none, or only its tombstone.
func (v *view) Key(ctx context.Context, id uuid.UUID) (Key, error) {
	key, err := v.keyOrTombstone(ctx, id)
	if err == nil && key.Deleted() {
		return Key{}, NoSuchKey()
	}
	return key, err
}

// keyOrTombstone reads a key, even a tombstone; [NotFound] if there is none.
func (v *view) keyOrTombstone(ctx context.Context, id uuid.UUID) (Key, error) {
	if id.IsZero() {
		return Key{}, NoSuchKey()
	}
	if err := v.read(ctx, KeyRef(id)); err != nil {
		return Key{}, err
	}
	return v.found.Key(id)
}

// Organization reads the organization of a valid caller. If it is missing, the
// error is [Unavailable].
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
func (v *view) Policy(ctx context.Context, org OrgID, id uuid.UUID) (Policy, error) {
	if id.IsZero() {
		return Policy{}, NoSuch(SubjectPolicy)
	}
	if err := v.read(ctx, PolicyRef(org, id)); err != nil {
		return Policy{}, err
	}
	return v.found.Policy(org, id)
}

// User implements [GrantReader].
func (v *view) User(ctx context.Context, org OrgID, id uuid.UUID) (User, error) {
	if id.IsZero() {
		return User{}, NoSuch(SubjectUser)
	}
	if err := v.read(ctx, UserRef(org, id)); err != nil {
		return User{}, err
	}
	return v.found.User(org, id)
}

// Service reads a service by its id; [NotFound] if there is none.
func (v *view) Service(ctx context.Context, id string) (Service, error) {
	if !OrgID(id).Valid() {
		return Service{}, NoSuch(SubjectService)
	}
	if err := v.read(ctx, ServiceRef(v.org, id)); err != nil {
		return Service{}, err
	}
	return v.found.Service(v.org, id)
}

// keyGrant returns a key's grant, with an OWNER's permissions spelled out.
func (v *view) keyGrant(ctx context.Context, key Key) (Grant, error) {
	grant, err := Resolve(ctx, v, &key)
	if err != nil {
		return Grant{}, err
	}
	return v.expandCatalogue(ctx, grant)
}

// userGrant returns a user's grant, like [view.keyGrant].
func (v *view) userGrant(ctx context.Context, user User) (Grant, error) {
	grant, err := ResolveUser(ctx, v, user)
	if err != nil {
		return Grant{}, err
	}
	return v.expandCatalogue(ctx, grant)
}

// expandCatalogue replaces an OWNER's permissions with the organization's
// catalogue.
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
