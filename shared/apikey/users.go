package apikey

import (
	"context"
	"slices"

	"github.com/keyward/keyward/shared/keytext"
)

// usersVisible are the permissions to see users.
var usersVisible = []string{AdministerUsers, AdministerAPIKeys}

// UserPage is a part of a listing of users; Next is where the next one starts,
// nil after the last.
type UserPage struct {
	Users []User
	Next  *keytext.ID
	Names Names
}

// CreateUser adds a person to the organization. The caller must hold all that
// the user will hold, and only an OWNER makes an OWNER. Errors:
// [Unauthenticated], [Forbidden], [Invalid], [NotHeld], [NameTaken],
// [Unavailable].
func (k *Keys) CreateUser(ctx context.Context, by Caller, draft UserDraft) (user User, err error) {
	err = retryStale(ctx, func() error {
		who, err := k.allowed(ctx, by, AdministerUsers)
		if err != nil {
			return err
		}
		id, err := keytext.NewID(k.Entropy)
		if err != nil {
			return Failed("read entropy", err)
		}
		user = User{ID: id, Org: who.Org, CreatedBy: who.actor, CreatedOn: k.now(), Version: 1}
		writes, conditions, err := k.fillUser(ctx, who, User{}, &user, draft)
		if err != nil {
			return err
		}
		return k.change(ctx, who, ActionCreateUser, id.String(), nil, user.facts(), conditions, append(writes, CreateUser{user})...)
	})
	return user, err
}

// fillUser puts a draft's values into a user, and returns what else changes with
// it, and the conditions under which it may.
func (k *Keys) fillUser(ctx context.Context, who acting, before User, user *User, d UserDraft) (writes, conditions []Write, err error) {
	org, err := k.organization(ctx, who.Org)
	if err != nil {
		return nil, nil, err
	}
	faults := append(checkEmail("email", d.Email), requireName("name", d.Name)...)
	if !slices.Contains(Roles, d.Role) {
		faults = append(faults, FieldError{"role", FieldValue, "role is OWNER, ADMIN, MANAGER or MEMBER."})
	}
	faults = append(faults, unknownPermissions(d.Permissions.Without(before.Permissions), org.declares())...)
	if !d.Policy.IsZero() {
		policy, err := k.policy(ctx, org.ID, d.Policy)
		switch {
		case err == nil && !policy.Deleted:
			conditions = append(conditions, RequirePolicy{org.ID, policy.ID, policy.Version})
		case err == nil || KindOf(err) == NotFound:
			faults = append(faults, FieldError{"policyId", FieldPolicy, "There is no such policy."})
		default:
			return nil, nil, err
		}
	}
	if err := refuse(faults); err != nil {
		return nil, nil, err
	}
	user.Email, user.Claim, user.Name, user.Role = d.Email, EmailClaim(d.Email), d.Name, d.Role
	user.Permissions, user.Policy = d.Permissions, d.Policy
	if err := k.mayRaise(ctx, who, before, *user); err != nil {
		return nil, nil, err
	}
	return k.withOrganization(ctx, org, before, *user, conditions)
}

// mayRaise refuses a user who would hold what the caller does not, and any
// change of an OWNER by anybody else. A new address counts as a new holder of
// all that the user holds: whoever has it signs in as the user.
func (k *Keys) mayRaise(ctx context.Context, who acting, before, after User) error {
	if (before.Role == RoleOwner || after.Role == RoleOwner) && !who.owner() {
		return &Error{Kind: NotHeld, Detail: "Only an OWNER can make or change an OWNER.",
			Fields: []FieldError{{"role", FieldNotHeld, "You are not an OWNER."}}}
	}
	held := Grant{}
	if before.Org != "" && before.Claim == after.Claim {
		var err error
		if held, err = ResolveUser(ctx, k.Store, before); err != nil {
			return err
		}
	}
	grant, err := ResolveUser(ctx, k.Store, after)
	if err != nil {
		return err
	}
	return who.mayGrant(grant.Permissions.Without(held.Permissions))
}

// withOrganization keeps the organization's count of OWNERs and its
// representative right when a user changes from before to after; the zero User
// stands for none.
func (k *Keys) withOrganization(ctx context.Context, org Organization, before, after User, conditions []Write) (writes, all []Write, err error) {
	next := org
	if before.Role == RoleOwner {
		next.Owners--
	}
	if after.Role == RoleOwner {
		next.Owners++
	}
	if next.Owners < 1 {
		return nil, nil, &Error{Kind: InUse, Subject: SubjectOrganization, Use: &Use{}, Detail: "An organization keeps at least one OWNER."}
	}
	if before.Role.represents() != after.Role.represents() {
		if next.Representative, err = k.representative(ctx, org.ID, before, after); err != nil {
			return nil, nil, err
		}
	}
	if next.Owners == org.Owners && next.Representative == org.Representative {
		return nil, append(conditions, RequireOrganization{org.ID, org.Version}), nil
	}
	next.Version++
	return []Write{ReplaceOrganization{org, next}}, conditions, nil
}

