package command

import (
	"cmp"
	"context"

	"github.com/spf13/cobra"

	"github.com/keyward/keyward/shared/client"
	"github.com/keyward/keyward/shared/cmd/keyward/failure"
	"github.com/keyward/keyward/shared/cmd/keyward/output"
)

var roles = []string{"OWNER", "ADMIN", "MANAGER", "MEMBER"}

var userColumns = []output.Column[client.User]{
	column("id", func(u client.User) string { return u.ID }),
	column("email", func(u client.User) string { return u.Email }),
	column("name", func(u client.User) string { return u.Name }),
	column("role", func(u client.User) string { return string(u.Role) }),
	column("keys", func(u client.User) string { return number(u.KeyCount) }),
}

var userFields = append(append([]output.Column[client.User]{}, userColumns...),
	column("permissions", func(u client.User) string { return joined(u.Permissions) }),
	column("policy", func(u client.User) string { return cmp.Or(u.PolicyName, u.PolicyID) }),
	column("created", func(u client.User) string { return when(u.CreatedOn) }),
)

func (p *program) usersCommand() *cobra.Command {
	all := func(ctx context.Context, c *client.Client) items[client.User] { return c.Users.All(ctx, nil) }
	byID := completeIDs(p, all, func(u client.User) (id, name string) { return u.ID, u.Email })
	get := &cobra.Command{Use: "get ID", Short: "Show a user", Args: oneID("user"), RunE: run(func(ctx context.Context, args []string) error {
		return show(p, userFields, func(c *client.Client) (*client.User, error) { return c.Users.Get(ctx, args[0]) })
	})}
	var force bool
	remove := &cobra.Command{Use: "delete ID", Short: "Remove a user; their personal keys are disabled", Args: oneID("user"), RunE: run(func(ctx context.Context, args []string) error {
		return p.change(ctx, "Remove this user? Their personal keys are refused from then on.", "Removed.", func(c *client.Client) error {
			return c.Users.Delete(ctx, args[0], &client.DeleteUserParams{Force: force})
		})
	})}
	remove.Flags().BoolVar(&force, "force", false, "even if no key can administer keys any more")
	update := p.usersUpdateCommand()
	for _, c := range []*cobra.Command{get, update, remove} {
		c.ValidArgsFunction = byID
	}
	return group("users", "Create, list, change and remove users", listCommand(p, "List users", userColumns, all), get, p.usersCreateCommand(), update, remove)
}

func (p *program) usersCreateCommand() *cobra.Command {
	var body client.NewUser
	var role string
	c := &cobra.Command{
		Use: "create EMAIL", Short: "Create a user", Args: cobra.ExactArgs(1),
		RunE: run(func(ctx context.Context, args []string) error {
			body.Email = args[0]
			set(&body.Role, role)
			if body.Name == "" {
				body.Name = body.Email
			}
			return show(p, userFields, func(c *client.Client) (*client.User, error) { return c.Users.Create(ctx, body) })
		}),
	}
	c.Flags().StringVar(&body.Name, "name", "", "a name for people (default the e-mail address)")
	c.Flags().StringVar(&role, "role", "MEMBER", "OWNER, ADMIN, MANAGER or MEMBER")
	c.Flags().StringSliceVar(&body.Permissions, "permission", nil, "permission besides those of the role (repeat, or separate by commas)")
	c.Flags().StringVar(&body.PolicyID, "policy", "", "policy whose permissions they also have (id)")
	complete(c, "role", func() []string { return roles })
	complete(c, "permission", p.permissionNames)
	return c
}

func (p *program) usersUpdateCommand() *cobra.Command {
	var name, email, role, policy string
	var permissions []string
	var force bool
	c := &cobra.Command{Use: "update ID", Short: "Change a user; what is not named stays", Args: oneID("user")}
	f := c.Flags()
	f.StringVar(&name, "name", "", "a name for people")
	f.StringVar(&email, "email", "", "e-mail address")
	f.StringVar(&role, "role", "", "OWNER, ADMIN, MANAGER or MEMBER")
	f.StringSliceVar(&permissions, "permission", nil, "all permissions besides those of the role (repeat, or separate by commas)")
	f.StringVar(&policy, "policy", "", `policy whose permissions they also have (id); "" for none`)
	f.BoolVar(&force, "force", false, "even if no key can administer keys any more")
	complete(c, "role", func() []string { return roles })
	complete(c, "permission", p.permissionNames)
	c.RunE = run(func(ctx context.Context, args []string) error {
		var patch client.UserPatch
		some := setIf(c, "name", &patch.Name, name)
		some = setIf(c, "email", &patch.Email, email) || some
		some = setIf(c, "role", &patch.Role, client.Role(role)) || some
		some = setIf(c, "permission", &patch.Permissions, permissions) || some
		some = setIf(c, "policy", &patch.PolicyID, policy) || some
		if !some {
			return failure.Usagef("there is nothing to change: pass at least one flag")
		}
		if c.Flags().Changed("policy") && policy == "" {
			patch.PolicyID = client.Clear[string]()
		}
		return show(p, userFields, func(keyward *client.Client) (*client.User, error) {
			return keyward.Users.Patch(ctx, args[0], patch, &client.PatchUserParams{Force: force})
		})
	})
	return c
}
