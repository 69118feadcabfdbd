package actors

import (
	"context"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/permission"
	"github.com/keyward/keyward/shared/uuid"
)

func (e *episode) createUser(ctx context.Context, c *call) {
	if len(e.users) >= maxUsers {
		e.editUser(ctx, c)
		return
	}
	d := apikey.UserDraft{Email: e.anAddress(), Name: e.name("u"), Role: e.aRole(c), Permissions: e.some(c, 2).permissions()}
	if e.oneIn(3) {
		d.Policy = e.aPolicy(c)
	}
	e.addUser(ctx, c, d)
}

func (e *episode) addUser(ctx context.Context, c *call, d apikey.UserDraft) {
	c.may = mayWrite(permission.AdministerUsers)
	_ = e.attempt(ctx, c, "adds user "+d.Name+", "+e.describeUser(d), func() error {
		_, err := e.rules.CreateUser(ctx, c.caller(), d)
		return err
	})
}

// anAddress returns a person's address, mostly one that no user has.
func (e *episode) anAddress() (address string) {
	for range 8 {
		address = pick(e, pick(e, e.people).addresses)
		if the(e.users, func(u *user) bool { return u.Email == address }) == nil {
			break
		}
	}
	return address
}

// editUser changes one or two fields of a user.
func (e *episode) editUser(ctx context.Context, c *call) {
	u := e.user(e.aUser(c))
	d := apikey.UserDraft{Email: e.anAddress(), Name: e.name("u"), Role: apikey.RoleMember}
	id := e.foreignUser
	if u != nil {
		d, id = whole(u), u.ID
	}
	for range 1 + e.random.IntN(2) {
		switch e.random.IntN(6) {
		case 0, 1:
			d.Role = e.aRole(c)
		case 2:
			d.Permissions = (powersOf(d.Permissions...) | e.some(c, 3)).permissions()
		case 3:
			d.Permissions = (powersOf(d.Permissions...) &^ powers(e.random.Uint32())).permissions()
		case 4:
			d.Policy = pick(e, []uuid.UUID{{}, e.aPolicy(c)})
		case 5:
			d.Email = e.anAddress()
		}
	}
	if u != nil && e.oneIn(6) { // directly what the user already has from another source
		d.Permissions = (e.holdsUser(u) &^ owner).permissions()
	}
	e.replaceUser(ctx, c, id, d)
}

func whole(u *user) apikey.UserDraft {
	return apikey.UserDraft{Email: u.Email, Name: u.Name, Role: u.Role, Permissions: u.Permissions, Policy: u.Policy}
}

func (e *episode) replaceUser(ctx context.Context, c *call, id uuid.UUID, d apikey.UserDraft) {
	c.may, c.address = mayWrite(permission.AdministerUsers), d.Email
	_ = e.attempt(ctx, c, "makes "+e.nameOf(id)+" "+e.describeUser(d), func() error {
		_, err := e.rules.ReplaceUser(ctx, c.caller(), id, 0, d)
		return err
	})
}

// narrowUser takes a role, a policy or permissions from a user.
func (e *episode) narrowUser(ctx context.Context, c *call) {
	u := e.user(e.aUser(c))
	if u == nil {
		return
	}
	d := whole(u)
	switch e.random.IntN(4) {
	case 0:
		d.Permissions = nil
	case 1:
		d.Policy = uuid.UUID{}
	case 2:
		d.Role = apikey.RoleMember
	default:
		d.Permissions, d.Policy, d.Role = nil, uuid.UUID{}, apikey.RoleMember
	}
	e.replaceUser(ctx, c, u.ID, d)
}

// promote makes a user an OWNER, or gives an OWNER a lower role.
func (e *episode) promote(ctx context.Context, c *call) {
	u := e.user(e.aUser(c))
	if u == nil {
		return
	}
	d := whole(u)
	if d.Role = apikey.RoleOwner; u.Role == apikey.RoleOwner {
		d.Role = pick(e, apikey.Roles[1:])
	}
	e.replaceUser(ctx, c, u.ID, d)
}

func (e *episode) deleteUser(ctx context.Context, c *call) {
	id := e.aUser(c)
	c.may, c.continues = mayWrite(permission.AdministerUsers), apikey.ActionDeleteUser
	_ = e.attempt(ctx, c, "removes "+e.nameOf(id), func() error { return e.rules.DeleteUser(ctx, c.caller(), id, 0) })
}
