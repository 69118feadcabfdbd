// Package port finds ports for servers that are stopped and started again in their
// place.
package port

import (
	"math/rand/v2"
	"net"
	"strconv"
)

// The ports below those that systems hand out by themselves, for connections too:
// one that is free stays so while its server is away.
const lowest, highest = 20_000, 32_000

// Listen listens on a port of a host; 0 picks a free one. The host may be empty for
// all of this machine's addresses.
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
