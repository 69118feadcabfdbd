package runtimeapi

import (
	"net"
	"syscall"
)

// block lets reads wait in the kernel instead of in Go's poller. With one slot
// nothing else is to run meanwhile, and the way through the poller, with the
// threads that it wakes, costs more than all else that the loop does. Such a
// connection cannot be closed while it is read.
func block(conn net.Conn) {
	if raw, err := conn.(*net.TCPConn).SyscallConn(); err == nil {
		_ = raw.Control(func(fd uintptr) { _ = syscall.SetNonblock(int(fd), false) })
	}
}