// representative is the first user who is OWNER or ADMIN, once before has become
// after.
func (k *Keys) representative(ctx context.Context, org OrgID, before, after User) (keytext.ID, error) {
	var first User
	look := func(user User) {
		earlier := user.CreatedOn.Before(first.CreatedOn) || user.CreatedOn.Equal(first.CreatedOn) && user.ID.String() < first.ID.String()
		if user.Role.represents() && (first.ID.IsZero() || earlier) {
			first = user
		}
	}
	if !after.ID.IsZero() {
		look(after)
	}
	err := k.everyUser(ctx, org, func(user User) error {
		if user.ID != before.ID && user.ID != after.ID {
			look(user)
		}
		return nil
	})
	return first.ID, err
}

// everyUser calls each for all users of an organization.
func (k *Keys) everyUser(ctx context.Context, org OrgID, each func(User) error) error {
	var after keytext.ID
	for more := true; more; {
		var users []User
		var err error
		if users, more, err = k.Store.Users(ctx, org, after, MaxPage); err != nil {
			return err
		}
		for _, user := range users {
			if err := each(user); err != nil {
				return err
			}
			after = user.ID
		}
		more = more && len(users) > 0
	}
	return nil
}

// ListUsers returns up to limit users by id. Errors: [Unauthenticated],
// [Forbidden], [Invalid], [Unavailable].
func (k *Keys) ListUsers(ctx context.Context, by Caller, after keytext.ID, limit int) (UserPage, error) {
	if err := checkLimit(limit); err != nil {
		return UserPage{}, err
	}
	who, err := k.allowed(ctx, by, usersVisible...)
	if err != nil {
		return UserPage{}, err
	}
	users, more, err := k.Store.Users(ctx, who.Org, after, limit)
	if err != nil {
		return UserPage{}, err
	}
	page := UserPage{Users: users, Names: Names{Policies: map[keytext.ID]string{}}}
	if more && len(users) > 0 {
		page.Next = &users[len(users)-1].ID
	}
	for _, user := range users {
		if err := k.policyName(ctx, page.Names, who.Org, user.Policy); err != nil {
			return UserPage{}, err
		}
	}
	return page, nil
}

// GetUser returns a user. Errors: [Unauthenticated], [Forbidden], [NotFound],
// [Unavailable].
func (k *Keys) GetUser(ctx context.Context, by Caller, id keytext.ID) (User, error) {
	who, err := k.allowed(ctx, by, usersVisible...)
	if err != nil {
		return User{}, err
	}
	return k.user(ctx, who.Org, id)
}

func (k *Keys) user(ctx context.Context, org OrgID, id keytext.ID) (User, error) {
	if id.IsZero() {
		return User{}, NoSuch(SubjectUser)
	}
	user, err := k.Store.User(ctx, org, id)
	if err != nil && KindOf(err) == NotFound {
		return User{}, NoSuch(SubjectUser)
	}
	return user, err
}

// ReplaceUser puts draft in the place of all that a caller can write of a user.
// The user's personal keys can do what the user can, within the revocation
// bound; when the user becomes an OWNER, they are disabled if somebody who is no
// OWNER made one of them.
// Errors: those of [Keys.CreateUser], and [NotFound],
// [PreconditionFailed], and [InUse] for the last OWNER.
func (k *Keys) ReplaceUser(ctx context.Context, by Caller, id keytext.ID, version int64, draft UserDraft) (after User, err error) {
	err = retryStale(ctx, func() error {
		who, err := k.allowed(ctx, by, AdministerUsers)
		if err != nil {
			return err
		}
		before, err := k.user(ctx, who.Org, id)
		if err != nil {
			return err
		}
		if err := expect(version, before.Version, SubjectUser); err != nil {
			return err
		}
		after = before
		writes, conditions, err := k.fillUser(ctx, who, before, &after, draft)
		if err != nil {
			return err
		}
		after.LastModifiedBy, after.LastModifiedOn = who.actor, k.now()
		after.Version++
		audit, err := k.record(who, ActionUpdateUser, id.String(), before.facts(), after.facts())
		if err != nil {
			return err
		}
		audits := []AuditRecord{audit}
		if after.Role == RoleOwner && before.Role != RoleOwner {
			disabled, records, err := k.disableLent(ctx, who, before)
			if err != nil {
				return err
			}
			writes, audits = append(writes, disabled...), append(audits, records...)
		}
		return k.commit(ctx, audits, append(conditions, who.requires()...), append(writes, ReplaceUser{before, after})...)
	})
	return after, err
}

