package command

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/keyward/keyward/shared/client"
	"github.com/keyward/keyward/shared/cmd/keyward/failure"
	"github.com/keyward/keyward/shared/cmd/keyward/output"
)

func (p *program) permissionsCommand() *cobra.Command {
	return &cobra.Command{Use: "permissions", Short: "List the permissions that keys can have", Args: cobra.NoArgs, RunE: run(func(ctx context.Context, _ []string) error {
		columns := []output.Column[client.CatalogueEntry]{
			column("name", func(e client.CatalogueEntry) string { return e.Name }),
			column("service", func(e client.CatalogueEntry) string { return e.Service }),
			column("description", func(e client.CatalogueEntry) string { return e.Description }),
		}
		return list(ctx, p, columns, 0, func(c *client.Client) items[client.CatalogueEntry] {
			all, err := c.Permissions(ctx)
			return func(yield func(client.CatalogueEntry, error) bool) {
				if err != nil {
					yield(client.CatalogueEntry{}, err)
					return
				}
				sequence(all)(yield)
			}
		})
	})}
}

// permissionNames returns the names of the permissions, for completion.
func (p *program) permissionNames() []string {
	c, err := p.client()
	if err != nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), completionTimeout)
	defer cancel()
	all, err := c.Permissions(ctx)
	if err != nil {
		return nil
	}
	var found []string
	for _, one := range all {
		found = append(found, cobra.CompletionWithDesc(one.Name, output.Safe(one.Description)))
	}
	return found
}

func (p *program) whoamiCommand() *cobra.Command {
	return &cobra.Command{Use: "whoami", Short: "Show who you are to Keyward, and what you may do", Args: cobra.NoArgs, RunE: run(func(ctx context.Context, _ []string) error {
		fields := []output.Column[client.WhoAmI]{
			column("organization", func(w client.WhoAmI) string { return w.OrgID }),
			column("user", func(w client.WhoAmI) string {
				if w.User == nil {
					return ""
				}
				return w.User.Email + " (" + string(w.User.Role) + ")"
			}),
			column("id", func(w client.WhoAmI) string { return w.ID }),
			column("name", func(w client.WhoAmI) string { return w.Name }),
			column("key", func(w client.WhoAmI) string { return w.RedactedAPIKey }),
			column("expires", func(w client.WhoAmI) string { return when(w.ExpiresOn) }),
			column("permissions", func(w client.WhoAmI) string { return joined(w.Permissions) }),
		}
		return show(p, fields, func(c *client.Client) (*client.WhoAmI, error) { return c.Whoami(ctx) })
	})}
}

func (p *program) auditCommand() *cobra.Command {
	var q client.ListAuditEventsParams
	var from, to string
	var limit int
	c := &cobra.Command{Use: "audit", Short: "List what was changed, by whom and from where, the newest first", Args: cobra.NoArgs}
	c.Example = "  keyward audit --since 24h\n  keyward audit --target 94d470ba-700e-4034-ad17-4326aa3493a2 -o json"
	f := c.Flags()
	var since string
	f.StringVar(&q.Target, "target", "", "only changes of this (id or name)")
	f.StringVar(&q.KeyID, "key", "", "only what was done with this key (id)")
	f.StringVar(&q.Actor, "actor", "", "only what this user or key did (id)")
	f.StringVar(&q.Action, "action", "", "only this action, such as apikey.create")
	f.StringVar(&since, "since", "", "only of the last time, such as 24h or 30d")
	f.StringVar(&from, "from", "", "from this time")
	f.StringVar(&to, "to", "", "until this time")
	f.IntVar(&limit, "limit", 100, "print at most so many; 0 for all")
	c.MarkFlagsMutuallyExclusive("since", "from")
	c.RunE = run(func(ctx context.Context, _ []string) error {
		if err := times(map[string]timeFlag{"from": {from, &q.From}, "to": {to, &q.To}}); err != nil {
			return err
		}
		if since != "" {
			d, err := parseDuration("since", since)
			if err != nil {
				return err
			}
			q.From = time.Now().Add(-d).UTC().Truncate(time.Second)
		}
		columns := []output.Column[client.AuditEvent]{
			column("at", func(e client.AuditEvent) string { return when(e.At) }),
			column("action", func(e client.AuditEvent) string { return e.Action }),
			column("actor", func(e client.AuditEvent) string { return e.Actor.Username }),
			column("target", func(e client.AuditEvent) string { return e.Target }),
			column("source", func(e client.AuditEvent) string { return e.Source }),
			column("changes", changes),
		}
		return list(ctx, p, columns, limit, func(c *client.Client) items[client.AuditEvent] { return c.AuditEvents.All(ctx, &q) })
	})
	return c
}

