//go:build !linux

package child

import "syscall"

// Attributes put a child in a group of its own, so that it can be ended in order;
// nothing ends it if its parent dies without doing so.
func Attributes() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }
