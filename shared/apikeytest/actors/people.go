package actors

import (
	"context"
	"fmt"
	"slices"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/permission"
	"github.com/keyward/keyward/shared/routing"
	"github.com/keyward/keyward/shared/uuid"
)

// post is a person's position in a new organization: a user with that role, or
// a service key if there is no role. Its permissions are its own, or those of a
// policy.
type post struct {
	name   string
	role   apikey.Role
	own    powers
	policy bool
}

// posts holds a post for each person. The operator creates the first one.
var posts = []post{
	{name: "Olga", role: apikey.RoleOwner},
	{name: "Adam", role: apikey.RoleAdmin},
	{name: "Mona", role: apikey.RoleManager, own: powersOf("ManageFiles")},
	{name: "Uma", role: apikey.RoleMember, own: powersOf(permission.AdministerUsers)},
	{name: "Ivy", role: apikey.RoleMember, own: powersOf(permission.AdministerUsers, permission.ManageAPIKeys, "ViewTables"), policy: true},
	{name: "Eve", role: apikey.RoleMember},
	{name: "Kit", own: powersOf(permission.AdministerAPIKeys)},
	{name: "Max", own: powersOf(permission.ManageAPIKeys)},
	{name: "Pol", own: powersOf(permission.AdministerPolicies), policy: true},
	{name: "Sam", own: powersOf(permission.AdministerServices)},
	{name: "Rev", own: powersOf(permission.RevealAPIKeys, permission.AdministerAPIKeys)},
	{name: "Tom", own: powersOf(permission.ReadAPIKeysScope, permission.WriteAPIKeysScope)},
}

// establish creates the organization, its people and their posts. It also
// creates another organization, of which nobody here may see or change
// anything.
func (e *episode) establish(ctx context.Context) {
	other := *e.rules
	other.Store = e.store
	theirs, err := other.Bootstrap(ctx, setup(stranger))
	if err != nil {
		e.fail(err)
		return
	}
	e.foreignKey, e.foreignUser = theirs.Admin.Key.ID, theirs.Owner.ID

	e.calls = []*call{{}}
	ours, err := e.rules.Bootstrap(ctx, setup(demo))
	e.calls = nil
	if err != nil {
		e.fail(err)
		return
	}
	for _, p := range posts {
		e.people = append(e.people, &person{p.name, []string{address(p.name), address(p.name + ".again")}})
	}
	first := e.key(ours.Admin.Key.ID)
	first.text, first.seen = ours.Admin.Text.Reveal(), []sight{{e.people[0], first.open, 1}}
	for i, p := range posts {
		if i > 0 && e.fault == nil {
			e.employ(ctx, e.people[i], p)
		}
	}
}

func address(name string) string { return name + "@example.com" }

// setup returns the setup of an organization with an OWNER, the OWNER's key and
// two services.
func setup(org apikey.OrgID) apikey.Setup {
	s := apikey.Setup{
		Organization: org, KeyPrefix: "kw", MaxKeys: 15, Recoverable: true, OwnerEmail: address(posts[0].name), OwnerName: "u-" + posts[0].name, AdminKey: "k-" + posts[0].name,
	}
	for _, id := range services {
		s.Services = append(s.Services, apikey.SetupService{ID: id, ServiceDraft: service(org, id, 2)})
	}
	return s
}

var services = []string{"files", "tables"}

// service returns one of the two services, with that many of its permissions.
func service(org apikey.OrgID, id string, declares int) apikey.ServiceDraft {
	all := map[string][]string{"files": {"ManageFiles"}, "tables": {"ManageTables", "ViewTables"}}[id]
	draft := apikey.ServiceDraft{Name: id, APIs: []routing.API{{Account: "123456789012", ID: id + "-" + string(org)}}}
	for _, name := range all[:min(declares, len(all))] {
		draft.Permissions = append(draft.Permissions, apikey.Permission{Name: name})
	}
	return draft
}

// employ makes an OWNER give a person a post: a new user, or a new key that is
// handed over.
func (e *episode) employ(ctx context.Context, who *person, p post) {
	var policy uuid.UUID
	own := p.own
	if p.policy {
		if policy = e.policyOf(ctx, p); policy.IsZero() {
			return
		}
		own = 0
	}
	c := e.ownerCalls()
	if c == nil {
		return
	}
	if p.role != "" {
		e.addUser(ctx, c, apikey.UserDraft{Email: who.addresses[0], Name: e.name("u-" + p.name), Role: p.role, Permissions: own.permissions(), Policy: policy})
		return
	}
	c.may = e.makes(c)
	draft := apikey.Draft{Name: e.name("k-" + p.name), Permissions: own.permissions(), Policy: policy}
	_ = e.attempt(ctx, c, "creates "+e.describe(draft)+" and hands it to "+who.name, func() error {
		minted, err := e.rules.Create(ctx, c.caller(), draft)
		if err == nil {
			e.handOver(e.minted(minted), 1, who)
		}
		return err
	})
}

// reemploy chooses a random person, and gives them their post again if they
// have no valid credential left. It reports whether it did.
func (e *episode) reemploy(ctx context.Context) bool {
	i := 1 + e.random.IntN(len(posts)-1)
	if e.suspended || len(e.ways(e.people[i], true)) > 0 {
		return false
	}
	e.employ(ctx, e.people[i], posts[i])
	return true
}

// policyOf makes an OWNER create the policy of a post, and returns its id.
func (e *episode) policyOf(ctx context.Context, p post) (id uuid.UUID) {
	c := e.ownerCalls()
	if c == nil {
		return id
	}
	c.may = mayWrite(permission.AdministerPolicies)
	draft := apikey.PolicyDraft{Name: e.name("p-" + p.name), Permissions: p.own.permissions()}
	_ = e.attempt(ctx, c, fmt.Sprintf("creates policy %s of %v", draft.Name, draft.Permissions), func() error {
		made, err := e.rules.CreatePolicy(ctx, c.caller(), draft)
		id = made.ID
		return err
	})
	return id
}

// ownerCalls returns a call by an OWNER with an access token; nil if there is
// none.
func (e *episode) ownerCalls() *call {
	for _, u := range e.users {
		if who := e.holder(u); u.Role == apikey.RoleOwner && who != nil {
			return &call{kind: "give a post", person: who, user: u}
		}
	}
	return nil
}

// holder returns the person who has a user's address.
func (w *world) holder(u *user) *person {
	return the(w.people, func(p *person) bool { return slices.Contains(p.addresses, u.Email) })
}

// handOver records that a person got a key's text with that secret, and so
// everything that the key grants.
func (w *world) handOver(k *key, generation int, to *person) {
	held, _ := w.holds(k)
	k.seen = append(k.seen, sight{to, gift{w.changes, held}, generation})
}

// minted records the new text of a key.
func (w *world) minted(m apikey.Minted) *key {
	k := w.key(m.Key.ID)
	if k == nil { // the model refused the change
		return &key{}
	}
	k.text = m.Text.Reveal()
	return k
}