// changes returns the names of what an event changed.
func changes(e client.AuditEvent) string {
	changed := map[string]bool{}
	for _, side := range []map[string]string{e.Before, e.After, e.Removed, e.Added} {
		for name := range side {
			changed[name] = true
		}
	}
	return joined(slices.Sorted(maps.Keys(changed)))
}

func (p *program) verifyCommand() *cobra.Command {
	var q client.Question
	c := &cobra.Command{
		Use:   "verify",
		Short: "Tell whether keys are valid, and may do something",
		Long: `Tell whether keys are valid, and may do something.

The key is asked for, and not shown, or read from the standard input; there, each
line can have one, up to 100. Exit code 1: one of them is not valid.`,
		Example: "  keyward verify --permission ManageFiles < key.txt",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				return failure.Usagef("verify takes no argument: the key comes by standard input or from the prompt")
			}
			return nil
		},
	}
	f := c.Flags()
	f.StringVar(&q.Permission, "permission", "", "what the key must hold")
	f.StringVar(&q.Service, "service", "", "service at which it is used (id)")
	f.StringVar(&q.Method, "method", "", "HTTP method of a request to the service")
	f.StringVar(&q.Route, "route", "", "route of the service, such as /v1/files/{id}")
	f.StringVar(&q.Path, "path", "", "path of the request, instead of the route")
	f.StringVar(&q.Source, "source", "", "address that it is used from")
	f.BoolVar(&q.Explain, "explain", false, "say which rule decided (needs AdministerApiKeys)")
	complete(c, "permission", p.permissionNames)
	c.RunE = run(func(ctx context.Context, _ []string) error { return p.verify(ctx, q) })
	return c
}

func (p *program) verify(ctx context.Context, q client.Question) error {
	c, err := p.client()
	if err != nil {
		return err
	}
	texts, err := p.terminal.Keys("API key to verify", client.MaxKeys)
	if err != nil {
		return err
	}
	var keys []client.Secret
	for _, text := range texts {
		keys = append(keys, client.NewSecret(text))
	}
	answers, err := c.VerifyAll(ctx, keys, q)
	if err != nil {
		return err
	}
	columns := []output.Column[client.Verification]{
		column("valid", func(v client.Verification) string { return fmt.Sprint(v.Valid) }),
		column("code", func(v client.Verification) string { return v.Code }),
		column("keyId", func(v client.Verification) string { return v.KeyID }),
		column("user", func(v client.Verification) string { return v.UserID }),
		column("expires", func(v client.Verification) string { return when(v.ExpiresOn) }),
		column("permissions", func(v client.Verification) string { return joined(v.Permissions) }),
	}
	if q.Explain {
		columns = append(columns, column("why", func(v client.Verification) string {
			if v.Explanation == nil {
				return ""
			}
			return v.Explanation.Rule + " " + v.Explanation.Change
		}))
	}
	if len(answers) == 1 {
		err = output.One(p.printer, columns, answers[0])
	} else {
		err = output.List(p.printer, columns, sequence(answers))
	}
	if err == nil && slices.ContainsFunc(answers, func(v client.Verification) bool { return !v.Valid }) {
		err = failure.Silent(failure.Refused)
	}
	return err
}
