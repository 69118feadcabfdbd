package child

import "syscall"

// Attributes returns the attributes of a child process. A terminal's Ctrl-C does
// not reach the child, so that it can be shut down in order. It ends with its
// parent, however that dies.
func Attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
