//go:build !linux

package dynamodb

import "syscall"

// ownProcess asks for nothing: elsewhere the child gets a terminal's Ctrl-C
// together with its parent, which is what ends it if the parent cannot.
func ownProcess() *syscall.SysProcAttr { return nil }
