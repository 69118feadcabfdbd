package port

import (
	"net"
	"testing"
)

// A picked port is free, is not assigned to connections by the system, and can
// be reused. A taken port is an error.
func TestListen(t *testing.T) {
	first, err := Listen("127.0.0.1", 0)
	if err != nil {
		t.Fatal(err)
	}
	port := first.Addr().(*net.TCPAddr).Port
	if port < lowest || port >= highest {
		t.Errorf("port %d", port)
	}
	if second, err := Listen("127.0.0.1", port); err == nil {
		_ = second.Close()
		t.Error("a port was taken twice")
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	again, err := Listen("127.0.0.1", port)
	if err != nil {
		t.Fatal(err)
	}
	_ = again.Close()
}
