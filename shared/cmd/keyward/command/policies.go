package command

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/keyward/keyward/shared/client"
	"github.com/keyward/keyward/shared/cmd/keyward/failure"
	"github.com/keyward/keyward/shared/cmd/keyward/output"
)

var policyColumns = []output.Column[client.Policy]{
	column("id", func(p client.Policy) string { return p.ID }),
	column("name", func(p client.Policy) string { return p.Name }),
	column("permissions", func(p client.Policy) string { return joined(p.Permissions) }),
	column("keys", func(p client.Policy) string { return number(p.KeyCount) }),
}

var policyFields = append(append([]output.Column[client.Policy]{}, policyColumns...),
	column("description", func(p client.Policy) string { return p.Description }),
	column("createdBy", func(p client.Policy) string { return p.CreatedBy.Username }),
	column("created", func(p client.Policy) string { return when(p.CreatedOn) }),
)

func (p *program) policiesCommand() *cobra.Command {
	all := func(ctx context.Context, c *client.Client) items[client.Policy] { return c.Policies.All(ctx, nil) }
	byID := completeIDs(p, all, func(p client.Policy) (id, name string) { return p.ID, p.Name })
	get := &cobra.Command{Use: "get ID", Short: "Show a policy", Args: oneID("policy"), ValidArgsFunction: byID, RunE: run(func(ctx context.Context, args []string) error {
		return show(p, policyFields, func(c *client.Client) (*client.Policy, error) { return c.Policies.Get(ctx, args[0]) })
	})}
	update, remove := p.policiesUpdateCommand(), p.policiesDeleteCommand()
	update.ValidArgsFunction, remove.ValidArgsFunction = byID, byID
	return group("policies", "Create, list, change and delete policies", listCommand(p, "List policies", policyColumns, all), get, p.policiesCreateCommand(), update, remove)
}

func (p *program) policiesCreateCommand() *cobra.Command {
	var body client.NewPolicy
	c := &cobra.Command{
		Use: "create NAME", Short: "Create a policy: permissions that keys share", Args: cobra.ExactArgs(1),
		RunE: run(func(ctx context.Context, args []string) error {
			body.Name = args[0]
			return show(p, policyFields, func(c *client.Client) (*client.Policy, error) { return c.Policies.Create(ctx, body) })
		}),
	}
	c.Flags().StringVar(&body.Description, "description", "", "a text for people")
	c.Flags().StringSliceVar(&body.Permissions, "permission", nil, "permission (repeat, or separate by commas)")
	_ = c.MarkFlagRequired("permission")
	complete(c, "permission", p.permissionNames)
	return c
}

func (p *program) policiesUpdateCommand() *cobra.Command {
	var name, description string
	var permissions []string
	var force bool
	c := &cobra.Command{Use: "update ID", Short: "Change a policy; what is not named stays", Args: oneID("policy")}
	c.Flags().StringVar(&name, "name", "", "its name")
	c.Flags().StringVar(&description, "description", "", "a text for people")
	c.Flags().StringSliceVar(&permissions, "permission", nil, "all its permissions (repeat, or separate by commas)")
	c.Flags().BoolVar(&force, "force", false, "even if no key can administer keys any more")
	complete(c, "permission", p.permissionNames)
	c.RunE = run(func(ctx context.Context, args []string) error {
		var patch client.PolicyPatch
		some := setIf(c, "name", &patch.Name, name)
		some = setIf(c, "description", &patch.Description, description) || some
		some = setIf(c, "permission", &patch.Permissions, permissions) || some
		if !some {
			return failure.Usagef("there is nothing to change: pass at least one flag")
		}
		return show(p, policyFields, func(keyward *client.Client) (*client.Policy, error) {
			return keyward.Policies.Patch(ctx, args[0], patch, &client.PatchPolicyParams{Force: force})
		})
	})
	return c
}

// setIf sets a member of a patch if its flag was given.
func setIf[T any](c *cobra.Command, flag string, member *client.Change[T], value T) bool {
	if !c.Flags().Changed(flag) {
		return false
	}
	*member = client.Set(value)
	return true
}

func (p *program) policiesDeleteCommand() *cobra.Command {
	var withKeys, force bool
	c := &cobra.Command{Use: "delete ID", Short: "Delete a policy", Args: oneID("policy")}
	c.Flags().BoolVar(&withKeys, "with-keys", false, "delete its keys, too")
	c.Flags().BoolVar(&force, "force", false, "even if no key can administer keys any more")
	c.RunE = run(func(ctx context.Context, args []string) error {
		return p.change(ctx, "Delete this policy?", "Deleted.", func(c *client.Client) error {
			params := client.DeletePolicyParams{Force: force}
			err := c.Policies.Delete(ctx, args[0], &params)
			inUse, used := errors.AsType[*client.Error](err)
			if !used || inUse.InUse == nil || inUse.InUse.Confirm == "" || !withKeys {
				return err
			}
			if err := p.terminal.Confirm(p.yes, fmt.Sprintf("Delete %d keys with it?", inUse.InUse.Keys)); err != nil {
				return err
			}
			params.Confirm = inUse.InUse.Confirm
			return c.Policies.Delete(ctx, args[0], &params)
		})
	})
	return c
}
