package profile

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"time"

	"github.com/zalando/go-keyring"

	"github.com/keyward/keyward/shared/cmd/keyward/failure"
)

// service is the name under which the keyring shows the credentials.
const service = "keyward"

// keyringTimeout is how long a keyring may take: the system may ask to unlock it.
var keyringTimeout = time.Minute

// errLocked is told for every fault of a keyring, because that it is locked is by
// far the commonest, and the others have the same way out.
var errLocked = failure.SignInf("the system's keyring is locked or does not answer: unlock it, or set %s=%s to use a file, or set KEYWARD_URL and KEYWARD_API_KEY", EnvKeeper, File)

// hasKeyring reports whether the system may have a keyring. On Linux and its kin
// that is a service on the session's bus; without a bus, asking would start one.
func hasKeyring() bool {
	switch runtime.GOOS {
	case "darwin", "windows":
		return true
	}
	if os.Getenv("DBUS_SESSION_BUS_ADDRESS") != "" {
		return true
	}
	_, err := os.Stat(filepath.Join("/run/user", strconv.Itoa(os.Getuid()), "bus"))
	return err == nil
}

// toKeyring keeps a text in the keyring. It returns false where there is no
// keyring, or where the text is too long for it.
func toKeyring(wanted Keeper, name, text string) (kept bool, err error) {
	switch wanted {
	case File:
		return false, nil
	case "", Keyring:
	default:
		return false, failure.Usagef("%s is keyring or file", EnvKeeper)
	}
	if wanted == "" && !hasKeyring() {
		return false, nil
	}
	_, err = withKeyring(func() (string, error) { return "", keyring.Set(service, name, text) })
	switch {
	case err == nil:
		return true, nil
	case wanted == "" && (errors.Is(err, keyring.ErrSetDataTooBig) || absent(err)):
		return false, nil
	}
	return false, errLocked
}

func fromKeyring(name string) (string, error) {
	text, err := withKeyring(func() (string, error) { return keyring.Get(service, name) })
	switch {
	case errors.Is(err, keyring.ErrNotFound):
		return "", fs.ErrNotExist
	case err != nil:
		return "", errLocked
	}
	return text, nil
}

func removeFromKeyring(name string) error {
	_, err := withKeyring(func() (string, error) { return "", keyring.Delete(service, name) })
	if err != nil && !errors.Is(err, keyring.ErrNotFound) {
		return errLocked
	}
	return nil
}

// withKeyring limits the time of a call, which cannot be ended otherwise.
func withKeyring(call func() (string, error)) (string, error) {
	type answer struct {
		text string
		err  error
	}
	answers := make(chan answer, 1)
	go func() {
		text, err := call()
		answers <- answer{text, err}
	}()
	select {
	case a := <-answers:
		return a.text, a.err
	case <-time.After(keyringTimeout):
		return "", errLocked
	}
}
