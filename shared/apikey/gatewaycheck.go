package apikey

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/keyward/keyward/shared/routing"
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
	if d.Unlisted != "" && d.Unlisted != routing.RefuseUnlisted && d.Unlisted != routing.AuthenticateUnlisted {
		c.fault("unlistedRoutes", FieldValue, fmt.Sprintf("unlistedRoutes is %s or %s.", routing.RefuseUnlisted, routing.AuthenticateUnlisted))
	}
	if d.Cache.Seconds < 0 || d.Cache.Seconds > routing.MaxCacheSeconds {
		c.fault("gatewayCache.seconds", FieldValue, fmt.Sprintf("seconds is 0 to %d.", routing.MaxCacheSeconds))
	}
	for i, key := range d.Cache.By {
		field := fmt.Sprintf("gatewayCache.by[%d]", i)
		switch {
		case !slices.Contains(routing.CacheKeys(), key):
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
		if n := routing.Parameters(route.Path); n > MaxParameters {
			c.fault(fmt.Sprintf("routes[%d].path", i), FieldTooLong, fmt.Sprintf("The path has %d {parameters}, at most %d.", n, MaxParameters))
		}
		if strings.HasPrefix(route.Path, "/") && routing.LongestResource(route.Path) > room {
			c.fault(fmt.Sprintf("routes[%d].path", i), FieldTooLong, fmt.Sprintf(
				"The path is at most %d characters, of which a {parameter} is one: API Gateway takes no longer resource in a policy.", room))
		}
	}
}

// longestPrefix is how many characters can stand before the path in the name of
// a request to one of the APIs.
func longestPrefix(apis []routing.API) int {
	longest := 0
	for _, api := range apis {
		stage := cmp.Or(len(api.Stage), longestStage)
		region := cmp.Or(api.Region, longestRegion)
		longest = max(longest, len("arn:aws-us-gov:execute-api:"+region+":"+api.Account+":"+api.ID+"/")+stage+len("/OPTIONS"))
	}
	return longest
}
