//go:build !linux

package child

import "syscall"

// Attributes returns the attributes of a child process. The child is in its own
// group, so that it can be shut down in order. If its parent dies without doing
// so, nothing ends it.
func Attributes() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }
