package command

import (
	"context"
	"errors"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/keyward/keyward/shared/client"
	"github.com/keyward/keyward/shared/cmd/keyward/failure"
	"github.com/keyward/keyward/shared/cmd/keyward/output"
)

// keyFlags are what a key can have, for creating and for changing one.
type keyFlags struct {
	name, description, policy, user, expires, notBefore string
	permissions, services, allowIPs                     []string
}

func (k *keyFlags) add(f *pflag.FlagSet) {
	f.StringVar(&k.description, "description", "", "a text for people")
	f.StringSliceVar(&k.permissions, "permission", nil, "permission to grant (repeat, or separate by commas)")
	f.StringVar(&k.policy, "policy", "", "policy whose permissions it has (id), instead of permissions")
	f.StringVar(&k.user, "on-behalf-of", "", "user that a personal or shared key is for (id)")
	f.StringSliceVar(&k.services, "service", nil, "service that it is limited to (id)")
	f.StringSliceVar(&k.allowIPs, "allow-ip", nil, "address or range that it can be used from")
	f.StringVar(&k.expires, "expires", "", "when it expires: a time, a day, or how long from now, such as 90d")
	f.StringVar(&k.notBefore, "not-before", "", "from when on it can be used")
}

func (p *program) keysCreateCommand() *cobra.Command {
	var flags keyFlags
	var kind string
	var disabled, recoverable bool
	c := &cobra.Command{
		Use:   "create NAME",
		Short: "Create a key, and show it once",
		Long: `Create a key, and show it once.

The key is printed to a terminal, or with --output json or text to a pipe or file.
With text, nothing else is printed.`,
		Example: `  keyward keys create "CI, uploads" --permission ManageFiles --expires 90d
  KEY=$(keyward keys create CI --permission ManageFiles -o text)`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return failure.Usagef("pass one argument: the name of the new key, in quotes if it has spaces")
			}
			return nil
		},
	}
	flags.add(c.Flags())
	c.Flags().StringVar(&kind, "type", "", "service (default), personal or shared")
	c.Flags().BoolVar(&disabled, "disabled", false, "create it disabled")
	c.Flags().BoolVar(&recoverable, "recoverable", false, "keep an encrypted copy, so that it can be revealed")
	complete(c, "type", func() []string { return keyTypes })
	complete(c, "permission", p.permissionNames)
	c.RunE = run(func(ctx context.Context, args []string) error {
		body := client.NewKey{
			Name: args[0], Description: flags.description, Permissions: flags.permissions, PolicyID: flags.policy,
			OnBehalfOf: flags.user, Services: flags.services, AllowIps: flags.allowIPs,
		}
		if kind != "service" {
			set(&body.Type, kind)
		}
		if disabled {
			body.Enabled = new(bool)
		}
		if recoverable {
			body.Recoverable = &recoverable
		}
		if body.Type == "" && body.PolicyID == "" && body.Permissions == nil {
			return failure.Usagef("a key needs --permission or --policy: keyward permissions lists the permissions")
		}
		if err := times(map[string]timeFlag{"expires": {flags.expires, &body.ExpiresOn}, "not-before": {flags.notBefore, &body.NotBefore}}); err != nil {
			return err
		}
		return p.issue(c, func(keyward *client.Client) (*client.Key, error) { return keyward.Keys.Create(ctx, body, nil) })
	})
	return c
}

// issued is a key that has just been made, with its text, as JSON.
type issued struct {
	client.Key
	APIKey string `json:"apiKey"`
}

// issue makes a key, or a new secret of one, and shows it: this once.
func (p *program) issue(c *cobra.Command, make func(*client.Client) (*client.Key, error)) error {
	if err := p.checkKeyOutput(c.Flags().Changed("output")); err != nil {
		return err
	}
	keyward, err := p.client()
	if err != nil {
		return err
	}
	key, err := make(keyward)
	if err != nil {
		return unknown(c.Context(), err)
	}
	text := key.APIKey.Reveal()
	if text == "" {
		return failure.Refusedf("the answer was lost and its key can no longer be shown: delete the key %s and create another", key.ID)
	}
	switch p.printer.Format {
	case output.JSON:
		err = p.printer.JSON(issued{*key, text})
	case output.Text:
		err = p.printer.Line(text)
	default:
		if err = output.One(p.printer, keyFields, *key); err == nil {
			err = p.printer.Line("\n" + text)
		}
		p.printer.Notef("This is the only time that the key is shown.")
	}
	if err != nil {
		return failure.Outagef("the key was made, but cannot be written: rotate or delete %s", key.ID)
	}
	return nil
}

// unknown adds to an error without an answer that the change may have been made.
func unknown(ctx context.Context, err error) error {
	const look = "the change may have been made all the same: look with keyward keys list"
	told := classify(ctx, err)
	code, _ := failure.Code(told)
	switch {
	case code == failure.Interrupted:
		return failure.Interruptedf("interrupted; %s", look)
	case errors.Is(err, client.ErrConnection):
		return failure.Outagef("%v; %s", told, look)
	}
	return told
}

