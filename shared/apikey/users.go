package apikey

import (
	"context"
	"slices"

	"github.com/keyward/keyward/shared/permission"
	"github.com/keyward/keyward/shared/uuid"
)

// usersVisible lists the permissions that let a caller see users.
var usersVisible = []string{permission.AdministerUsers, permission.AdministerAPIKeys}

// UserPage is one part of a listing of users, and what is shown with them.
type UserPage struct {
	Listed[User, uuid.UUID]
	Names Names
}

// CreateUser adds a person to the organization. The caller must hold everything
// that the user will hold, and only an OWNER can create an OWNER. Errors:
// [Unauthenticated], [Forbidden], [Invalid], [NotHeld], [NameTaken],
// [Unavailable].
func (r *Rules) CreateUser(ctx context.Context, by Caller, draft UserDraft) (user User, err error) {
	err = retryStale(ctx, func() error {
		representing := func(v *view) ([]Ref, func()) { return v.representativeRefs("", draft.Role), nil }
		who, err := r.authorizePrefetching(ctx, by, []string{permission.AdministerUsers}, representing, PolicyRef(by.Org, draft.Policy))
		if err != nil {
			return err
		}
		id, err := uuid.New(r.Entropy)
		if err != nil {
			return UnavailableError("read entropy", err)
		}
		user = User{ID: id, Org: who.Org, CreatedBy: who.actor, CreatedOn: r.now(), Version: 1}
		writes, err := r.applyUserDraft(ctx, who, User{}, &user, draft, userImpact{})
		if err != nil {
			return err
		}
		return r.commitAction(ctx, who, ActionCreateUser, id.String(), nil, user.auditFields(), append(writes, CreateUser{user})...)
	})
	return user, err
}

// applyUserDraft writes a draft's values into a user, and returns the other
// writes that this requires.
func (r *Rules) applyUserDraft(ctx context.Context, who principal, before User, user *User, d UserDraft, impact userImpact) (writes []Write, err error) {
	org, err := who.view.Organization(ctx)
	if err != nil {
		return nil, err
	}
	var faults []FieldError
	if d.Email != before.Email || d.Email == "" {
		faults = checkEmail("email", d.Email)
	}
	if d.Name != before.Name || d.Name == "" {
		faults = append(faults, requireName("name", d.Name)...)
	}
	if !slices.Contains(Roles, d.Role) {
		faults = append(faults, FieldError{"role", FieldValue, "role must be OWNER, ADMIN, MANAGER or MEMBER."})
	}
	faults = append(faults, unknownPermissions(d.Permissions.Without(before.Permissions), org.declares())...)
	var policy Policy
	if !d.Policy.IsZero() {
		policy, err = who.view.Policy(ctx, org.ID, d.Policy)
		switch {
		case d.Policy == before.Policy && (err == nil || KindOf(err) == NotFound):
		case err == nil && policy.Deleted || err != nil && KindOf(err) == NotFound:
			faults = append(faults, FieldError{"policyId", FieldPolicy, "There is no such policy."})
		case err != nil:
			return nil, err
		}
	}
	if err := InvalidError(faults...); err != nil {
		return nil, err
	}
	user.Email, user.Claim, user.Name, user.Role = d.Email, EmailClaim(d.Email), d.Name, d.Role
	user.Permissions, user.Policy = d.Permissions, d.Policy
	if same(before, *user) {
		return nil, nil
	}
	if err := InvalidError(r.checkSize("permissions", "A user", MaxUserRecord, before, *user)...); err != nil {
		return nil, err
	}
	if err := who.authorizeUserGrant(ctx, before, *user, policy); err != nil {
		return nil, err
	}
	return r.ownerWrites(ctx, who, org, before, *user, impact)
}

