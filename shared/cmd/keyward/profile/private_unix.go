//go:build unix

package profile

import (
	"errors"
	"io/fs"
	"os"
	"syscall"
)

func openPrivate(path string) (*os.File, error) {
	file, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0)
	if errors.Is(err, syscall.ELOOP) {
		return nil, errors.New("it is a symbolic link")
	}
	return file, err
}

// exposed returns why a file is not private, or "" if it is.
func exposed(info fs.FileInfo) string {
	owner, ok := info.Sys().(*syscall.Stat_t)
	switch {
	case !info.Mode().IsRegular():
		return "it is not a regular file"
	case !ok || int(owner.Uid) != os.Geteuid():
		return "it belongs to somebody else"
	case info.Mode().Perm()&0o077 != 0:
		return "others can read or write it"
	}
	return ""
}

// lock keeps other calls from changing a folder until unlock. A file system that
// has no locks gives none.
func lock(folder string) (unlock func(), err error) {
	held, err := os.Open(folder)
	if err != nil {
		return nil, err
	}
	_ = syscall.Flock(int(held.Fd()), syscall.LOCK_EX)
	return func() { _ = held.Close() }, nil
}
