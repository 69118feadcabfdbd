package command

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"runtime"
	"time"

	"github.com/spf13/cobra"

	"github.com/keyward/keyward/shared/client"
	"github.com/keyward/keyward/shared/cmd/keyward/failure"
	"github.com/keyward/keyward/shared/cmd/keyward/output"
	"github.com/keyward/keyward/shared/cmd/keyward/profile"
	"github.com/keyward/keyward/shared/cmd/keyward/signin"
	"github.com/keyward/keyward/shared/keytext"
)

type login struct {
	*program
	withKey, browser, device bool
	issuer                   signin.Client
	port                     int
}

func (p *program) loginCommand() *cobra.Command {
	l := &login{program: p}
	c := &cobra.Command{
		Use:   "login [-]",
		Short: "Sign in with a key, or with an OpenID Connect issuer",
		Long: `Sign in with a key, or with an OpenID Connect issuer.

The key is asked for, and not shown; with --with-key or "-" it is read from the
standard input. --browser and --device sign in at the issuer that the deployment
trusts; without --issuer and --client-id, its console says which. They show which
URL gets the token, and ask before a profile signs in at a new one; --yes answers.

The credential is kept in the system's keyring where there is one, and otherwise in
a file that only you can read; KEYWARD_CREDENTIALS=file or keyring decides.`,
		Example: `  keyward login --url https://keys.example.com
  keyward login --profile prod --url https://keys.example.com --with-key < key.txt
  keyward login --device --client-id 3f2a...`,
		Args: cobra.MaximumNArgs(1),
		RunE: run(l.run),
	}
	flags := c.Flags()
	flags.BoolVar(&l.withKey, "with-key", false, "read the key from the standard input")
	flags.BoolVar(&l.browser, "browser", false, "sign in with the issuer, in a browser on this machine")
	flags.BoolVar(&l.device, "device", false, "sign in with the issuer, in a browser on any machine")
	flags.StringVar(&l.issuer.Issuer, "issuer", "", "URL of the OpenID Connect issuer")
	flags.StringVar(&l.issuer.ID, "client-id", "", "id of this program at the issuer")
	flags.StringSliceVar(&l.issuer.Scopes, "scope", []string{"openid", "email"}, "scopes to ask for; offline_access for a refresh token, at many issuers")
	flags.StringVar(&l.issuer.Audience, "audience", "", "audience to ask for, if the issuer wants it")
	flags.IntVar(&l.port, "port", 0, "port of the redirect to 127.0.0.1 (default any)")
	c.MarkFlagsMutuallyExclusive("with-key", "browser", "device")
	return c
}

func (l *login) run(ctx context.Context, args []string) error {
	if len(args) == 1 && args[0] != "-" {
		return failure.Usagef(`login takes no argument but "-": the key comes by standard input or from the prompt`)
	}
	l.withKey = l.withKey || len(args) == 1
	folder, name, address, config, err := l.where()
	if err != nil {
		return err
	}
	credential, err := l.credential(ctx, address, config.Profiles[name].URL == address)
	if err != nil {
		return err
	}
	credential.URL = address
	// Nothing is written before Keyward has accepted it, and nothing is renewed
	// before it is written.
	fresh := credential
	fresh.Expires = time.Time{}
	c, err := l.clientOf(target{name: name, url: address, credential: fresh})
	if err != nil {
		return err
	}
	me, err := c.Whoami(ctx)
	if err != nil {
		return err
	}
	keeper, err := folder.Save(name, credential)
	if err != nil {
		return err
	}
	kept := profile.Profile{URL: address, Keeper: keeper, Prefix: config.Profiles[name].Prefix}
	if key, err := keytext.Parse(credential.Key.Reveal()); err == nil {
		kept.Prefix = key.Prefix()
	}
	if err := folder.Change(func(c *profile.Config) error {
		c.Profiles[name] = kept
		if c.Current == "" {
			c.Current = name
		}
		return nil
	}); err != nil {
		return err
	}
	if config.Profiles[name].Keeper == profile.Keyring && keeper == profile.File && folder.Remove(name, profile.Keyring) != nil {
		l.printer.Notef("The previous credential is still in the system's keyring, which does not answer: delete it there.")
	}
	l.printer.Notef("Signed in at %s as %s of %s. The credential is kept in %s (profile %s).", address, nameOf(me), me.OrgID, inWords(keeper), name)
	return nil
}

func inWords(keeper profile.Keeper) string {
	if keeper == profile.Keyring {
		return "the system's keyring"
	}
	return "a file that only you can read"
}

