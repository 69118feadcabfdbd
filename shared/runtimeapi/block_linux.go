package runtimeapi

import (
	"net"
	"syscall"
)

// block makes reads wait in the kernel instead of in Go's poller. With one slot,
// nothing else runs meanwhile, and the poller with the threads that it wakes
// would cost more than the rest of the loop. Such a connection cannot be closed
// during a read.
func block(conn net.Conn) {
	if raw, err := conn.(*net.TCPConn).SyscallConn(); err == nil {
		_ = raw.Control(func(fd uintptr) { _ = syscall.SetNonblock(int(fd), false) })
	}
}
