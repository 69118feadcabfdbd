package command

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/keyward/keyward/shared/client"
	"github.com/keyward/keyward/shared/cmd/keyward/failure"
	"github.com/keyward/keyward/shared/cmd/keyward/output"
	"github.com/keyward/keyward/shared/uuid"
)

var (
	keyStates = []string{"active", "disabled", "expired", "notYet", "overlap", "deleted"}
	keyTypes  = []string{"service", "personal", "shared"}
)

func (p *program) keysCommand() *cobra.Command {
	all := func(ctx context.Context, c *client.Client) items[client.Key] { return c.Keys.All(ctx, nil) }
	byID := completeIDs(p, all, func(k client.Key) (id, name string) { return k.ID, k.Name })
	c := group("keys", "Create, list, change, rotate and delete keys",
		p.keysListCommand(), p.keysGetCommand(), p.keysCreateCommand(), p.keysUpdateCommand(), p.keysRotateCommand(), p.keysEndPreviousCommand(),
		p.keysEnableCommand("disable", "Refuse a key until it is enabled again", false), p.keysEnableCommand("enable", "Enable a disabled key", true),
		p.keysDeleteCommand(), p.keysRestoreCommand(), p.keysUsageCommand(), p.keysPropagationCommand(),
	)
	for _, one := range c.Commands() {
		if one.Name() != "list" && one.Name() != "create" {
			one.Args, one.RunE, one.ValidArgsFunction = oneKey, p.byKey(one.RunE), byID
		}
	}
	return c
}

// stateOf returns one word for whether a key can be used.
func stateOf(k client.Key) string {
	now := time.Now()
	switch {
	case !k.DeletedOn.IsZero():
		return "deleted"
	case k.Enabled != nil && !*k.Enabled:
		return "disabled"
	case !k.ExpiresOn.IsZero() && !now.Before(k.ExpiresOn):
		return "expired"
	case k.NotBefore.After(now):
		return "notYet"
	case k.Exposure != nil:
		return "exposed"
	}
	return "active"
}

var keyColumns = []output.Column[client.Key]{
	column("id", func(k client.Key) string { return k.ID }),
	column("name", func(k client.Key) string { return k.Name }),
	column("key", func(k client.Key) string { return k.RedactedAPIKey }),
	column("state", stateOf),
	column("expires", func(k client.Key) string { return when(k.ExpiresOn) }),
	column("lastUsed", func(k client.Key) string { return when(k.LastUsedOn) }),
}

var keyFields = append(append([]output.Column[client.Key]{}, keyColumns...),
	column("description", func(k client.Key) string { return k.Description }),
	column("type", func(k client.Key) string { return string(k.Type) }),
	column("permissions", func(k client.Key) string { return joined(k.Permissions) }),
	column("policy", func(k client.Key) string { return cmp.Or(k.PolicyName, k.PolicyID) }),
	column("onBehalfOf", func(k client.Key) string { return cmp.Or(k.OnBehalfOfEmail, k.OnBehalfOf) }),
	column("services", func(k client.Key) string { return joined(k.Services) }),
	column("allowIps", func(k client.Key) string { return joined(k.AllowIps) }),
	column("notBefore", func(k client.Key) string { return when(k.NotBefore) }),
	column("lastUsedFrom", func(k client.Key) string { return k.LastUsedFrom }),
	column("createdBy", func(k client.Key) string { return k.CreatedBy.Username }),
	column("created", func(k client.Key) string { return when(k.CreatedOn) }),
	column("restorableUntil", func(k client.Key) string { return when(k.PurgeOn) }),
)

func (p *program) keysListCommand() *cobra.Command {
	var q client.ListKeysParams
	var state, sort, expires, unused string
	var descending, never bool
	var limit int
	c := &cobra.Command{Use: "list", Short: "List keys", Args: cobra.NoArgs, Example: "  keyward keys list --state disabled -o csv\n  keyward keys list --unused-for 90d --sort lastUsedOn"}
	f := c.Flags()
	f.StringVar(&q.Q, "search", "", "only keys whose name contains this")
	f.StringVar(&q.Name, "name", "", "only the key of this name")
	f.StringVar(&state, "state", "", "only keys of this state")
	f.StringVar(&q.PolicyID, "policy", "", "only keys with this policy (id)")
	f.StringVar(&q.OnBehalfOf, "user", "", "only keys of this user (id)")
	f.StringVar(&q.CreatedBy, "created-by", "", "only keys that this user or key created (id)")
	f.StringVar(&q.Service, "service", "", "only keys that can be used on this service (id)")
	f.StringVar(&expires, "expires-before", "", "only keys that expire before this time, or in this time")
	f.StringVar(&unused, "unused-for", "", "only keys that were not used for so long")
	f.BoolVar(&never, "never-used", false, "only keys that were never used")
	f.StringVar(&sort, "sort", "", "order: name, createdOn, lastUsedOn or expiresOn")
	f.BoolVar(&descending, "descending", false, "reverse the order")
	f.IntVar(&limit, "limit", 0, "print at most so many (default all)")
	complete(c, "state", func() []string { return keyStates })
	complete(c, "sort", func() []string { return []string{"name", "createdOn", "lastUsedOn", "expiresOn"} })
	c.RunE = run(func(ctx context.Context, _ []string) error {
		var err error
		set(&q.State, state)
		set(&q.Sort, sort)
		if descending {
			set(&q.Order, "desc")
		}
		if never {
			q.NeverUsed = &never
		}
		if expires != "" {
			if q.ExpiresBefore, err = parseTime("expires-before", expires, time.Now()); err != nil {
				return err
			}
		}
		if unused != "" {
			d, err := parseDuration("unused-for", unused)
			if err != nil {
				return err
			}
			q.UnusedSince = time.Now().Add(-d).UTC().Truncate(time.Second)
		}
		return list(ctx, p, keyColumns, limit, func(c *client.Client) items[client.Key] { return c.Keys.All(ctx, &q) })
	})
	return c
}