// where returns the profile to write, and the URL to sign in at.
func (l *login) where() (profile.Folder, string, string, profile.Config, error) {
	folder, config, err := l.config()
	if err != nil {
		return "", "", "", config, err
	}
	name, _ := l.selected(config)
	if err := profile.CheckName(name); err != nil {
		return "", "", "", config, err
	}
	address := cmp.Or(l.url, os.Getenv(envURL), config.Profiles[name].URL)
	if address == "" && l.terminal.Here() && !l.withKey {
		if address, err = l.terminal.Line("URL of the API:"); err != nil {
			return "", "", "", config, err
		}
	}
	if address == "" {
		return "", "", "", config, failure.Usagef("the URL of the API is missing: pass --url, or set %s", envURL)
	}
	address, err = profile.CheckURL(address)
	return folder, name, address, config, err
}

// credential returns the key that the user gives, or the tokens of the issuer, for an
// address. known means that the profile already has that address.
func (l *login) credential(ctx context.Context, address string, known bool) (profile.Credential, error) {
	if !l.browser && !l.device {
		if !l.withKey && !l.terminal.Here() {
			return profile.Credential{}, failure.Usagef("there is no terminal to ask for the key: pass --with-key, and the key by standard input")
		}
		key, err := l.terminal.Key("API key")
		return profile.Credential{Key: client.NewSecret(key)}, err
	}
	if l.issuer.Issuer == "" || l.issuer.ID == "" {
		l.askConsole(ctx, address)
	}
	if l.issuer.Issuer == "" {
		return profile.Credential{}, failure.Usagef("the issuer is not known: pass --issuer and --client-id")
	}
	if err := l.agree(address, known); err != nil {
		return profile.Credential{}, err
	}
	var tokens profile.Tokens
	var err error
	if l.device {
		tokens, err = l.issuer.Device(ctx, func(i signin.Invitation) {
			_, _ = fmt.Fprintf(l.printer.Err, "Open %s and enter the code %s\n", output.Safe(i.URL), output.Safe(i.Code))
		})
	} else {
		tokens, err = l.issuer.Browser(ctx, l.port, l.open)
	}
	return profile.Credential{Tokens: tokens}, err
}

// agree shows where the token goes, and asks unless the profile already has that URL.
// Somebody who tricks the user into passing another URL could name an issuer that the
// user trusts.
func (l *login) agree(address string, known bool) error {
	_, _ = fmt.Fprintf(l.printer.Err, "The access token of %s goes to %s\n", output.Safe(l.issuer.Issuer), output.Safe(address))
	if known {
		return nil
	}
	return l.terminal.Confirm(l.yes, fmt.Sprintf("You have never signed in to %s with this profile. Sign in there?", address))
}

// open prints a page's address, and opens its door in the user's browser.
func (l *login) open(address, door string) {
	_, _ = fmt.Fprintf(l.printer.Err, "Sign in at\n%s\n", output.Safe(address))
	var c *exec.Cmd
	switch {
	case os.Getenv("BROWSER") != "":
		c = exec.Command(os.Getenv("BROWSER"), door)
	case runtime.GOOS == "darwin":
		c = exec.Command("open", door)
	case runtime.GOOS == "windows":
		c = exec.Command("rundll32", "url.dll,FileProtocolHandler", door)
	default:
		c = exec.Command("xdg-open", door)
	}
	if c.Start() == nil {
		go func() { _ = c.Wait() }()
	}
}

// askConsole fills in the issuer that the deployment's console names, and the
// audience that tokens need there.
func (l *login) askConsole(ctx context.Context, address string) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address+"/console/config.json", nil)
	if err != nil {
		return
	}
	// A redirect would let another address name the issuer.
	asking := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	response, err := asking.Do(request)
	if err != nil {
		return
	}
	defer func() { _ = response.Body.Close() }()
	var told struct{ Issuer, ClientID, Audience string }
	if response.StatusCode != http.StatusOK || json.NewDecoder(http.MaxBytesReader(nil, response.Body, 1<<16)).Decode(&told) != nil {
		return
	}
	if told.Audience == told.ClientID {
		told.Audience = "" // as the console has it: such a token is the issuer's default
	}
	for have, found := range map[*string]string{&l.issuer.Issuer: told.Issuer, &l.issuer.ID: told.ClientID, &l.issuer.Audience: told.Audience} {
		if *have == "" {
			*have = found
		}
	}
}

func (p *program) logoutCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "logout",
		Short: "Forget the profile's credential; it stays valid",
		Args:  cobra.NoArgs,
		RunE: run(func(context.Context, []string) error {
			folder, name, chosen, err := p.profile()
			if err != nil {
				return err
			}
			if err := folder.Remove(name, chosen.Keeper); err != nil {
				return err
			}
			if chosen.Keeper == "" {
				p.printer.Notef("The profile %s was not signed in.", name)
				return nil
			}
			chosen.Keeper = ""
			if err := folder.Change(func(c *profile.Config) error {
				c.Profiles[name] = chosen
				return nil
			}); err != nil {
				return err
			}
			p.printer.Notef("Signed out of the profile %s. The credential is forgotten here; it is still valid.", name)
			return nil
		}),
	}
}
