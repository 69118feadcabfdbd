package child

import "syscall"

// Attributes keep a terminal's Ctrl-C from a child, which is ended in order
// instead, and end it with its parent however that dies.
func Attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
