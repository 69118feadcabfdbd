package stack

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// lockFile is in a data folder what its stack holds a lock on. The kernel ends
// the lock with the process, so that a crash leaves none behind.
const lockFile = "lock"

// claimDataDir makes the data folder where it is missing, for its owner alone,
// and takes it for this stack. Two stacks in one folder would damage it.
func (s *Stack) claimDataDir() error {
	folder := s.options.DataDir
	if folder == "" {
		return nil
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return fmt.Errorf("make the data folder: %w", err)
	}
	lock, err := os.OpenFile(filepath.Join(folder, lockFile), os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("lock the data folder: %w", err)
	}
	err = syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if err == nil {
		s.lock = lock
		return nil
	}
	_ = lock.Close()
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return fmt.Errorf("another stack runs on %s: end it, or set DATA_DIR to another folder", folder)
	}
	return fmt.Errorf("lock the data folder: %w", err)
}
