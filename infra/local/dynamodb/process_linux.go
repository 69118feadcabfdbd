package dynamodb

import "syscall"

// ownProcess keeps a terminal's Ctrl-C from the child, which is ended in order
// instead, and ends it with its parent however that dies.
func ownProcess() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
