package apikey

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/keyward/keyward/shared/routing"
)

// maxResource is how many characters API Gateway allows for a resource in an
// authorizer's policy.
const maxResource = 512

// The longest values of what a registered API may leave out.
const (
	longestRegion = "us-isob-northwest-1"
	longestStage  = 128
)

// checkGatewaySettings checks the draft's Unlisted and Cache.
func (c *serviceFaults) checkGatewaySettings(d ServiceDraft) {
	if d.Unlisted != "" && d.Unlisted != routing.RefuseUnlisted && d.Unlisted != routing.AuthenticateUnlisted {
		c.fault("unlistedRoutes", FieldValue, fmt.Sprintf("unlistedRoutes must be %s or %s.", routing.RefuseUnlisted, routing.AuthenticateUnlisted))
	}
	if d.Cache.Seconds < 0 || d.Cache.Seconds > routing.MaxCacheSeconds {
		c.fault("gatewayCache.seconds", FieldValue, fmt.Sprintf("seconds must be from 0 to %d.", routing.MaxCacheSeconds))
	}
	for i, key := range d.Cache.By {
		field := fmt.Sprintf("gatewayCache.by[%d]", i)
		switch {
		case !slices.Contains(routing.CacheKeys(), key):
			c.fault(field, FieldValue, "by can contain only route, source and host.")
		case slices.Contains(d.Cache.By[:i], key):
			c.fault(field, FieldConflict, "It is listed twice. List it once.")
		}
	}
}

// checkResources refuses routes whose resource does not fit into a policy.
func (c *serviceFaults) checkResources(d ServiceDraft) {
	room := maxResource - longestPrefix(d.APIs)
	for i, route := range d.Routes {
		if n := routing.Parameters(route.Path); n > MaxParameters {
			c.fault(fmt.Sprintf("routes[%d].path", i), FieldTooLong, fmt.Sprintf("The path has %d {parameters}; at most %d are allowed.", n, MaxParameters))
		}
		if strings.HasPrefix(route.Path, "/") && routing.LongestResource(route.Path) > room {
			c.fault(fmt.Sprintf("routes[%d].path", i), FieldTooLong, fmt.Sprintf(
				"The path can have at most %d characters, counting each {parameter} as one, because API Gateway allows no longer resource in a policy.", room))
		}
	}
}

// tooManySteps is the fault of routes that are too expensive to compare.
var tooManySteps = FieldError{"routes", FieldTooLong, fmt.Sprintf(
	"Comparing the routes with each other takes more than %d steps, the limit for a service with a gatewayCache. Send fewer or shorter paths with {parameters}, or no gatewayCache.", routing.MaxSteps)}

// warnings returns the warnings of the service that the draft describes. The
// draft must have no other faults. The error is [Invalid] if gateways cache
// answers and the routes need more than [routing.MaxSteps] to compare, or exceed
// [MaxOverlaps] or [MaxPolicyBytes].
func (d ServiceDraft) warnings() ([]routing.Warning, error) {
	if !d.Cache.Enabled() {
		return nil, nil
	}
	analysis := routing.Analyze(d.Routes, d.Unlisted)
	if !analysis.Incomplete() {
		c := &serviceFaults{}
		c.checkPolicyLimits(analysis, longestPrefix(d.APIs))
		if c.faults != nil {
			return nil, InvalidError(c.faults...)
		}
	}
	warnings := analysis.Warnings(d.Cache)
	if analysis.Incomplete() {
		return nil, InvalidError(tooManySteps)
	}
	return warnings, nil
}

// checkPolicyLimits refuses routes whose policies for the whole API would take
// the authorizer too long or be too large. prefix is the length of the longest
// text before the path of a pattern.
func (c *serviceFaults) checkPolicyLimits(analysis *routing.Analysis, prefix int) {
	if n := analysis.Overlaps(); n > MaxOverlaps {
		c.fault("routes", FieldTooLong, fmt.Sprintf(
			"The paths overlap %d times; at most %d are allowed with a gatewayCache. Two paths overlap if one request, or the policy for one, fits both. Send fewer paths with {parameters}, or no gatewayCache.", n, MaxOverlaps))
		return
	}
	if n := analysis.PolicyBytes(max(0, prefix-len("OPTIONS"))); n > MaxPolicyBytes {
		c.fault("routes", FieldTooLong, fmt.Sprintf(
			"The policy that a gateway caches would have up to %d bytes; at most %d are allowed. Send fewer routes, shorter paths or fewer {parameters}, or name the apis' stages.", n, MaxPolicyBytes))
	}
}

// longestPrefix returns how many characters can precede the path in the
// resource name of a request to one of the APIs.
func longestPrefix(apis []routing.API) int {
	longest := 0
	for _, api := range apis {
		stage := cmp.Or(len(api.Stage), longestStage)
		region := cmp.Or(api.Region, longestRegion)
		longest = max(longest, len("arn:aws-us-gov:execute-api:"+region+":"+api.Account+":"+api.ID+"/")+stage+len("/OPTIONS"))
	}
	return longest
}
