package command

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"github.com/keyward/keyward/shared/client"
	"github.com/keyward/keyward/shared/cmd/keyward/failure"
	"github.com/keyward/keyward/shared/cmd/keyward/output"
)

var serviceColumns = []output.Column[client.Service]{
	column("id", func(s client.Service) string { return s.ID }),
	column("name", func(s client.Service) string { return s.Name }),
	column("permissions", func(s client.Service) string { return number(len(s.Permissions)) }),
	column("apis", func(s client.Service) string { return number(len(s.Apis)) }),
	column("routes", func(s client.Service) string { return number(len(s.Routes)) }),
	column("unlistedRoutes", func(s client.Service) string { return s.UnlistedRoutes }),
}

func (p *program) servicesCommand() *cobra.Command {
	all := func(ctx context.Context, c *client.Client) items[client.Service] { return c.Services.All(ctx, nil) }
	byID := completeIDs(p, all, func(s client.Service) (id, name string) { return s.ID, s.Name })
	get := &cobra.Command{
		Use: "get ID", Short: "Show a service; with --output json, all of it", Args: cobra.ExactArgs(1), ValidArgsFunction: byID,
		RunE: run(func(ctx context.Context, args []string) error {
			return show(p, serviceColumns, func(c *client.Client) (*client.Service, error) { return c.Services.Get(ctx, args[0]) })
		}),
	}
	remove := p.servicesDeleteCommand()
	remove.ValidArgsFunction = byID
	return group("services", "Register, list and delete services", listCommand(p, "List services", serviceColumns, all), get, p.servicesPutCommand(), remove)
}

// registration is a service as a file has it. What get prints can be put back: what
// is only read is ignored.
type registration struct {
	client.ServiceRegistration
	ID             string    `json:"id"`
	Warnings       any       `json:"warnings"`
	HoldersLeft    int       `json:"holdersLeft"`
	CreatedBy      any       `json:"createdBy"`
	LastModifiedBy any       `json:"lastModifiedBy"`
	CreatedOn      time.Time `json:"createdOn"`
	LastModifiedOn time.Time `json:"lastModifiedOn"`
}

func (p *program) servicesPutCommand() *cobra.Command {
	var file string
	var create, force bool
	c := &cobra.Command{
		Use: "put ID --file SERVICE.json", Short: "Register a service, or replace it", Args: cobra.ExactArgs(1),
		Example: "  keyward services get files -o json > files.json\n  keyward services put files --file files.json",
	}
	c.Flags().StringVar(&file, "file", "", `file with the service as JSON, or "-" for the standard input`)
	c.Flags().BoolVar(&create, "new", false, "only register it, do not replace it")
	c.Flags().BoolVar(&force, "force", false, "withdraw removed permissions from whoever holds them")
	_ = c.MarkFlagRequired("file")
	c.RunE = run(func(ctx context.Context, args []string) error {
		var body registration
		if err := p.readJSON(file, &body); err != nil {
			return err
		}
		if body.ID != "" && body.ID != args[0] {
			return failure.Usagef("the file registers the service %q, and the argument names %q", body.ID, args[0])
		}
		params := client.PutServiceParams{Force: force}
		if create {
			params.IfNoneMatch = "*"
		}
		if force {
			if err := p.terminal.Confirm(p.yes, "Withdraw every permission that the file does not have from whoever holds it?"); err != nil {
				return err
			}
		}
		return show(p, serviceColumns, func(c *client.Client) (*client.Service, error) {
			return c.Services.Put(ctx, args[0], body.ServiceRegistration, &params)
		})
	})
	return c
}

func (p *program) servicesDeleteCommand() *cobra.Command {
	var force bool
	c := &cobra.Command{Use: "delete ID", Short: "Delete a service; its APIs are refused from then on", Args: cobra.ExactArgs(1)}
	c.Flags().BoolVar(&force, "force", false, "withdraw its permissions from whoever holds them")
	c.RunE = run(func(ctx context.Context, args []string) error {
		return p.change(ctx, "Delete this service? Every request to its APIs is refused.", "Deleted.", func(c *client.Client) error {
			left, err := c.Services.Delete(ctx, args[0], &client.DeleteServiceParams{Force: force})
			if err == nil && left != nil && left.HoldersLeft > 0 {
				p.printer.Notef("%d may still hold its permissions; a sweep continues with these.", left.HoldersLeft)
			}
			return err
		})
	})
	return c
}
