package lambda

import "syscall"

// ownGroup puts a process in a group of its own, so that it can be ended with
// its children, and ends it when this program dies.
func ownGroup() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
