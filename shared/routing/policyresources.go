package routing

import (
	"slices"
	"strings"

	"github.com/keyward/keyward/shared/permission"
)

// PolicyResources are the patterns of one caller's policy. A pattern is the part
// of a request's ARN after the stage: a method and a path, in which * matches any
// text. A request is allowed if it matches a pattern of Allow and none of Deny.
// No pattern contains anything that a caller wrote.
type PolicyResources struct {
	Allow, Deny []string
	// AllOpen is whether the caller may make every request that the routes can
	// mean. The policy can still deny some that are spelled in an odd way.
	AllOpen bool
}

// oddPaths match paths that a gateway may read differently from how they are
// spelled.
var oddPaths = []string{"*%*", "*//*", "*/./*", "*/../*", "*/.", "*/..", "*/*/"}

// Compile returns the patterns for a caller who holds these permissions.
func (c *PolicyCompiler) Compile(held permission.Set) PolicyResources {
	open, all := make([]bool, len(c.routes)), true
	for i, route := range c.routes {
		open[i] = route.OpenTo(held)
		all = all && open[i]
	}
	p := PolicyResources{AllOpen: all && c.complete}
	if c.unlisted {
		p.Allow = c.everything
	} else {
		p.Allow = choose(c.allow, open)
	}
	wild := slices.ContainsFunc(p.Allow, func(resource string) bool { return strings.Contains(resource, "*") })
	if !wild || c.unlisted && all {
		return p
	}
	p.Deny = append(choose(c.deny, open), oddPaths...)
	return p
}

// choose returns the patterns for a caller with these open routes, without
// those that another one includes. The candidates are sorted, so the patterns
// that a trailing * includes come right after it.
func choose(candidates []candidate, open []bool) []string {
	var chosen []string
	last, covered := "", false
	for _, c := range candidates {
		if covered && strings.HasPrefix(c.resource, last) || len(chosen) > 0 && chosen[len(chosen)-1] == c.resource || !c.includedFor(open) {
			continue
		}
		chosen = append(chosen, c.resource)
		if before, ends := strings.CutSuffix(c.resource, "*"); ends {
			last, covered = before, true
		}
	}
	return chosen
}
