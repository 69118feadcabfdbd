// Package profile keeps what the command line knows between its calls: which
// Keyward a profile means, and the credential for it, in the system's keyring or
// in a file that only its owner can read.
package profile

import (
	"encoding/json"
	"errors"
	"io/fs"
	"maps"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/keyward/keyward/shared/cmd/keyward/failure"
)

// Default is the name of the profile that is used if none is named.
const Default = "default"

// Profile is one Keyward, as its user reaches it.
type Profile struct {
	// URL is that of the API, without a slash at the end.
	URL string `json:"url"`
	// Prefix is the prefix of the organization's keys, if it is known.
	Prefix string `json:"prefix,omitempty"`
	// Keeper says where the credential is; empty if there is none.
	Keeper Keeper `json:"credential,omitempty"`
}

// Config is the file config.json. The zero Config has no profiles.
type Config struct {
	// Current is the profile that is used if none is named.
	Current  string             `json:"current,omitempty"`
	Profiles map[string]Profile `json:"profiles"`
}

// Names returns the names of the profiles in order.
func (c Config) Names() []string { return slices.Sorted(maps.Keys(c.Profiles)) }

// Folder is where the command line keeps its files.
type Folder string

// DefaultFolder returns the folder "keyward" in the user's folder for settings. It
// is not created before something is written.
func DefaultFolder() (Folder, error) {
	dir, err := os.UserConfigDir()
	if err != nil {
		return "", failure.Usagef("there is no folder for settings: set HOME, or use KEYWARD_URL and KEYWARD_API_KEY alone")
	}
	return Folder(filepath.Join(dir, "keyward")), nil
}

func (f Folder) config() string { return filepath.Join(string(f), "config.json") }

// Config reads the profiles. If there is no file, there are none.
func (f Folder) Config() (Config, error) {
	text, err := os.ReadFile(f.config())
	if errors.Is(err, fs.ErrNotExist) {
		return Config{}, nil
	}
	var c Config
	if err == nil {
		err = json.Unmarshal(text, &c)
	}
	if err != nil {
		return Config{}, failure.Usagef("%s cannot be read (%v): mend it or delete it", f.config(), withoutPath(err))
	}
	return c, nil
}

// Change changes the profiles as they are now, while no other call does. It writes
// nothing if change returns an error.
func (f Folder) Change(change func(*Config) error) error {
	cannot := func(err error) error {
		return failure.Usagef("%s cannot be written (%v)", f.config(), withoutPath(err))
	}
	if err := os.MkdirAll(string(f), 0o700); err != nil {
		return cannot(err)
	}
	unlock, err := lock(string(f))
	if err != nil {
		return cannot(err)
	}
	defer unlock()
	c, err := f.Config()
	if err != nil {
		return err
	}
	if c.Profiles == nil {
		c.Profiles = map[string]Profile{}
	}
	if err := change(&c); err != nil {
		return err
	}
	text, err := json.MarshalIndent(c, "", "  ")
	if err != nil {
		return err
	}
	if err := replace(f.config(), append(text, '\n')); err != nil {
		return cannot(err)
	}
	return nil
}

var validName = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,63}$`)

// CheckName returns an error if name cannot be that of a profile.
func CheckName(name string) error {
	if !validName.MatchString(name) {
		return failure.Usagef("a profile's name has 1 to 64 of a-z, 0-9, dot, hyphen and underscore, and begins with a letter or a digit")
	}
	return nil
}

// CheckURL returns the URL of an API without a slash at the end. An error says what is
// wrong with it, and which URL is right if that can be told. A URL may end in /v1, which
// can be the API's stage or base path, but not on this machine: the local stack has
// neither.
func CheckURL(text string) (string, error) {
	address, err := CheckServer(text)
	if err != nil {
		return "", err
	}
	scheme, path, _ := strings.Cut(address, "://")
	for _, part := range []string{"/api/v1", "/enterprise/v2", "/v1", "/console"} {
		base, rest, has := strings.Cut(path+"/", part+"/")
		if local := scheme == "http"; has && (local || part != "/v1" && rest == "") {
			return "", failure.Usagef("the URL names a part of the API: use %s://%s, without %s", scheme, base, path[len(base):])
		}
	}
	return address, nil
}

// CheckServer returns the URL of a server without a slash at the end. A credential goes
// there: it must be https, except on this machine.
func CheckServer(text string) (string, error) {
	u, err := url.Parse(text)
	switch {
	case text != "" && !strings.Contains(text, "://"):
		return "", failure.Usagef("http:// or https:// is missing at the beginning of the URL; http:// is for this machine alone")
	case err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http":
		return "", failure.Usagef("the URL is not that of an API: use the stack's output ApiUrl, such as https://keyward.example.com")
	case u.User != nil || u.RawQuery != "" || u.Fragment != "" || u.ForceQuery:
		return "", failure.Usagef("the URL of an API has no user, no ? and no #: keys are not part of it")
	case u.Scheme == "http" && !loopback(u.Hostname()):
		return "", failure.Usagef("the URL must begin with https:// so that nobody on the way can read the key; http:// is for this machine alone")
	}
	return strings.TrimRight(u.String(), "/"), nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// withoutPath returns the fault of a file that the message names already.
func withoutPath(err error) error {
	if inner, ok := errors.AsType[*fs.PathError](err); ok {
		return inner.Err
	}
	return err
}
