package command

import (
	"cmp"
	"context"
	"errors"
	"os"
	"strings"
	"time"
	"unicode"

	"github.com/keyward/keyward/shared/client"
	"github.com/keyward/keyward/shared/cmd/keyward/failure"
	"github.com/keyward/keyward/shared/cmd/keyward/output"
	"github.com/keyward/keyward/shared/cmd/keyward/profile"
	"github.com/keyward/keyward/shared/cmd/keyward/prompt"
	"github.com/keyward/keyward/shared/cmd/keyward/signin"
)

// The variables that scripts set.
const (
	envProfile = "KEYWARD_PROFILE"
	envURL     = "KEYWARD_URL"
	envKey     = "KEYWARD_API_KEY"
)

// program is one call of the command line.
type program struct {
	printer  *output.Printer
	terminal prompt.Terminal

	profileName, url string
	yes              bool
	direct           direct
}

// target is which Keyward a command is for, and as whom.
type target struct {
	name       string
	url        string
	prefix     string
	credential profile.Credential
	// inFolder says that the credential is kept there, so that it can be renewed.
	inFolder bool
	keeper   profile.Keeper
}

// selected returns the name of the profile to use, and whether somebody named it.
func (p *program) selected(config profile.Config) (name string, named bool) {
	if name := cmp.Or(p.profileName, os.Getenv(envProfile)); name != "" {
		return name, true
	}
	return cmp.Or(config.Current, profile.Default), false
}

// profile returns the profile to use. It returns an error if a named profile does not
// exist.
func (p *program) profile() (folder profile.Folder, name string, chosen profile.Profile, err error) {
	folder, config, err := p.config()
	if err != nil {
		return folder, "", chosen, err
	}
	name, named := p.selected(config)
	chosen, exists := config.Profiles[name]
	if named && !exists {
		err = failure.Usagef("there is no profile %q: run keyward login --profile NAME to make one; keyward profiles list shows them", name)
	}
	return folder, name, chosen, err
}

// target returns the Keyward to call: by flags, else by the environment, else by
// the profile. A credential goes only to the URL that it is for: a profile's credential
// to the profile's URL, the environment's key to the URL of the environment or the flag.
func (p *program) target() (target, error) {
	key, address := os.Getenv(envKey), os.Getenv(envURL)
	if p.profileName != "" {
		key, address = "", ""
	}
	address = cmp.Or(p.url, address)
	var t target
	switch {
	case key != "" && address == "":
		return target{}, failure.Usagef("%s is for the URL in %s, which is not set: set it, or pass --url; to use a profile, unset %s", envKey, envURL, envKey)
	case key == "":
		folder, name, chosen, err := p.profile()
		if err != nil {
			return target{}, err
		}
		t = target{name: name, url: chosen.URL, prefix: chosen.Prefix, keeper: chosen.Keeper}
		if address = cmp.Or(address, chosen.URL); address == "" {
			return target{}, failure.SignInf("not signed in: run keyward login, or set %s and %s", envURL, envKey)
		}
		if t.credential, err = folder.Load(name, chosen.Keeper); err != nil {
			return target{}, err
		}
		t.inFolder = true
	}
	var err error
	if t.url, err = profile.CheckURL(address); err != nil {
		return target{}, err
	}
	if key != "" {
		if strings.IndexFunc(key, func(c rune) bool { return unicode.IsSpace(c) || !unicode.IsPrint(c) }) >= 0 {
			return target{}, failure.Usagef("the key in %s has a space or a control character in it: set it again", envKey)
		}
		t.credential = profile.Credential{URL: t.url, Key: client.NewSecret(key)}
	}
	if t.credential.URL != t.url {
		return target{}, failure.SignInf("the profile %s is signed in at %s, not at %s: run keyward login --url for this one", t.name, t.credential.URL, t.url)
	}
	return t, nil
}

// client returns a client of the Keyward to call.
func (p *program) client() (*client.Client, error) {
	if p.direct.on {
		return p.direct.client()
	}
	t, err := p.target()
	if err != nil {
		return nil, err
	}
	return p.clientOf(t)
}

func (p *program) clientOf(t target) (*client.Client, error) {
	options := []client.Option{client.WithUserAgent("keyward-cli/" + version())}
	if t.credential.Key.IsZero() {
		options = append(options, client.WithAuthorization(p.renewed(t)))
	}
	c, err := client.New(t.url, t.credential.Key, options...)
	if err != nil {
		return nil, failure.Usagef("%s", strings.TrimPrefix(err.Error(), "client: "))
	}
	return c, nil
}

// renewed returns the source of a credential's access token. It is renewed shortly
// before it ends, and kept again.
func (p *program) renewed(t target) func(context.Context) (string, error) {
	current := t.credential
	return func(ctx context.Context) (string, error) {
		if current.Expires.IsZero() || time.Until(current.Expires) > 30*time.Second {
			return current.Access.Reveal(), nil
		}
		if current.Refresh.IsZero() {
			if time.Now().Before(current.Expires) {
				return current.Access.Reveal(), nil
			}
			return "", failure.SignInf("the sign-in has ended: run keyward login again")
		}
		tokens, err := signin.Refresh(ctx, current.Tokens, nil)
		if err != nil {
			// Another call may have renewed it meanwhile, and used up the refresh token.
			if kept, again := p.kept(t); again == nil && kept.Access.Reveal() != current.Access.Reveal() {
				current = kept
				return current.Access.Reveal(), nil
			}
			return "", err
		}
		current.Tokens = tokens
		if t.inFolder {
			return current.Access.Reveal(), p.keep(t, current)
		}
		return current.Access.Reveal(), nil
	}
}

var errNotKept = errors.New("the credential is not kept")

func (p *program) kept(t target) (profile.Credential, error) {
	if !t.inFolder {
		return profile.Credential{}, errNotKept
	}
	folder, err := profile.DefaultFolder()
	if err != nil {
		return profile.Credential{}, err
	}
	return folder.Load(t.name, t.keeper)
}

// keep writes a renewed credential to where it came from.
func (p *program) keep(t target, c profile.Credential) error {
	folder, err := profile.DefaultFolder()
	if err != nil {
		return err
	}
	return folder.SaveTo(t.keeper, t.name, c)
}

// profileNames returns the names of the profiles, for completion.
func (p *program) profileNames() []string {
	_, config, _ := p.config()
	return config.Names()
}
