//go:build unix

package profile

import (
	"errors"
	"os"
	"slices"
	"syscall"

	"github.com/godbus/dbus/v5"
	"github.com/zalando/go-keyring"
)

// absent reports whether an error means that the system has no keyring: nothing
// listens on the bus, or no service has taken the name.
func absent(err error) bool {
	if errors.Is(err, keyring.ErrUnsupportedPlatform) || errors.Is(err, os.ErrNotExist) || errors.Is(err, syscall.ECONNREFUSED) {
		return true
	}
	told, ok := errors.AsType[dbus.Error](err)
	return ok && slices.Contains([]string{"org.freedesktop.DBus.Error.ServiceUnknown", "org.freedesktop.DBus.Error.NameHasNoOwner"}, told.Name)
}
