package command

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/keyward/keyward/shared/cmd/keyward/failure"
	"github.com/keyward/keyward/shared/cmd/keyward/output"
	"github.com/keyward/keyward/shared/cmd/keyward/profile"
)

// listed is a profile as it is printed.
type listed struct {
	Name       string `json:"name"`
	URL        string `json:"url"`
	Prefix     string `json:"prefix,omitempty"`
	Credential string `json:"credential,omitempty"`
	Current    bool   `json:"current"`
}

func (p *program) profilesCommand() *cobra.Command {
	list := &cobra.Command{Use: "list", Short: "List the profiles", Args: cobra.NoArgs, RunE: run(p.listProfiles)}
	use := &cobra.Command{Use: "use NAME", Short: "Make a profile the current one", Args: cobra.ExactArgs(1), RunE: run(p.useProfile)}
	remove := &cobra.Command{Use: "delete NAME", Short: "Delete a profile and its credential", Args: cobra.ExactArgs(1), RunE: run(p.deleteProfile)}
	for _, c := range []*cobra.Command{use, remove} {
		c.ValidArgsFunction = func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return p.profileNames(), cobra.ShellCompDirectiveNoFileComp
		}
	}
	return group("profiles", "List, choose and delete profiles", list, use, remove)
}

func (p *program) listProfiles(context.Context, []string) error {
	_, config, err := p.config()
	if err != nil {
		return err
	}
	var all []listed
	for _, name := range config.Names() {
		one := config.Profiles[name]
		all = append(all, listed{name, one.URL, one.Prefix, string(one.Keeper), name == config.Current})
	}
	return output.List(p.printer, []output.Column[listed]{
		{Name: "name", Value: func(l listed) string { return l.Name }},
		{Name: "url", Value: func(l listed) string { return l.URL }},
		{Name: "credential", Value: func(l listed) string { return l.Credential }},
		{Name: "current", Value: func(l listed) string { return yes(l.Current) }},
	}, sequence(all))
}

func (p *program) config() (profile.Folder, profile.Config, error) {
	folder, err := profile.DefaultFolder()
	if err != nil {
		return folder, profile.Config{}, err
	}
	config, err := folder.Config()
	return folder, config, err
}

// existing returns the profile of that name.
func (p *program) existing(name string) (profile.Folder, profile.Config, error) {
	folder, config, err := p.config()
	if err != nil {
		return folder, config, err
	}
	if _, exists := config.Profiles[name]; !exists {
		return folder, config, failure.Usagef("there is no profile %q: keyward profiles list shows them", name)
	}
	return folder, config, nil
}

func (p *program) useProfile(_ context.Context, args []string) error {
	folder, _, err := p.existing(args[0])
	if err != nil {
		return err
	}
	return folder.Change(func(c *profile.Config) error {
		c.Current = args[0]
		return nil
	})
}

func (p *program) deleteProfile(_ context.Context, args []string) error {
	folder, config, err := p.existing(args[0])
	if err != nil {
		return err
	}
	if err := folder.Remove(args[0], config.Profiles[args[0]].Keeper); err != nil {
		return err
	}
	return folder.Change(func(c *profile.Config) error {
		delete(c.Profiles, args[0])
		if c.Current == args[0] {
			c.Current = ""
		}
		return nil
	})
}