func (p *program) keysGetCommand() *cobra.Command {
	return &cobra.Command{Use: "get ID|NAME", Short: "Show a key", RunE: run(func(ctx context.Context, args []string) error {
		return show(p, keyFields, func(c *client.Client) (*client.Key, error) { return c.Keys.Get(ctx, args[0]) })
	})}
}

func (p *program) keysEndPreviousCommand() *cobra.Command {
	return &cobra.Command{
		Use: "end-previous ID|NAME", Short: "End the previous secret of a rotated key now",
		RunE: run(func(ctx context.Context, args []string) error {
			return p.change(ctx, fmt.Sprintf("End the previous secret of the key %s? Whoever still uses it is refused.", args[0]), "Ended the previous secret.",
				func(c *client.Client) error { return c.Keys.EndPreviousSecret(ctx, args[0], nil) })
		}),
	}
}

func (p *program) keysEnableCommand(use, short string, enabled bool) *cobra.Command {
	var force bool
	c := &cobra.Command{Use: use + " ID|NAME", Short: short}
	c.RunE = run(func(ctx context.Context, args []string) error {
		question := ""
		if !enabled {
			question = p.questionOf(args[0], "Disable the key %s? Whoever uses it is refused.")
		}
		return p.change(ctx, question, fmt.Sprintf("The key is %sd.", use), func(c *client.Client) error {
			_, err := c.Keys.Patch(ctx, args[0], client.KeyPatch{Enabled: client.Set(enabled)}, &client.PatchKeyParams{Force: force})
			return err
		})
	})
	if !enabled {
		c.Flags().BoolVar(&force, "force", false, "even if it is the last key that can administer keys")
	}
	return c
}

func (p *program) keysDeleteCommand() *cobra.Command {
	var force bool
	c := &cobra.Command{Use: "delete ID|NAME", Short: "Delete a key; it can be restored for a time"}
	c.RunE = run(func(ctx context.Context, args []string) error {
		return p.change(ctx, p.questionOf(args[0], "Delete the key %s? Whoever uses it is refused."), "Deleted.", func(c *client.Client) error {
			return c.Keys.Delete(ctx, args[0], &client.DeleteKeyParams{Force: force})
		})
	})
	c.Flags().BoolVar(&force, "force", false, "even if it is the last key that can administer keys")
	return c
}

func (p *program) keysRestoreCommand() *cobra.Command {
	return &cobra.Command{Use: "restore ID|NAME", Short: "Restore a deleted key, disabled", RunE: run(func(ctx context.Context, args []string) error {
		return show(p, keyFields, func(c *client.Client) (*client.Key, error) { return c.Keys.Restore(ctx, args[0]) })
	})}
}

func (p *program) keysUsageCommand() *cobra.Command {
	var by, from, to string
	c := &cobra.Command{Use: "usage ID|NAME", Short: "Show what a key was used for"}
	c.Flags().StringVar(&by, "by", "day", "count by day or hour")
	c.Flags().StringVar(&from, "from", "", "from this time (default 7 days ago)")
	c.Flags().StringVar(&to, "to", "", "until this time (default now)")
	complete(c, "by", func() []string { return []string{"day", "hour"} })
	c.RunE = run(func(ctx context.Context, args []string) error {
		var q client.KeyUsageParams
		set(&q.By, by)
		if err := times(map[string]timeFlag{"from": {from, &q.From}, "to": {to, &q.To}}); err != nil {
			return err
		}
		return p.usage(ctx, args[0], q)
	})
	return c
}

func (p *program) keysPropagationCommand() *cobra.Command {
	return &cobra.Command{
		Use: "propagation ID|NAME", Short: "Show in which regions the newest version of a key counts",
		RunE: run(func(ctx context.Context, args []string) error { return p.propagation(ctx, args[0]) }),
	}
}

// oneID takes one argument: the id of something, and never its text.
func oneID(what string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) != 1 {
			return failure.Usagef("pass one argument: the id of the %s", what)
		}
		if _, err := uuid.Parse(args[0]); err != nil {
			return failure.Usagef("the id of a %s is a UUID, such as 94d470ba-700e-4034-ad17-4326aa3493a2", what)
		}
		return nil
	}
}
