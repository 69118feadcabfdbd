package stack

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// ErrLocked means that another process has locked the folder.
var ErrLocked = errors.New("another process has locked it")

// Lock creates a folder if missing, accessible only to its owner. It locks the
// folder until the file is closed or the process ends, so a crash leaves no lock
// behind. Errors: [ErrLocked], and those of the file system.
func Lock(folder string) (*os.File, error) {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, fmt.Errorf("make the folder: %w", err)
	}
	lock, err := os.OpenFile(filepath.Join(folder, "lock"), os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock the folder: %w", err)
	}
	if err = syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err == nil {
		return lock, nil
	}
	_ = lock.Close()
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return nil, ErrLocked
	}
	return nil, fmt.Errorf("lock the folder: %w", err)
}

// claimDataDir creates the data folder if missing, and locks it for this stack.
// Two stacks would damage it.
func (s *Stack) claimDataDir() error {
	folder := s.options.DataDir
	if folder == "" {
		return nil
	}
	lock, err := Lock(folder)
	switch {
	case errors.Is(err, ErrLocked):
		return fmt.Errorf("another stack runs on %s: end it, or set DATA_DIR to another folder", folder)
	case err != nil:
		return fmt.Errorf("the data folder: %w", err)
	}
	s.lock = lock
	return nil
}
