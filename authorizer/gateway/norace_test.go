//go:build !race

package gateway

// slowness is by how much the race detector slows a scan down.
const slowness = 1
