package apikey

import (
	"slices"
	"strings"
)

// Coverage is a caller's part of a [Reach]. A resource is what follows the stage
// in the name of a request: a method and a path, in which * takes any text. A
// request is allowed where a resource of Allow takes it and none of Deny does.
// The resources hold nothing that a caller wrote.
type Coverage struct {
	Allow, Deny []string
	// Whole is whether every request that the routes can mean is open. A policy
	// can still deny some, which are spelled in an odd way.
	Whole bool
}

// oddResources are paths that a gateway may read otherwise than they are
// spelled.
var oddResources = []string{"*%*", "*//*", "*/./*", "*/../*", "*/.", "*/..", "*/*/"}

// Of is what a caller who holds those permissions may use.
func (r *Reach) Of(held Permissions) Coverage {
	open, all := make([]bool, len(r.routes)), true
	for i, route := range r.routes {
		open[i] = route.OpenTo(held)
		all = all && open[i]
	}
	c := Coverage{Whole: all && r.complete}
	if r.unlisted {
		c.Allow = r.everything
	} else {
		c.Allow = choose(r.allow, open)
	}
	wild := slices.ContainsFunc(c.Allow, func(resource string) bool { return strings.Contains(resource, "*") })
	if !wild || r.unlisted && all {
		return c
	}
	c.Deny = append(choose(r.deny, open), oddResources...)
	return c
}

// choose are the resources that count, without those that another one of them
// takes in whole. They are in order, so that what begins like a resource with a *
// at its end follows it.
func choose(candidates []candidate, open []bool) []string {
	var chosen []string
	last, covered := "", false
	for _, c := range candidates {
		if covered && strings.HasPrefix(c.resource, last) || len(chosen) > 0 && chosen[len(chosen)-1] == c.resource || !c.counts(open) {
			continue
		}
		chosen = append(chosen, c.resource)
		if before, ends := strings.CutSuffix(c.resource, "*"); ends {
			last, covered = before, true
		}
	}
	return chosen
}
