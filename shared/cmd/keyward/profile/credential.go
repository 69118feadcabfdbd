package profile

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/keyward/keyward/shared/client"
	"github.com/keyward/keyward/shared/cmd/keyward/failure"
)

// Credential is what signs a user in: a key, or the tokens of an OpenID Connect
// issuer. Printing it shows none of them.
type Credential struct {
	// URL is that of the API which the credential is for. It is sent to no other.
	URL string
	Key client.Secret
	Tokens
}

// Tokens are what an issuer gave, and what is needed to renew them.
type Tokens struct {
	Access, Refresh client.Secret
	// Expires is when the access token ends; zero if the issuer did not say.
	Expires time.Time
	// Endpoint and Client are for renewing.
	Endpoint, Client string
}

// stored is a Credential as it is kept.
type stored struct {
	URL      string `json:"url"`
	Key      string `json:"key,omitempty"`
	Access   string `json:"accessToken,omitempty"`
	Refresh  string `json:"refreshToken,omitempty"`
	Expires  string `json:"expires,omitempty"`
	Endpoint string `json:"tokenEndpoint,omitempty"`
	Client   string `json:"clientId,omitempty"`
}

func (c Credential) encode() (string, error) {
	s := stored{URL: c.URL, Key: c.Key.Reveal(), Access: c.Access.Reveal(), Refresh: c.Refresh.Reveal(), Endpoint: c.Endpoint, Client: c.Client}
	if !c.Expires.IsZero() {
		s.Expires = c.Expires.UTC().Format(time.RFC3339)
	}
	text, err := json.Marshal(s)
	return string(text), err
}

func decode(text string) (Credential, error) {
	var s stored
	if err := json.Unmarshal([]byte(text), &s); err != nil {
		return Credential{}, failure.SignInf("the stored credential is damaged: sign in again with keyward login")
	}
	expires, _ := time.Parse(time.RFC3339, s.Expires)
	return Credential{s.URL, client.NewSecret(s.Key), Tokens{
		Access: client.NewSecret(s.Access), Refresh: client.NewSecret(s.Refresh), Expires: expires, Endpoint: s.Endpoint, Client: s.Client,
	}}, nil
}

// Keeper is a place for credentials.
type Keeper string

// The places for credentials.
const (
	Keyring Keeper = "keyring"
	File    Keeper = "file"
)

// EnvKeeper is the variable that names the only [Keeper] to use. If it is empty,
// the keyring is used where there is one.
const EnvKeeper = "KEYWARD_CREDENTIALS"

func (f Folder) credential(name string) string {
	return filepath.Join(string(f), "credentials", name+".json")
}

// Save keeps a profile's credential and returns where. What was kept elsewhere
// goes.
func (f Folder) Save(name string, c Credential) (Keeper, error) {
	text, err := c.encode()
	if err != nil {
		return "", err
	}
	kept, err := toKeyring(Keeper(os.Getenv(EnvKeeper)), name, text)
	if err != nil {
		return "", err
	}
	if kept {
		_ = os.Remove(f.credential(name))
		return Keyring, nil
	}
	if err := f.SaveTo(File, name, c); err != nil {
		return "", err
	}
	return File, nil
}

// SaveTo is [Folder.Save] for a credential that stays where it is kept.
func (f Folder) SaveTo(keeper Keeper, name string, c Credential) error {
	text, err := c.encode()
	if err != nil {
		return err
	}
	if keeper == Keyring {
		_, err = toKeyring(Keyring, name, text)
		return err
	}
	if err := replace(f.credential(name), []byte(text)); err != nil {
		return failure.Usagef("%s cannot be written (%v)", f.credential(name), withoutPath(err))
	}
	return nil
}

// Load returns the credential of a profile that is kept there.
func (f Folder) Load(name string, from Keeper) (Credential, error) {
	var text string
	var err error
	switch from {
	case Keyring:
		text, err = fromKeyring(name)
	case File:
		var content []byte
		content, err = readPrivate(f.credential(name))
		text = string(content)
	default:
		err = fs.ErrNotExist
	}
	if errors.Is(err, fs.ErrNotExist) {
		return Credential{}, failure.SignInf("not signed in: run keyward login, or set KEYWARD_URL and KEYWARD_API_KEY")
	}
	if err != nil {
		return Credential{}, err
	}
	return decode(text)
}

// Remove forgets the credential of a profile that is kept there. It is not an
// error if it is gone.
func (f Folder) Remove(name string, from Keeper) error {
	switch from {
	case Keyring:
		return removeFromKeyring(name)
	case File:
		if err := os.Remove(f.credential(name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return failure.Usagef("%s cannot be deleted (%v)", f.credential(name), withoutPath(err))
		}
	}
	return nil
}