// authorizeUserGrant refuses a user who would hold what the caller does not
// hold, and any change of an OWNER by someone else than an OWNER. Added
// permissions, a new role and a new policy each count, even if the user has the
// same permissions from another source, because that source may go away.
func (who principal) authorizeUserGrant(ctx context.Context, before, after User, policy Policy) error {
	if (before.Role == RoleOwner || after.Role == RoleOwner) && !who.isOwner() {
		return &Error{Kind: NotHeld, Detail: "Only an OWNER can make or change an OWNER.",
			Fields: []FieldError{{"role", FieldNotHeld, "You are not an OWNER."}}}
	}
	added := after.Permissions.Without(before.Permissions).Or(after.Role.permissions().Without(before.Role.permissions()))
	if after.Policy != before.Policy {
		added = added.Or(policy.Permissions)
	}
	if before.Org != "" && before.Claim != after.Claim {
		handed, err := who.authorizeAddress(ctx, before, after)
		if err != nil {
			return err
		}
		added = added.Or(handed)
	}
	return who.authorizeGrant(added)
}

// authorizeAddress refuses a new e-mail address to a caller who may not let keys
// stand for users, and returns what the caller must hold besides. Whoever has
// the address signs in as the user: with all that the user held before the
// change, in the user's name, and with the user's keys. The user's keys stay, so
// that a new name of the same person costs nothing.
//
// Users get no exception for themselves. They sign in by the address that the
// identity provider gives, so an administrator has to enter a new one, and a
// stolen key must not move its user's identity to the thief.
func (who principal) authorizeAddress(ctx context.Context, before, after User) (handed permission.Set, err error) {
	if !who.isOwner() && !who.grant.Permissions.HasAny(who.managePermissions()...) {
		return nil, &Error{Kind: NotHeld, Detail: "Only someone who can manage everybody's keys can change a user's e-mail address, because whoever has it signs in as the user.",
			Fields: []FieldError{{"email", FieldNotHeld, "You cannot change this user's e-mail address."}}}
	}
	for _, user := range []User{before, after} {
		grant, err := who.view.userGrant(ctx, user)
		if err != nil {
			return nil, err
		}
		handed = handed.Or(grant.Permissions)
	}
	return handed, nil
}

// ownerWrites returns the writes that keep the organization's count of OWNERs
// and its representative correct when a user changes from before to after. The
// zero User stands for none.
func (r *Rules) ownerWrites(ctx context.Context, who principal, org Organization, before, after User, impact userImpact) (writes []Write, err error) {
	next := org
	if before.Role == RoleOwner {
		next.Owners--
	}
	if after.Role == RoleOwner {
		next.Owners++
	}
	if next.Owners < 1 {
		return nil, lastOwnerError()
	}
	if next.Owners != org.Owners {
		next.Version++
		writes = append(writes, ReplaceOrganization{org, next})
	}
	if before.Role.represents() == after.Role.represents() {
		return writes, nil
	}
	status, err := who.view.Status(ctx, org.ID)
	if err != nil {
		return nil, err
	}
	// The status is written even if the representative stays the same.
	// Otherwise a user who leaves at the same time could be chosen as the next
	// one.
	moved := status
	moved.Version++
	moved.Representative, err = r.nextRepresentative(ctx, who, status.Representative, before, after, impact)
	return append(writes, ReplaceStatus{status, moved}), err
}

func lastOwnerError() *Error {
	return &Error{Kind: InUse, Subject: SubjectOrganization, Detail: "An organization needs at least one OWNER. Make another user an OWNER first."}
}

// nextRepresentative returns the oldest user who is OWNER or ADMIN after a
// change from before to after. current was the oldest until then. The change
// makes the user eligible, or no longer eligible.
func (r *Rules) nextRepresentative(ctx context.Context, who principal, current uuid.UUID, before, after User, impact userImpact) (uuid.UUID, error) {
	switch {
	case current != before.ID && !after.Role.represents():
		return current, nil
	case after.Role.represents():
		if err := who.view.read(ctx, UserRef(who.Org, current)); err != nil {
			return uuid.UUID{}, err
		}
		user, err := who.view.found.User(who.Org, current)
		if err != nil || after.precedes(user) { // a user who is gone or damaged represents nobody
			return after.ID, nil
		}
		return current, nil
	}
	return impact.successor.ID, impact.err
}

// precedes reports whether the user was created before other.
func (u User) precedes(other User) bool {
	return u.CreatedOn.Before(other.CreatedOn) || u.CreatedOn.Equal(other.CreatedOn) && u.ID.String() < other.ID.String()
}