// DeleteUser removes a user and disables the user's personal keys in the same
// transaction (the Supermetrics document). Errors: [Unauthenticated],
// [Forbidden], [NotHeld], [NotFound], [PreconditionFailed], [InUse] for the last
// OWNER, [Unavailable].
func (k *Keys) DeleteUser(ctx context.Context, by Caller, id keytext.ID, version int64) error {
	return retryStale(ctx, func() error {
		who, err := k.allowed(ctx, by, AdministerUsers)
		if err != nil {
			return err
		}
		user, err := k.user(ctx, who.Org, id)
		if err != nil {
			return err
		}
		if err := expect(version, user.Version, SubjectUser); err != nil {
			return err
		}
		if user.Role == RoleOwner && !who.owner() {
			return &Error{Kind: NotHeld, Detail: "Only an OWNER can remove an OWNER."}
		}
		org, err := k.organization(ctx, who.Org)
		if err != nil {
			return err
		}
		writes, conditions, err := k.withOrganization(ctx, org, user, User{}, nil)
		if err != nil {
			return err
		}
		audit, err := k.record(who, ActionDeleteUser, id.String(), user.facts(), nil)
		if err != nil {
			return err
		}
		disabled, audits, err := k.disableKeys(ctx, who, user, true)
		if err != nil {
			return err
		}
		writes = append(append(writes, DeleteUser{user}), disabled...)
		return k.commit(ctx, append([]AuditRecord{audit}, audits...), append(conditions, who.requires()...), writes...)
	})
}

// disableLent are the writes that disable all personal keys of a user who
// becomes an OWNER, and their records, if any of them was made by somebody who
// could not have made an OWNER's: the others may have been made with that one.
func (k *Keys) disableLent(ctx context.Context, who acting, user User) (writes []Write, audits []AuditRecord, err error) {
	found, lent := 0, false
	err = k.everyKey(ctx, user.Org, KeyFilter{OnBehalfOf: user.ID}, func(key Key) error {
		if key.Type != TypePersonal {
			return nil
		}
		found++
		trusted, err := k.trustedMaker(ctx, user, key.CreatedBy)
		lent = lent || !trusted
		return err
	})
	switch {
	case err != nil:
		return nil, nil, err
	case found != user.KeyCount:
		return nil, nil, StaleError()
	case !lent:
		return nil, nil, nil
	}
	return k.disableKeys(ctx, who, user, false)
}

// trustedMaker reports whether a key's maker is the user, an OWNER, or an
// operator, who alone has no id.
func (k *Keys) trustedMaker(ctx context.Context, user User, maker Actor) (bool, error) {
	if maker.UserID == user.ID.String() || maker == bootstrapper {
		return true, nil
	}
	id, err := keytext.ParseID(maker.UserID)
	if err != nil {
		return false, nil
	}
	found, err := k.Store.User(ctx, user.Org, id)
	if err != nil && KindOf(err) == NotFound {
		return false, nil
	}
	return err == nil && found.Role == RoleOwner, err
}

// disableKeys are the writes that disable a user's personal keys, and their
// records; orphan makes them nobody's. A listing that does not show all of them
// yet is [Stale].
func (k *Keys) disableKeys(ctx context.Context, who acting, user User, orphan bool) (writes []Write, audits []AuditRecord, err error) {
	found := 0
	err = k.everyKey(ctx, user.Org, KeyFilter{OnBehalfOf: user.ID}, func(listed Key) error {
		before, err := k.Store.Key(ctx, listed.ID)
		if err != nil && KindOf(err) != NotFound {
			return err
		}
		if err != nil || before.Type != TypePersonal || before.OnBehalfOf != user.ID {
			return nil
		}
		found++
		if before.Disabled && !orphan {
			return nil
		}
		after := before
		after.Disabled = true
		if orphan {
			after.OnBehalfOf = keytext.ID{}
		}
		after.LastModifiedBy, after.LastModifiedOn = who.actor, k.now()
		after.Version++
		audit, err := k.record(who, ActionUpdateKey, after.ID.String(), before.facts(), after.facts())
		if err != nil {
			return err
		}
		writes, audits = append(writes, ReplaceKey{before, after}), append(audits, audit)
		return nil
	})
	if err != nil {
		return nil, nil, err
	}
	if found != user.KeyCount {
		return nil, nil, StaleError()
	}
	return writes, audits, nil
}
