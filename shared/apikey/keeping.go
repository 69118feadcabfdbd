package apikey

import (
	"fmt"

	"github.com/keyward/keyward/shared/routing"
)

// tooManySteps is the fault of routes that are too expensive to compare.
var tooManySteps = FieldError{"routes", FieldTooLong, fmt.Sprintf(
	"The routes cannot be compared with each other in %d steps, the most for a service with a gatewayCache. Send fewer or shorter paths with {parameters}, or no gatewayCache.", routing.MaxSteps)}

// warnings returns the warnings of the service that the draft describes. The
// draft must have no other faults. The error is [Invalid] if gateways cache
// answers and the routes need more than [routing.MaxSteps] to compare, or exceed
// [MaxOverlaps] or [MaxPolicyBytes].
func (d ServiceDraft) warnings() ([]routing.Warning, error) {
	if !d.Cache.Keeps() {
		return nil, nil
	}
	analysis := routing.Analyze(d.Routes, d.Unlisted)
	if !analysis.Incomplete() {
		c := &checking{}
		c.cached(analysis, longestPrefix(d.APIs))
		if c.faults != nil {
			return nil, refuse(c.faults)
		}
	}
	warnings := analysis.Warnings(d.Cache)
	if analysis.Incomplete() {
		return nil, invalid(tooManySteps)
	}
	return warnings, nil
}

// cached finds whether policies for the whole API are too much for the authorizer
// or for a gateway. prefix is the longest text before the path of a pattern.
func (c *checking) cached(analysis *routing.Analysis, prefix int) {
	if n := analysis.Overlaps(); n > MaxOverlaps {
		c.fault("routes", FieldTooLong, fmt.Sprintf(
			"The paths overlap %d times, at most %d with a gatewayCache. Two do where one request, or the policy for one, fits both.", n, MaxOverlaps))
		return
	}
	if n := analysis.PolicyBytes(max(0, prefix-len("OPTIONS"))); n > MaxPolicyBytes {
		c.fault("routes", FieldTooLong, fmt.Sprintf(
			"The policy that a gateway keeps can have %d bytes, at most %d. Send fewer routes, shorter paths or fewer {parameters}, or name the apis' stages.", n, MaxPolicyBytes))
	}
}