// clearable are what --clear removes, by the names of the flags that set it.
var clearable = map[string]func(*client.KeyPatch){
	"permission":   func(k *client.KeyPatch) { k.Permissions = client.Clear[[]string]() },
	"policy":       func(k *client.KeyPatch) { k.PolicyID = client.Clear[string]() },
	"on-behalf-of": func(k *client.KeyPatch) { k.OnBehalfOf = client.Clear[string]() },
	"service":      func(k *client.KeyPatch) { k.Services = client.Clear[[]string]() },
	"allow-ip":     func(k *client.KeyPatch) { k.AllowIps = client.Clear[[]string]() },
	"expires":      func(k *client.KeyPatch) { k.ExpiresOn = client.Clear[time.Time]() },
	"not-before":   func(k *client.KeyPatch) { k.NotBefore = client.Clear[time.Time]() },
}

func (p *program) keysUpdateCommand() *cobra.Command {
	var flags keyFlags
	var remove []string
	var force bool
	c := &cobra.Command{
		Use: "update ID|NAME", Short: "Change a key; what is not named stays",
		Long:    "Change a key; what is not named stays.\n\n--clear removes: " + names(clearable) + ".",
		Example: "  keyward keys update 94d470ba-700e-4034-ad17-4326aa3493a2 --expires 30d --clear allow-ip",
	}
	c.Flags().StringVar(&flags.name, "name", "", "its name")
	flags.add(c.Flags())
	c.Flags().StringSliceVar(&remove, "clear", nil, "what to remove, by the name of its flag")
	c.Flags().BoolVar(&force, "force", false, "even if no key can administer keys any more")
	complete(c, "permission", p.permissionNames)
	complete(c, "clear", func() []string { return sortedNames(clearable) })
	c.RunE = run(func(ctx context.Context, args []string) error {
		patch, err := flags.patch(c, remove)
		if err != nil {
			return err
		}
		return show(p, keyFields, func(keyward *client.Client) (*client.Key, error) {
			return keyward.Keys.Patch(ctx, args[0], patch, &client.PatchKeyParams{Force: force})
		})
	})
	return c
}

// patch returns the change that the flags of a command describe.
func (k *keyFlags) patch(c *cobra.Command, remove []string) (client.KeyPatch, error) {
	var patch client.KeyPatch
	some := setIf(c, "name", &patch.Name, k.name)
	some = setIf(c, "description", &patch.Description, k.description) || some
	some = setIf(c, "permission", &patch.Permissions, k.permissions) || some
	some = setIf(c, "policy", &patch.PolicyID, k.policy) || some
	some = setIf(c, "on-behalf-of", &patch.OnBehalfOf, k.user) || some
	some = setIf(c, "service", &patch.Services, k.services) || some
	some = setIf(c, "allow-ip", &patch.AllowIps, k.allowIPs) || some
	for _, at := range []struct {
		flag, text string
		member     *client.Change[time.Time]
	}{{"expires", k.expires, &patch.ExpiresOn}, {"not-before", k.notBefore, &patch.NotBefore}} {
		if !c.Flags().Changed(at.flag) {
			continue
		}
		t, err := parseTime(at.flag, at.text, time.Now())
		if err != nil {
			return patch, err
		}
		some = setIf(c, at.flag, at.member, t)
	}
	for _, name := range remove {
		clear, known := clearable[name]
		switch {
		case !known:
			return patch, failure.Usagef("--clear takes %s", names(clearable))
		case c.Flags().Changed(name):
			return patch, failure.Usagef("--%s and --clear %s contradict each other", name, name)
		}
		clear(&patch)
	}
	if !some && len(remove) == 0 {
		return patch, failure.Usagef("there is nothing to change: pass at least one flag")
	}
	return patch, nil
}

func (p *program) keysRotateCommand() *cobra.Command {
	var overlap, from string
	c := &cobra.Command{
		Use:   "rotate ID|NAME",
		Short: "Give a key a new secret, and show it once",
		Long: `Give a key a new secret, and show it once, as keys create does.

Without --overlap the previous secret ends at once: do that if it has leaked.`,
	}
	c.Flags().StringVar(&overlap, "overlap", "", "for how long the previous secret still works, such as 24h; at most 30d")
	c.Flags().StringVar(&from, "overlap-from", "", "when the overlap starts: now, or firstUse of the new secret")
	complete(c, "overlap-from", func() []string { return []string{"now", "firstUse"} })
	c.RunE = run(func(ctx context.Context, args []string) error {
		var body client.Rotation
		set(&body.OverlapFrom, from)
		if overlap != "" {
			d, err := parseDuration("overlap", overlap)
			if err != nil {
				return err
			}
			body.OverlapSeconds = new(int(d / time.Second))
		}
		if err := p.checkKeyOutput(c.Flags().Changed("output")); err != nil {
			return err
		}
		if body.OverlapSeconds == nil {
			if err := p.terminal.Confirm(p.yes, p.questionOf(args[0], "End the secret of the key %s now? Whoever uses it is refused; --overlap gives them time.")); err != nil {
				return err
			}
		}
		return p.issue(c, func(keyward *client.Client) (*client.Key, error) { return keyward.Keys.Rotate(ctx, args[0], body, nil) })
	})
	return c
}
