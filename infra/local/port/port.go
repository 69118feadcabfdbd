// Package port finds ports for servers that stop and restart on the same port.
package port

import (
	"math/rand/v2"
	"net"
	"strconv"
)

// These ports are below those that systems assign by themselves, for connections
// too. So a free one stays free while its server is down.
const lowest, highest = 20_000, 32_000

// Listen listens on a port of a host; 0 picks a free one. An empty host means
// all addresses of this machine.
func Listen(host string, port int) (net.Listener, error) {
	if port != 0 {
		return net.Listen("tcp", net.JoinHostPort(host, strconv.Itoa(port)))
	}
	for range 100 {
		if listener, err := Listen(host, lowest+rand.IntN(highest-lowest)); err == nil {
			return listener, nil
		}
	}
	return net.Listen("tcp", net.JoinHostPort(host, "0"))
}
