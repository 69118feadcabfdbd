package command

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/keyward/keyward/shared/client"
	functions "github.com/keyward/keyward/shared/cmd/keyward/direct"
	"github.com/keyward/keyward/shared/cmd/keyward/failure"
	"github.com/keyward/keyward/shared/cmd/keyward/output"
	"github.com/keyward/keyward/shared/uuid"
)

// direct says whether to invoke the functions instead of calling the API, and as
// whom.
type direct struct {
	on                             bool
	organization, user, deployment string
}

func (d *direct) flags(flags *pflag.FlagSet) {
	flags.BoolVar(&d.on, "direct", false, "break glass: invoke the functions with AWS credentials, without the API")
	flags.StringVar(&d.organization, "organization", "", "with --direct, the id of the organization")
	flags.StringVar(&d.user, "as", "", "with --direct, the id of the user in whose name it is done")
	flags.StringVar(&d.deployment, "deployment", "", "with --direct, the deployment's name (default KEYWARD_DEPLOYMENT, or keyward)")
}

func (d *direct) invoker(ctx context.Context) (*functions.Invoker, error) {
	return functions.New(ctx, cmp.Or(d.deployment, os.Getenv("KEYWARD_DEPLOYMENT"), "keyward"))
}

// client returns a client whose requests go to the functions.
func (d *direct) client() (*client.Client, error) {
	if d.organization == "" {
		return nil, failure.Usagef("--direct needs --organization, the id of the organization")
	}
	if _, err := uuid.Parse(d.user); err != nil {
		return nil, failure.Usagef("--direct needs --as with the id of a user, such as an OWNER: the functions let nobody act without a name")
	}
	invoker, err := d.invoker(context.Background())
	if err != nil {
		return nil, err
	}
	transport := &functions.Transport{Invoker: invoker, Organization: d.organization, User: d.user}
	return client.New(functions.Base, client.NewSecret("direct"), client.WithHTTPClient(&http.Client{Transport: transport}),
		client.WithUserAgent("keyward-cli/"+version()))
}

// operatorCommand holds what only IAM allows: it needs no key, and no --direct.
func (p *program) operatorCommand() *cobra.Command {
	plain := func(use, short, function string, event any) *cobra.Command {
		return &cobra.Command{Use: use, Short: short, Args: cobra.NoArgs, RunE: run(func(ctx context.Context, _ []string) error {
			return p.operate(ctx, function, event)
		})}
	}
	return group("operator", "What an operator does with AWS credentials, by invoking the functions",
		p.bootstrapCommand(),
		p.suspensionCommand("suspend", "Refuse every key of an organization until it is resumed", true),
		p.suspensionCommand("resume", "End an organization's suspension", false),
		plain("peppers", "Show the peppers, and how many keys need each", "rotate-pepper", map[string]any{"status": true}),
		p.rotatePepperCommand(),
		plain("sweep", "Finish interrupted changes now", "sweep", map[string]any{}),
		plain("notices", "Start a round of notices about keys that expire or are not used", "send-notices", map[string]any{}),
	)
}

// operate invokes a function, and prints its answer as JSON.
func (p *program) operate(ctx context.Context, function string, event any) error {
	text, err := json.Marshal(event)
	if err != nil {
		return err
	}
	invoker, err := p.direct.invoker(ctx)
	if err != nil {
		return err
	}
	defer p.printer.Progress(func() string { return "waiting for " + function })()
	answer, err := invoker.Invoke(ctx, function, text)
	if err != nil {
		return err
	}
	return p.printer.JSON(json.RawMessage(answer))
}

func (p *program) suspensionCommand(use, short string, suspended bool) *cobra.Command {
	var reason string
	c := &cobra.Command{Use: use + " ORGANIZATION", Short: short, Args: cobra.ExactArgs(1)}
	c.RunE = run(func(ctx context.Context, args []string) error {
		if suspended {
			if err := p.terminal.Confirm(p.yes, fmt.Sprintf("Refuse every key and every user of %s?", args[0])); err != nil {
				return err
			}
		}
		return p.operate(ctx, "suspend-organization", map[string]any{"organization": args[0], "suspended": suspended, "reason": reason})
	})
	c.Flags().StringVar(&reason, "reason", "", "why, for the audit log")
	return c
}

func (p *program) rotatePepperCommand() *cobra.Command {
	return &cobra.Command{
		Use: "rotate-pepper", Short: "Make a new version of the pepper, for new and used keys", Args: cobra.NoArgs,
		RunE: run(func(ctx context.Context, _ []string) error {
			if err := p.terminal.Confirm(p.yes, "Make a new version of the pepper?"); err != nil {
				return err
			}
			return p.operate(ctx, "rotate-pepper", map[string]any{})
		}),
	}
}

func (p *program) bootstrapCommand() *cobra.Command {
	var file string
	c := &cobra.Command{
		Use: "bootstrap --file SETUP.json", Short: "Make an organization, or another admin key for it", Args: cobra.NoArgs,
		Long: `Make an organization, or another admin key for it.

The file is the event of the function bootstrap: see "Recover a lost admin key" in
functions/TASKS.md. The answer has the new key, once: it is printed to a terminal,
or to a pipe or file with --output json.`,
	}
	c.RunE = run(func(ctx context.Context, _ []string) error {
		if err := p.checkKeyOutput(c.Flags().Changed("output")); err != nil {
			return err
		}
		var event json.RawMessage
		if err := p.readJSON(file, &event); err != nil {
			return err
		}
		return p.operate(ctx, "bootstrap", event)
	})
	c.Flags().StringVar(&file, "file", "", `file with the event, or "-" for the standard input`)
	_ = c.MarkFlagRequired("file")
	return c
}

// checkKeyOutput returns an error if a new key would go where nobody expects it: it is
// printed to a terminal, or in a format that was asked for.
func (p *program) checkKeyOutput(formatted bool) error {
	switch {
	case formatted && p.printer.Format == output.CSV:
		return failure.Usagef("a new key is not printed as CSV: use --output json, or text for the key alone")
	case p.printer.Format == output.Table && !output.IsTerminal(p.printer.Out):
		return failure.Usagef("the answer has a new key, and would go to a file or a pipe: if it should, pass --output json, or text for the key alone")
	}
	return nil
}