// ListUsers returns up to limit users by id. Errors: [Unauthenticated],
// [Forbidden], [Invalid], [Unavailable].
func (r *Rules) ListUsers(ctx context.Context, by Caller, after uuid.UUID, limit int) (UserPage, error) {
	if err := checkLimit(limit); err != nil {
		return UserPage{}, err
	}
	return listAuthorized(ctx, r, by, usersVisible, func() (UserPage, error) {
		part, err := r.Store.Users(ctx, by.Org, after, limit)
		if err != nil {
			return UserPage{}, err
		}
		var policies []uuid.UUID
		for _, user := range part.Records {
			policies = append(policies, user.Policy)
		}
		names, err := r.Store.Names(ctx, by.Org, policies, nil)
		return UserPage{part, names}, err
	})
}

// GetUser returns a user. Errors: [Unauthenticated], [Forbidden], [NotFound],
// [Unavailable].
func (r *Rules) GetUser(ctx context.Context, by Caller, id uuid.UUID) (User, error) {
	who, err := r.authorize(ctx, by, usersVisible, UserRef(by.Org, id))
	if err != nil {
		return User{}, err
	}
	return who.view.User(ctx, who.Org, id)
}

// ReplaceUser replaces everything that a caller can write of a user. The user's
// personal keys follow within the revocation bound. If the user becomes an
// OWNER, all of the user's personal keys are disabled, because others may have
// seen them. A draft that changes nothing leaves the version as it is. Errors:
// those of [Rules.CreateUser], and [NotFound], [PreconditionFailed], and [InUse]
// for the last OWNER.
func (r *Rules) ReplaceUser(ctx context.Context, by Caller, id uuid.UUID, version int64, draft UserDraft) (User, error) {
	return r.PatchUser(ctx, by, id, version, UserEdit{&draft.Email, &draft.Name, &draft.Role, &draft.Permissions, &draft.Policy})
}

// PatchUser changes the fields of a user that edit names, like
// [Rules.ReplaceUser]. Errors: those of [Rules.ReplaceUser].
func (r *Rules) PatchUser(ctx context.Context, by Caller, id uuid.UUID, version int64, edit UserEdit) (after User, err error) {
	attempts := 0
	err = retryStale(ctx, func() error {
		attempts++
		var impact userImpact
		var extra prefetch
		if edit.Role != nil {
			extra = r.prefetchUserImpact(ctx, id, *edit.Role, &impact)
		}
		var policy uuid.UUID
		set(&policy, edit.Policy)
		who, before, err := r.authorizeUserChange(ctx, by, id, version, extra, PolicyRef(by.Org, policy))
		if err != nil {
			return err
		}
		after = before
		writes, err := r.applyUserDraft(ctx, who, before, &after, edit.apply(before), impact)
		if err != nil || same(before, after) {
			return err
		}
		after.LastModifiedBy, after.LastModifiedOn = who.actor, r.now()
		after.Version++
		audit, err := r.newAuditRecord(who, ActionUpdateUser, id.String(), before.auditFields(), after.auditFields())
		if err != nil {
			return err
		}
		audits := []AuditRecord{audit}
		promoted := promotes(before.Role, after.Role)
		if promoted {
			disabled, records, err := r.disableKeys(ctx, who, before, impact, false, true)
			if err != nil && KindOf(err) == Stale && attempts == staleAttempts {
				return r.miscountedError(ctx, who, before, impact)
			}
			if err != nil {
				return err
			}
			writes, audits = append(writes, disabled...), append(audits, records...)
		}
		return r.commit(ctx, who, audits, append(writes, ReplaceUser{Before: before, After: after, Counted: promoted})...)
	})
	return after, err
}

// authorizeUserChange reads a user whom the caller wants to change, together
// with refs, with a prefetch.
func (r *Rules) authorizeUserChange(ctx context.Context, by Caller, id uuid.UUID, version int64, extra prefetch, refs ...Ref) (who principal, user User, err error) {
	if who, err = r.authorizePrefetching(ctx, by, []string{permission.AdministerUsers}, extra, append(refs, UserRef(by.Org, id))...); err != nil {
		return principal{}, User{}, err
	}
	if user, err = who.view.User(ctx, who.Org, id); err != nil {
		return who, User{}, err
	}
	return who, user, checkVersion(version, user.Version, SubjectUser)
}
