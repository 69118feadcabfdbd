//go:build !linux

package runtimeapi

import "net"

func block(net.Conn) {}
