package stack

import (
	"errors"
	"fmt"
)

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
