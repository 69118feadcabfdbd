package apikey

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// maxResource is how many characters API Gateway takes for a resource in an
// authorizer's policy.
const maxResource = 512

// The longest texts of an API that a registration can leave open.
const (
	longestRegion = "us-isob-northwest-1"
	longestStage  = 128
)

// gateways finds the faults of what the service says of its gateways.
func (c *checking) gateways(d ServiceDraft) {
	if d.Unlisted != "" && d.Unlisted != RefuseUnlisted && d.Unlisted != AuthenticateUnlisted {
		c.fault("unlistedRoutes", FieldValue, fmt.Sprintf("unlistedRoutes is %s or %s.", RefuseUnlisted, AuthenticateUnlisted))
	}
	if d.Cache.Seconds < 0 || d.Cache.Seconds > MaxCacheSeconds {
		c.fault("gatewayCache.seconds", FieldValue, fmt.Sprintf("seconds is 0 to %d.", MaxCacheSeconds))
	}
	for i, key := range d.Cache.By {
		field := fmt.Sprintf("gatewayCache.by[%d]", i)
		switch {
		case !slices.Contains(CacheKeys(), key):
			c.fault(field, FieldValue, "by has route, source and host.")
		case slices.Contains(d.Cache.By[:i], key):
			c.fault(field, FieldConflict, "It is there twice.")
		}
	}
}

// resources finds routes that no policy can hold.
func (c *checking) resources(d ServiceDraft) {
	room := maxResource - longestPrefix(d.APIs)
	for i, route := range d.Routes {
		t := newTemplate(route.Path)
		if n := t.parameters(); n > MaxParameters {
			c.fault(fmt.Sprintf("routes[%d].path", i), FieldTooLong, fmt.Sprintf("The path has %d {parameters}, at most %d.", n, MaxParameters))
		}
		length := len(t.resource())
		if slices.ContainsFunc(t.segments, func(s segment) bool { return s.rank == parameter }) {
			length += len("/*")
		}
		if strings.HasPrefix(route.Path, "/") && length > room {
			c.fault(fmt.Sprintf("routes[%d].path", i), FieldTooLong, fmt.Sprintf(
				"The path is at most %d characters, of which a {parameter} is one: API Gateway takes no longer resource in a policy.", room))
		}
	}
}

// longestPrefix is how many characters can stand before the path in the name of
// a request to one of the APIs.
func longestPrefix(apis []API) int {
	longest := 0
	for _, api := range apis {
		stage := cmp.Or(len(api.Stage), longestStage)
		region := cmp.Or(api.Region, longestRegion)
		longest = max(longest, len("arn:aws-us-gov:execute-api:"+region+":"+api.Account+":"+api.ID+"/")+stage+len("/OPTIONS"))
	}
	return longest
}
